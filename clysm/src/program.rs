//! Whole programs: the library and a program's files are compiled once more in the finished image, which expands their macros,
//! and become one standalone module.
//!
//! The library's forms are in the image already, so nothing of it runs for its own sake. A program is compiled as CLHS 3.2.3
//! says of a file: what it does at compile time is evaluated in the image, the rest when the module runs.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::module::{Linkage, Lowering, Module, Unit, defined_function, link};
use clysm_compiler::shake::{Assumptions, complete_unit, shake};
use clysm_host::{Capabilities, Engine as HostEngine, EngineOptions, EngineTimes, Limits, Session};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, SourceMap};

use crate::build::OptimisationLevel;
use crate::image::{self, Mode, SharedImage, Started};
use crate::library::{compile_source, describe_packages};
use crate::live::Live;
use crate::{Error, Progress, cache};

/// A compiled program.
pub struct Program {
    /// Its module; none when something did not compile.
    pub module: Option<Module>,
    /// The texts that positions refer to.
    pub sources: SourceMap,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Toplevel forms read and failed, by file.
    pub forms: Vec<FileForms>,
    /// What the engine took of the time.
    pub engine_times: EngineTimes,
}

/// How a program is compiled.
pub struct Settings<'a> {
    /// Where the image is cached.
    pub cache_directory: Option<&'a Path>,
    /// Whether the module names its functions.
    pub function_names: bool,
    /// Which passes are made.
    pub level: OptimisationLevel,
}

/// What a file's forms have become.
pub struct FileForms {
    /// The file.
    pub path: String,
    /// How many forms were read.
    pub read: usize,
    /// How many of them failed.
    pub failed: usize,
    /// The converted forms, of those of the whole program.
    converted: Range<usize>,
}

/// Compiles programs, given by path and text, with what they need of the library; without any, all of the library.
///
/// # Errors
/// The image can't be made, or the host fails.
pub fn compile(
    programs: &[(String, String)],
    settings: &Settings<'_>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Program, Error> {
    let engine = HostEngine::new(EngineOptions::default())?;
    let mut converted = convert(&engine, programs, settings.cache_directory, on_progress)?;
    let failed = converted.forms.iter().any(|forms| forms.failed > 0);
    let module = if failed { None } else { Some(link_program(&mut converted, settings, on_progress)?) };
    let Converted { sources, diagnostics, forms, .. } = converted;
    Ok(Program { module, sources, diagnostics, forms, engine_times: engine.times() })
}

/// What the compiler makes of each form of a file, given by path and text, or of a file of the library, given by its path.
///
/// # Errors
/// The image can't be made, or the host fails.
pub fn dump(path: &str, text: Option<String>, cache_directory: Option<&Path>) -> Result<String, Error> {
    let engine = HostEngine::new(EngineOptions::default())?;
    let programs: Vec<_> = text.map(|text| (path.to_owned(), text)).into_iter().collect();
    let converted = convert(&engine, &programs, cache_directory, &mut |_| {})?;
    let defined: HashSet<Symbol> = converted.kept.iter().filter_map(|form| defined_function(form.kind)).collect();
    let is_direct = |symbol: Symbol| defined.contains(&symbol);
    let intrinsics = &converted.image.lock().intrinsics;
    let lowering = Lowering { intrinsics, is_direct: &is_direct };
    let mut unit = Unit::default();
    unit.literals.coalesce();
    let mut out = String::new();
    for range in converted.forms.iter().filter(|forms| forms.path == path).map(|forms| forms.converted.clone()) {
        for form in converted.kept.get(range).unwrap_or_default() {
            unit.add(&converted.cx, lowering, form);
            if let Some(added) = unit.forms.last() {
                out += &clysm_compiler::dump::dump(&converted.cx, form, &added.lowered);
            }
        }
    }
    let all = converted.diagnostics.iter();
    out.extend(all.map(|diagnostic| clysm_report::render(diagnostic, &converted.sources, false)));
    Ok(out)
}

/// The forms of the library and of a program after it.
struct Converted {
    cx: Context,
    image: SharedImage,
    kept: Vec<TopForm>,
    /// How many of the forms are the library's.
    library: usize,
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    forms: Vec<FileForms>,
}

