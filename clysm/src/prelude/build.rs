//! Preludes and programs as one standalone module.

use std::collections::BTreeSet;

use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_host::{Capabilities, Engine as HostEngine, EngineOptions, Limits, Session, on_big_stack};
use clysm_prelude::references::References;
use clysm_prelude::{
    Export, HostPolicy, Listed, PreludeFacts, Preludes, Program, Requirement, SectionContents, append_section, guard,
};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, SourceMap, Span};
use thiserror::Error;

use super::examine::{self, SYSTEM, is_forbidden, symbols_read};
use super::{GuardedError, Prelude, PreludeError, facts, seal};
use crate::image::{self, Mode, Started};
use crate::program::{Conversion, Converted, Settings, holds_everything, link_program};
use crate::{BuildOptions, Error, Progress, cache};

/// A program that is built against a prelude.
#[derive(Debug)]
pub struct GuardedBuild {
    /// The module, with the records in its section `clysm.exports`.
    pub bytes: Vec<u8>,
    /// What the guard found that the program can reach, if there is a policy.
    pub listed: Option<Listed>,
    /// What the compiler warned of.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that positions refer to.
    pub sources: SourceMap,
}

/// Why there is no module.
#[derive(Debug, Error)]
pub enum GuardedBuildError {
    /// The prelude can't be used.
    #[error(transparent)]
    Prelude(#[from] PreludeError),
    /// The program does not compile, or does what it may not.
    #[error("{error}")]
    Program {
        /// What is wrong.
        #[source]
        error: Box<GuardedError>,
        /// The texts that positions refer to.
        sources: SourceMap,
    },
}

impl From<Error> for GuardedBuildError {
    fn from(error: Error) -> Self {
        Self::Prelude(error.into())
    }
}

/// Builds a program, given as files by path and text, with a prelude as one module, which imports the tools that it can call. The
/// program is examined as before a run; with a policy, what it can reach must be granted.
///
/// # Errors
/// The prelude and its policy contradict each other; the program does not compile, or does what it may not.
pub fn build_guarded(
    prelude: &Prelude,
    policy: Option<&HostPolicy>,
    files: &[(String, String)],
    options: &BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<GuardedBuild, GuardedBuildError> {
    let exports = prelude.exports(policy.unwrap_or(&HostPolicy::default()))?;
    let build = Build { prelude, policy, exports, files, options };
    on_big_stack(EngineOptions::default().stack_bytes, || build.run(on_progress))
}

struct Build<'a> {
    prelude: &'a Prelude,
    policy: Option<&'a HostPolicy>,
    exports: Vec<Export>,
    files: &'a [(String, String)],
    options: &'a BuildOptions,
}

/// The prelude and the program, converted and examined.
struct Examined {
    converted: Converted,
    /// Where the program's forms begin.
    program: usize,
    listed: Option<Listed>,
    closing: Closing,
}

/// What comes between prelude and program.
struct Closing {
    /// The forms that hide from a program that finds things by name what it may not find.
    sealing: Vec<TopForm>,
    /// The forms that give the records to the discovery forms, if the program asks for them.
    records: Vec<TopForm>,
    /// The form that makes the programs' own package the current one.
    package: Vec<TopForm>,
    /// What takes the place of calls by computed names in a program that may not make them.
    refusals: Vec<TopForm>,
}

/// Functions that need the records.
const DISCOVERY: &[&str] =
    &["ALL-NAMESPACES", "APROPOS-EXPORT", "DESCRIBE-EXPORT", "DIR", "EXPORT-METADATA", "EXPORT-SOURCE"];

impl Build<'_> {
    fn run(&self, on_progress: &mut dyn FnMut(Progress)) -> Result<GuardedBuild, GuardedBuildError> {
        let directory = self.options.cache_directory.as_deref();
        let engine = HostEngine::new(EngineOptions::default()).map_err(Error::from)?;
        let base = cache::base_image(&engine, directory, on_progress)?;
        let session = Session::new(&engine, Capabilities::new().refuse_at_call(), Limits::default());
        let started = image::start(&engine, base, session.map_err(Error::from)?, Mode::Library)?;
        let Examined { mut converted, program, listed, closing } = self.examine(started, on_progress)?;
        let Closing { sealing, records, package, refusals } = closing;
        let settings = Settings {
            cache_directory: directory,
            function_names: self.options.function_names,
            level: self.options.level,
        };
        let sealing = if holds_everything(&converted, settings.level) {
            replace_definitions(&mut converted.kept, refusals);
            sealing
        } else {
            Vec::new()
        };
        converted.kept.splice(program..program, sealing.into_iter().chain(records).chain(package));
        let module = link_program(&mut converted, Vec::new(), &settings)?;
        let bytes = self.with_section(&module.bytes, listed.clone())?;
        let Converted { diagnostics, sources, .. } = converted;
        Ok(GuardedBuild { bytes, listed, diagnostics, sources })
    }

