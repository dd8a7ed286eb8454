//! Building the base image from the embedded sources: a seed without macros first, then file by file, each with the macros
//! of those before it; at last everything once more as one module.

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{CallError, CompileTime, Context, TopForm};
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::module::{Linkage, Module, complete_unit, defined_function, link};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_host::{Capabilities, Engine as HostEngine, Limits, Session};
use clysm_lisp::{LIBRARY, SEED};
use clysm_reader::codec::SymbolIds;
use clysm_reader::{Datum, Heap, PackageId, Symbol, Symbols};
use clysm_report::{Diagnostic, SourceMap, Span};

use crate::image::{Image, Known, Mode, SharedImage};
use crate::live::Live;
use crate::source::FormReader;
use crate::{Error, Progress};

/// A compiled library: one module, and what the compiler knows after it.
pub struct Library {
    /// The base image's module.
    pub module: Module,
    /// The compiler's state.
    pub cx: Context,
    /// The library's sources.
    pub sources: SourceMap,
    /// What was wrong with forms that did not compile.
    pub errors: Vec<Diagnostic>,
}

/// Takes forms while there is no image yet: only definitions that need none.
struct Seed {
    forms: Vec<TopForm>,
}

impl CompileTime for Seed {
    fn call(&mut self, _: &mut Context, function: &str, _: &[Datum]) -> Result<Datum, CallError> {
        Err(CallError {
            report: format!("{function} is not there yet: the first files can't use macros of the library"),
        })
    }

    fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
        self.forms.push(form);
        Ok(())
    }

    fn evaluate(&mut self, _: &mut Context, _: Datum) -> Result<(), CallError> {
        Ok(())
    }

    fn loads_source(&self) -> bool {
        true
    }

    fn is_library(&self) -> bool {
        true
    }
}

/// Reads and compiles one file; counts its forms and those that failed.
pub(crate) fn compile_source(
    cx: &mut Context,
    host: &mut dyn CompileTime,
    sources: &mut SourceMap,
    path: &str,
    text: &str,
    errors: &mut Vec<Diagnostic>,
) -> (usize, usize) {
    compile_accepted(cx, host, sources, (path, text), errors, &mut |_, _, _| true)
}

/// Likewise, but forms that are not accepted, given with their places, are not compiled: they count as failed.
pub(crate) fn compile_accepted(
    cx: &mut Context,
    host: &mut dyn CompileTime,
    sources: &mut SourceMap,
    (path, text): (&str, &str),
    errors: &mut Vec<Diagnostic>,
    accept: &mut dyn FnMut(&Context, Datum, Span) -> bool,
) -> (usize, usize) {
    let file = sources.add(path, text);
    let mut reader = FormReader::new(text, file);
    reader.reader.set_features(features(&mut cx.symbols));
    let (mut forms, mut failed) = (0, 0);
    loop {
        match reader.read(cx, host) {
            Ok(None) => return (forms, failed),
            Ok(Some(form)) => {
                forms += 1;
                if !accept(cx, form, cx.heap.span(form)) {
                    failed += 1;
                } else if let Err(error) = compile_toplevel(cx, host, form) {
                    failed += 1;
                    errors.push(error.diagnostic());
                }
            }
            Err(error) => {
                forms += 1;
                failed += 1;
                errors.push(Diagnostic::from(&error));
            }
        }
    }
}

/// The features that sources are read with.
pub(crate) fn features(symbols: &mut Symbols) -> Vec<Symbol> {
    ["CLYSM", "COMMON-LISP", "ANSI-CL", "WASM", "X3J13"]
        .into_iter()
        .map(|name| symbols.intern(PackageId::KEYWORD, name))
        .collect()
}

/// Compiles the library into the base image.
///
/// # Errors
/// A form does not compile, or the host fails.
pub fn build(engine: &HostEngine, on_progress: &mut dyn FnMut(Progress)) -> Result<Library, Error> {
    let mut cx = Context::new()?;
    cx.heap = Heap::new();
    let intrinsics = Intrinsics::new(&mut cx);
    let mut sources = SourceMap::new();
    let mut errors = Vec::new();
    let mut seed = Seed { forms: Vec::new() };
    let total = SEED.len() + LIBRARY.len();
    for (done, source) in SEED.iter().enumerate() {
        on_progress(Progress { stage: "library", done, total, item: source.path.to_owned() });
        compile_source(&mut cx, &mut seed, &mut sources, source.path, source.text, &mut errors);
    }
    if !errors.is_empty() {
        return Err(Error::Library(render_all(&errors, &sources)));
    }
    let (mut session, image) = start(engine, &mut cx, intrinsics, seed.forms)?;
    let mut live = Live { place: &mut session, image: &image };
    for (done, source) in LIBRARY.iter().enumerate() {
        on_progress(Progress { stage: "library", done: SEED.len() + done, total, item: source.path.to_owned() });
        compile_source(&mut cx, &mut live, &mut sources, source.path, source.text, &mut errors);
        if let Err(error) = live.flush(&mut cx) {
            errors.push(error.diagnostic().hint(format!("while loading {}", source.path)));
        }
    }
    if !errors.is_empty() {
        return Err(Error::Library(render_all(&errors, &sources)));
    }
    finish_unit(&mut cx, &mut live);
    cx.library_is_complete = true;
    cx.symbols.current = PackageId::COMMON_LISP_USER;
    on_progress(Progress { stage: "linking", done: total, total, item: "the base image".to_owned() });
    let image = image.lock();
    let module = link_image(&mut cx, &image.intrinsics, &image.kept)?;
    Ok(Library { module, cx, sources, errors })
}

