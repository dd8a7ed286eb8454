//! Compiled files: what `compile-file` writes and `load` runs. A compiled file is a module that is linked to the library's image; a custom
//! section says to which.

use std::borrow::Cow;
use std::sync::Arc;

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{Context, TopForm};
use clysm_compiler::module::{Linkage, file_unit, link};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_host::HostError;
use clysm_reader::{Datum, Symbol, prin1};
use clysm_report::{Diagnostic, SourceMap};
use thiserror::Error;
use wasm_encoder::{CustomSection, Section as _};
use wasmparser::{Parser, Payload};

use crate::live::{Live, Place};
use crate::program::WholeProgram;
use crate::source::Source;
use crate::{Error, cache};

/// The section with the name of the image that a compiled file is for.
const SECTION: &str = "clysm.image";

/// Why a compiled file can't be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CompiledFileError {
    /// The octets are no module, or one that no compiled file is.
    #[error("it is no compiled file")]
    Other,
    /// Another version of the library, or of the compiler, made it.
    #[error("it was compiled by another version of Clysm, and has to be compiled again")]
    Version,
}

/// What [`Engine::compile_file`](crate::Engine::compile_file) has made of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFile {
    /// The module; none when a form does not compile.
    pub octets: Option<Vec<u8>>,
    /// The beginning of each form that was read, such as `(DEFUN F …)`.
    pub forms: Vec<String>,
    /// What was wrong, in the order of the places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a file, given by path and text, as CLHS 3.2.3 says: what it does at compile time happens in the image.
///
/// # Errors
/// The host fails, or the program ends.
pub(crate) fn compile_file<P: Place>(
    cx: &mut Context,
    live: &mut Live<'_, P>,
    sources: &mut SourceMap,
    path: &str,
    text: &str,
) -> Result<CompiledFile, Error> {
    // A compilation unit of its own, and a file of its own: the form that asks for it may be within another.
    let (outer, current) = (std::mem::take(&mut cx.unit), cx.symbols.current);
    let said = cx.diagnostics.len();
    let mut compilation = Compilation {
        host: WholeProgram::after_library(Live { place: &mut *live.place, image: live.image }),
        forms: Vec::new(),
        errors: Vec::new(),
    };
    let outcome = compilation.run(cx, Source::new(text, sources.add(path, text)));
    let Compilation { host, forms, mut errors } = compilation;
    let kept = host.kept;
    cx.unit = outer;
    cx.symbols.current = current;
    let mut diagnostics = cx.diagnostics.split_off(said);
    outcome?;
    let octets = if errors.is_empty() { Some(module(cx, live, &kept)?) } else { None };
    diagnostics.append(&mut errors);
    diagnostics.sort_by_key(Diagnostic::span);
    Ok(CompiledFile { octets, forms, diagnostics })
}

struct Compilation<'a, P> {
    host: WholeProgram<'a, P>,
    forms: Vec<String>,
    errors: Vec<Diagnostic>,
}

impl<P: Place> Compilation<'_, P> {
    fn run(&mut self, cx: &mut Context, mut source: Source<'_>) -> Result<(), Error> {
        self.host.live.refresh(cx)?;
        while self.form(cx, &mut source)? {}
        finish_unit(cx, &mut self.host);
        match self.host.live.image.lock().failure.take() {
            Some(failure @ Error::Host(_)) => Err(failure),
            _ => Ok(()),
        }
    }

    /// Reads a form and converts it. False at the end, or where reading can't go on.
    fn form(&mut self, cx: &mut Context, source: &mut Source<'_>) -> Result<bool, Error> {
        match self.host.next_form(cx, source) {
            Ok(None) => return Ok(false),
            Ok(Some(form)) => {
                self.forms.push(beginning(cx, form));
                self.errors.extend(compile_toplevel(cx, &mut self.host, form).err().map(|error| error.diagnostic()));
            }
            Err(Error::Read(error)) => self.errors.push(Diagnostic::from(&error)),
            // The image's own reader failed, as after a change of the readtable, and can't go on.
            Err(error @ (Error::Lisp(_) | Error::Located { .. })) => {
                self.errors.push(error.diagnostic().at(source.place(), "reading this"));
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}

/// How a form begins.
fn beginning(cx: &Context, form: Datum) -> String {
    let shown = |datum| match datum {
        Datum::Cons(_) | Datum::Object(_) => "…".to_owned(),
        datum => prin1(&cx.heap, &cx.symbols, datum),
    };
    let Some((operator, rest)) = cx.heap.uncons(form) else { return shown(form) };
    match cx.heap.uncons(rest) {
        Some((first, rest)) => {
            format!("({} {}{})", shown(operator), shown(first), if rest.is_nil() { "" } else { " …" })
        }
        None => format!("({})", shown(operator)),
    }
}

/// The module of a file's forms.
fn module<P: Place>(cx: &Context, live: &Live<'_, P>, forms: &[TopForm]) -> Result<Vec<u8>, Error> {
    let image = live.image.lock();
    let is_library = |symbol: Symbol| cx.is_system(symbol) && image.direct.contains(&symbol);
    let mut unit = file_unit(cx, &image.intrinsics, forms, &is_library);
    unit.function_names = true;
    let mut octets = link(cx, &image.intrinsics, &unit, Linkage::CompiledFile)?.bytes;
    CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Borrowed(cache::key().as_bytes()) }.append_to(&mut octets);
    Ok(octets)
}

/// Whether octets may be those of a compiled file, and not a text.
pub(crate) fn is_module(octets: &[u8]) -> bool {
    octets.starts_with(b"\0asm")
}

/// Runs a compiled file in the image.
///
/// # Errors
/// It is none, or for another image; those of its forms.
pub(crate) fn load_file<P: Place>(
    cx: &mut Context,
    live: &mut Live<'_, P>,
    path: &str,
    octets: &[u8],
) -> Result<(), Error> {
    let refused = |error| Error::CompiledFile { path: path.to_owned(), error };
    check(octets).map_err(refused)?;
    let engine = live.image.lock().engine.clone();
    let compiled = engine.compile(octets).map_err(|error| match error {
        HostError::Module(_) => refused(CompiledFileError::Other),
        error => Error::Host(error),
    })?;
    live.load_compiled(cx, &compiled, Arc::from([]), &[])
}

/// Whether the octets are those of a compiled file for this image.
fn check(octets: &[u8]) -> Result<(), CompiledFileError> {
    for payload in Parser::new(0).parse_all(octets) {
        match payload.map_err(|_| CompiledFileError::Other)? {
            Payload::CustomSection(section) if section.name() == SECTION => {
                let same = section.data() == cache::key().as_bytes();
                return if same { Ok(()) } else { Err(CompiledFileError::Version) };
            }
            _ => {}
        }
    }
    Err(CompiledFileError::Other)
}