    fn with_section(&self, wasm: &[u8], listed: Option<Listed>) -> Result<Vec<u8>, Error> {
        let contents = SectionContents {
            exports: self.exports.clone(),
            program: listed,
            source_hash: self.prelude.source_hash(),
            policy_hash: self.policy.cloned().unwrap_or_default().hash(),
        };
        append_section(wasm, contents).map_err(|_| Error::Protocol("a module that can't be read"))
    }

    /// Converts the library, the prelude and the program, and examines the program.
    fn examine(
        &self,
        mut started: Started,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Examined, GuardedBuildError> {
        let reserved: BTreeSet<PackageId> = started.cx.symbols.packages().collect();
        let prelude_files = &self.prelude.compiled.files;
        let total = clysm_lisp::runtime().count() + prelude_files.len() + self.files.len();
        let mut conversion = Conversion::new(&mut started, total, on_progress);
        conversion.library(&[]);
        let library = conversion.host.kept.len();
        prelude_files.iter().for_each(|(path, text)| conversion.file(path, text));
        let forms = conversion.host.kept.get(library..).unwrap_or_default();
        let found = facts::find(conversion.cx, forms, &reserved, &conversion.reading.sources);
        let (facts, _) = found.map_err(|diagnostics| self.invalid(diagnostics, &conversion))?;
        facts::add_constant_functions(conversion.cx, &mut conversion.host, &facts).map_err(Error::from)?;
        let mut preludes = Preludes::default();
        preludes.add(&facts, &self.exports, self.policy.unwrap_or(&HostPolicy::default()));
        let program = conversion.host.kept.len();
        let examined = self.program(&mut conversion, &preludes, program);
        let Reached { listed, discovers, calls } = examined.map_err(|error| GuardedBuildError::Program {
            error: Box::new(error),
            sources: conversion.reading.sources.clone(),
        })?;
        let mut closing = self.closing(&mut conversion, &facts, &preludes, listed.as_ref())?;
        if !discovers {
            closing.records.clear();
        }
        if !calls {
            closing.refusals = refusals(&mut conversion)?;
        }
        let converted = conversion.finish().converted(started);
        Ok(Examined { converted, program, listed, closing })
    }

    fn invalid(&self, diagnostics: Vec<Diagnostic>, conversion: &Conversion<'_>) -> PreludeError {
        PreludeError::Invalid { diagnostics, sources: conversion.reading.sources.clone() }
    }

    /// Converts and examines the program: what it can reach, and whether it asks for the records.
    fn program(
        &self,
        conversion: &mut Conversion<'_>,
        preludes: &Preludes,
        program: usize,
    ) -> Result<Reached, GuardedError> {
        conversion.cx.symbols.current = PackageId::COMMON_LISP_USER;
        let mut read: Vec<(Symbol, Span)> = Vec::new();
        let mut errors = Vec::new();
        for (path, text) in self.files {
            conversion.file_accepted(path, text, &mut errors, &mut |cx, form, place| {
                let symbols = symbols_read(cx, form, place);
                let is_permitted = !symbols.iter().any(|(symbol, _)| is_forbidden(cx, preludes, *symbol));
                read.extend(symbols);
                is_permitted
            });
        }
        if !errors.is_empty() {
            return Err(GuardedError::Compile { diagnostics: errors });
        }
        let forms = conversion.host.kept.get(program..).unwrap_or_default();
        let examined = Program { cx: conversion.cx, forms, read: &read, preludes, system: &SYSTEM.into() };
        let references = examined.analyse().map_err(GuardedError::Analysis)?;
        let reached = match self.policy {
            Some(policy) => guard(&references, preludes, policy)?,
            // Without a policy, what the program and all exports need is granted.
            None => {
                let everything = HostPolicy { grants: required(&references, preludes), ..HostPolicy::default() };
                guard(&references, preludes, &everything)?
            }
        };
        let (calls, listed) = (reached.call, self.policy.map(|_| reached));
        Ok(Reached { calls, listed, discovers: discovers(conversion.cx, &references) })
    }

    /// The forms between prelude and program.
    fn closing(
        &self,
        conversion: &mut Conversion<'_>,
        facts: &PreludeFacts,
        preludes: &Preludes,
        listed: Option<&Listed>,
    ) -> Result<Closing, Error> {
        let seal = seal::arguments(conversion.cx, facts, preludes);
        let open = seal::callable(conversion.cx, preludes, listed);
        let records = conversion.cx.heap.string(super::records::text(&self.exports, facts));
        let user = conversion.cx.heap.string("COMMON-LISP-USER");
        let mut sealing = call(conversion, "%SEAL-PRELUDES", &seal)?;
        sealing.extend(call(conversion, "%OPEN-GATES", &[open])?);
        let records = call(conversion, "%SET-EXPORT-RECORDS", &[records])?;
        let package = call(conversion, "%IN-PACKAGE", &[user])?;
        Ok(Closing { sealing, records, package, refusals: Vec::new() })
    }
}

/// What the examination of a program found.
struct Reached {
    listed: Option<Listed>,
    /// Whether it asks for the records.
    discovers: bool,
    /// Whether it calls tools by computed names.
    calls: bool,
}

/// All that a program can need.
fn required(references: &References, preludes: &Preludes) -> BTreeSet<Requirement> {
    let named = references
        .invocations
        .iter()
        .filter_map(|invocation| examine::required(invocation.import.kind.module(), &invocation.import.name));
    let of_exports = preludes.exports().values().flat_map(|export| &export.requires);
    named.chain(of_exports.filter_map(|id| id.parse().ok())).chain([Requirement::Call]).collect()
}

/// Definitions of `call-tool` and `call-upstream` that refuse.
fn refusals(conversion: &mut Conversion<'_>) -> Result<Vec<TopForm>, Error> {
    let mark = conversion.host.kept.len();
    for name in ["CALL-TOOL", "CALL-UPSTREAM"] {
        let cx = &mut *conversion.cx;
        let (defun, rest) = (cx.standard("DEFUN"), cx.names.known.rest);
        let (name, refuse, arguments) = (cx.system(name), cx.system("%REFUSE-COMPUTED-CALL"), cx.system("ARGUMENTS"));
        let parameters = cx.heap.list(&[rest.into(), arguments.into()], Span::NONE);
        let body = cx.heap.list(&[refuse.into(), arguments.into()], Span::NONE);
        let form = cx.heap.list(&[defun.into(), name.into(), parameters, body], Span::NONE);
        compile_toplevel(cx, &mut conversion.host, form)?;
    }
    Ok(conversion.host.kept.split_off(mark))
}

/// Puts definitions in the place of those of the same functions.
fn replace_definitions(forms: &mut [TopForm], definitions: Vec<TopForm>) {
    for definition in definitions {
        let FormKind::Function(name, _) = definition.kind else { continue };
        let is_same = |form: &&mut TopForm| matches!(form.kind, FormKind::Function(symbol, _) if symbol == name);
        if let Some(form) = forms.iter_mut().find(is_same) {
            *form = definition;
        }
    }
}

fn discovers(cx: &Context, references: &References) -> bool {
    let is_discovery = |symbol: Symbol| {
        cx.symbols.package(symbol) == Some(PackageId::CLYSM) && DISCOVERY.contains(&cx.symbols.name(symbol))
    };
    references.mentions.iter().any(|mention| is_discovery(mention.symbol))
}

/// The form that calls a function of the library with constants, converted and taken out of the forms so far.
fn call(conversion: &mut Conversion<'_>, function: &str, arguments: &[Datum]) -> Result<Vec<TopForm>, Error> {
    let mark = conversion.host.kept.len();
    let cx = &mut *conversion.cx;
    let mut form = vec![Datum::Symbol(cx.system(function))];
    for argument in arguments {
        form.push(cx.heap.list(&[Symbol::QUOTE.into(), *argument], Span::NONE));
    }
    let form = cx.heap.list(&form, Span::NONE);
    compile_toplevel(cx, &mut conversion.host, form)?;
    Ok(conversion.host.kept.split_off(mark))
}