/// Diagnostics as text.
pub(crate) fn render_all(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    diagnostics.iter().map(|diagnostic| clysm_report::render(diagnostic, sources, false)).collect()
}

fn link_image(cx: &mut Context, intrinsics: &Intrinsics, forms: &[TopForm]) -> Result<Module, Error> {
    let packages = describe_packages(cx);
    let unit = complete_unit(cx, intrinsics, forms, packages);
    Ok(link(cx, intrinsics, &unit, Linkage::Image)?)
}

/// A vector with, for each package, a vector of its name, its nicknames, the names of the packages it uses, and the names of its
/// external symbols that are at home elsewhere.
pub(crate) fn describe_packages(cx: &mut Context) -> Datum {
    let packages: Vec<_> = cx.symbols.packages().collect();
    let mut descriptions = Vec::new();
    for package in packages {
        let name = cx.symbols.package_name(package).to_owned();
        let nicknames: Vec<String> = cx.symbols.nicknames(package).map(str::to_owned).collect();
        let uses: Vec<String> =
            cx.symbols.use_list(package).iter().map(|used| cx.symbols.package_name(*used).to_owned()).collect();
        let name = cx.heap.string(name);
        let nicknames: Vec<Datum> = nicknames.into_iter().map(|name| cx.heap.string(name)).collect();
        let uses: Vec<Datum> = uses.into_iter().map(|name| cx.heap.string(name)).collect();
        let nicknames = cx.heap.list(&nicknames, Span::NONE);
        let uses = cx.heap.list(&uses, Span::NONE);
        let externals = foreign_externals(cx, package);
        let externals: Vec<Datum> = externals.into_iter().map(|name| cx.heap.string(name)).collect();
        let externals = cx.heap.list(&externals, Span::NONE);
        descriptions.push(cx.heap.vector(vec![name, nicknames, uses, externals]));
    }
    cx.heap.vector(descriptions)
}

/// The names of the external symbols of a package that are at home elsewhere, in order.
pub(crate) fn foreign_externals(cx: &Context, package: PackageId) -> Vec<String> {
    let externals = cx.symbols.external_symbols(package).into_iter();
    let foreign = externals.filter(|symbol| cx.symbols.package(*symbol) != Some(package));
    let mut names: Vec<String> = foreign.map(|symbol| cx.symbols.name(symbol).to_owned()).collect();
    names.sort_unstable();
    names
}

/// Starts an image from the seed.
fn start(
    engine: &HostEngine,
    cx: &mut Context,
    intrinsics: Intrinsics,
    forms: Vec<TopForm>,
) -> Result<(Session, SharedImage), Error> {
    let module = link_image(cx, &intrinsics, &forms)?;
    let compiled = engine.compile(&module.bytes)?;
    let capabilities = Capabilities::new().refuse_at_call();
    let mut session = Session::new(engine, capabilities, Limits::default())?;
    let base = session.load(&compiled)?;
    session.call_start(base).map_err(|error| match session.take_report() {
        Some(report) => Error::Lisp(report),
        None => Error::Host(error),
    })?;
    let mut ids = SymbolIds::new(0);
    for (symbol, id) in module.symbols.iter().zip(0..) {
        ids.record(*symbol, id);
    }
    let direct = forms.iter().filter_map(|form| defined_function(form.kind)).collect();
    let mut image = Image::new(engine.clone(), base, Known { intrinsics, ids, direct }, Mode::Library);
    image.kept = forms;
    Ok((session, SharedImage::new(image)))
}

#[cfg(test)]
mod tests {
    use clysm_host::EngineOptions;

    use super::*;

    #[test]
    fn the_library_compiles_without_warnings() {
        let engine = HostEngine::new(EngineOptions::default()).expect("an engine");
        let library = clysm_host::on_big_stack(EngineOptions::default().stack_bytes, || build(&engine, &mut |_| {}));
        let library = library.expect("a library");
        assert_eq!(render_all(&library.cx.diagnostics, &library.sources), "");
    }
}