fn convert(
    engine: &HostEngine,
    programs: &[(String, String)],
    cache_directory: Option<&Path>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Converted, Error> {
    let base = cache::base_image(engine, cache_directory, on_progress)?;
    let session = Session::new(engine, Capabilities::new().refuse_at_call(), Limits::default())?;
    let Started { mut cx, mut session, image } = image::start(engine, base, session, Mode::Library)?;
    let mut host = WholeProgram {
        live: Live { place: &mut session, image: &image },
        kept: Vec::new(),
        of_library: true,
        package: PackageId::COMMON_LISP_USER,
    };
    let mut files = Files { sources: SourceMap::new(), diagnostics: Vec::new(), forms: Vec::new() };
    let total = clysm_lisp::runtime().count() + programs.len();
    for source in clysm_lisp::runtime() {
        files.compile(&mut cx, &mut host, (source.path, source.text), total, on_progress);
    }
    finish_unit(&mut cx, &mut host);
    let library = host.kept.len();
    cx.symbols.current = PackageId::COMMON_LISP_USER;
    host.of_library = false;
    for (path, text) in programs {
        files.compile(&mut cx, &mut host, (path, text), total, on_progress);
    }
    finish_unit(&mut cx, &mut host);
    let kept = host.kept;
    let Files { sources, mut diagnostics, forms } = files;
    diagnostics.append(&mut cx.diagnostics);
    Ok(Converted { cx, image, kept, library, sources, diagnostics, forms })
}

/// The files compiled so far.
struct Files {
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    forms: Vec<FileForms>,
}

impl Files {
    fn compile(
        &mut self,
        cx: &mut Context,
        host: &mut WholeProgram,
        (path, text): (&str, &str),
        total: usize,
        on_progress: &mut dyn FnMut(Progress),
    ) {
        on_progress(Progress { stage: "program", done: self.forms.len(), total, item: path.to_owned() });
        let first = host.kept.len();
        let (read, failed) = compile_source(cx, host, &mut self.sources, path, text, &mut self.diagnostics);
        self.forms.push(FileForms { path: path.to_owned(), read, failed, converted: first..host.kept.len() });
    }
}

fn link_program(
    converted: &mut Converted,
    settings: &Settings<'_>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Module, Error> {
    let total = converted.forms.len();
    on_progress(Progress { stage: "linking", done: total, total, item: "the program".to_owned() });
    let Converted { cx, image, kept, library, .. } = converted;
    let packages = describe_packages(cx);
    let intrinsics = &image.lock().intrinsics;
    let complete = Unit { is_program: true, ..complete_unit(cx, intrinsics, kept, packages) };
    let shaken = |assumptions| shake(cx, intrinsics, (kept, *library), assumptions, packages);
    let mut unit = match settings.level {
        OptimisationLevel::O0 => complete,
        OptimisationLevel::O1 => shaken(Assumptions::None),
        OptimisationLevel::O2 => shaken(Assumptions::ClosedWorld),
    };
    unit.function_names = settings.function_names;
    Ok(link(cx, intrinsics, &unit, Linkage::Standalone)?)
}

/// Takes the forms of a program, and of the library before it.
struct WholeProgram<'a> {
    live: Live<'a, Session>,
    kept: Vec<TopForm>,
    of_library: bool,
    /// The image's current package, in which macros intern.
    package: PackageId,
}

impl WholeProgram<'_> {
    /// Makes the package of the text that is compiled the image's current one.
    fn follow_package(&mut self, cx: &mut Context) -> Result<(), CallError> {
        let current = cx.symbols.current;
        if current == self.package {
            return Ok(());
        }
        self.package = current;
        let name = cx.symbols.package_name(current).to_owned();
        let name = cx.heap.string(name);
        self.live.call(cx, "%IN-PACKAGE", &[name]).map(|_| ())
    }
}

/// Whether a form is an `in-package`: the library's are about its own files.
fn selects_package(cx: &Context, form: &TopForm) -> bool {
    form.kind == FormKind::Expression(None)
        && matches!(form.calls.as_slice(), [call] if cx.symbols.name(call.function) == "%IN-PACKAGE")
}

impl CompileTime for WholeProgram<'_> {
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError> {
        self.follow_package(cx)?;
        self.live.call(cx, function, args)
    }

    fn accept(&mut self, cx: &mut Context, form: TopForm) -> Result<(), CallError> {
        if !(self.of_library && selects_package(cx, &form)) {
            self.kept.push(form);
        }
        Ok(())
    }

    fn evaluate(&mut self, cx: &mut Context, form: Datum) -> Result<(), CallError> {
        self.follow_package(cx)?;
        self.live.evaluate(cx, form)
    }

    fn loads_source(&self) -> bool {
        self.of_library
    }

    fn is_library(&self) -> bool {
        self.of_library
    }

    fn follows_packages(&self) -> bool {
        !self.of_library
    }
}
