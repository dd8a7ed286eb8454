//! Whole programs: the library and a program's files are compiled once more in the finished image, which expands their macros,
//! and become one standalone module.
//!
//! The library's forms are in the image already, so nothing of it runs for its own sake. A program is compiled as CLHS 3.2.3
//! says of a file: what it does at compile time is evaluated in the image, the rest when the module runs.

use std::path::Path;

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::module::{Linkage, Module, link};
use clysm_compiler::shake::{complete_unit, shake};
use clysm_host::{Capabilities, Engine as HostEngine, EngineOptions, EngineTimes, Limits, Session};
use clysm_reader::{Datum, PackageId};
use clysm_report::{Diagnostic, SourceMap};

use crate::image::{Image, Mode, SharedImage};
use crate::library::{compile_source, describe_packages};
use crate::live::Live;
use crate::meta::CompilerState;
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
    pub forms: Vec<(String, usize, usize)>,
    /// What the engine took of the time.
    pub engine_times: EngineTimes,
}

/// How a program is compiled.
pub struct Settings<'a> {
    /// Where the image is cached.
    pub cache_directory: Option<&'a Path>,
    /// Whether the module names its functions.
    pub function_names: bool,
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
    let (mut cx, mut session, image) = start(&engine, settings, on_progress)?;
    let mut host = WholeProgram {
        live: Live { place: &mut session, image: &image },
        kept: Vec::new(),
        of_library: true,
        package: PackageId::COMMON_LISP_USER,
    };
    let (mut sources, mut diagnostics, mut forms) = (SourceMap::new(), Vec::new(), Vec::new());
    let library: Vec<(&str, &str)> = clysm_lisp::runtime().map(|source| (source.path, source.text)).collect();
    let total = library.len() + programs.len();
    for (done, (path, text)) in library.iter().enumerate() {
        on_progress(Progress { stage: "program", done, total, item: (*path).to_owned() });
        let (count, failed) = compile_source(&mut cx, &mut host, &mut sources, path, text, &mut diagnostics);
        forms.push(((*path).to_owned(), count, failed));
    }
    finish_unit(&mut cx, &mut host);
    let library = host.kept.len();
    cx.symbols.current = PackageId::COMMON_LISP_USER;
    host.of_library = false;
    for (done, (path, text)) in programs.iter().enumerate() {
        on_progress(Progress { stage: "program", done: total - programs.len() + done, total, item: path.clone() });
        let (count, failed) = compile_source(&mut cx, &mut host, &mut sources, path, text, &mut diagnostics);
        forms.push((path.clone(), count, failed));
    }
    finish_unit(&mut cx, &mut host);
    let failed = forms.iter().any(|(_, _, failed)| *failed > 0);
    diagnostics.append(&mut cx.diagnostics);
    if failed {
        return Ok(Program { module: None, sources, diagnostics, forms, engine_times: engine.times() });
    }
    on_progress(Progress { stage: "linking", done: total, total, item: "the program".to_owned() });
    let packages = describe_packages(&mut cx);
    let intrinsics = &image.lock().intrinsics;
    let mut unit = if programs.is_empty() {
        complete_unit(&cx, intrinsics, &host.kept, packages)
    } else {
        shake(&cx, intrinsics, &host.kept, library, packages)
    };
    unit.function_names = settings.function_names;
    let module = Some(link(&cx, intrinsics, &unit, Linkage::Standalone)?);
    Ok(Program { module, sources, diagnostics, forms, engine_times: engine.times() })
}

fn start(
    engine: &HostEngine,
    settings: &Settings<'_>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<(Context, Session, SharedImage), Error> {
    let base = cache::base_image(engine, settings.cache_directory, on_progress)?;
    let CompilerState { mut cx, ids, direct } = base.state;
    let mut session = Session::new(engine, Capabilities::new().refuse_at_call(), Limits::default())?;
    let instance = session.load(&base.module)?;
    session.call_start(instance)?;
    let intrinsics = Intrinsics::new(&mut cx);
    let mut image = Image::new(engine.clone(), instance, intrinsics, ids, Mode::Library, direct);
    image.told = cx.symbols.len();
    let image = SharedImage::new(image);
    let mut live = Live { place: &mut session, image: &image };
    live.call_system(&mut cx, "%KEEP-JOURNAL", &[])?;
    Ok((cx, session, image))
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
