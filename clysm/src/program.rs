//! Whole programs: the library and a program's files are compiled once more in the finished image, which expands their macros,
//! and become one standalone module.
//!
//! The library's forms are in the image already, so nothing of it runs for its own sake. A program and the compiler in Lisp are compiled
//! as CLHS 3.2.3 says of files: what they do at compile time is evaluated in the image, the rest when the module runs.

use std::ops::Range;
use std::path::Path;

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::definitions::Definitions;
use clysm_compiler::module::{Linkage, Lowering, Module, Unit, complete_unit, file_unit, link};
use clysm_compiler::shake::{Assumptions, names_anything, shake};
use clysm_host::{Capabilities, Engine as HostEngine, EngineOptions, EngineTimes, Limits, Session};
use clysm_lisp::Source;
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, SourceMap, Span};

use crate::build::OptimisationLevel;
use crate::image::{self, Mode, SharedImage, Started};
use crate::library::{compile_accepted, compile_source, describe_packages};
use crate::live::{Live, Place};
use crate::source::Source as Text;
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

/// What is compiled.
#[derive(Clone, Copy, Debug)]
pub enum Files<'a> {
    /// A program's files, by path and text, after the library.
    Program(&'a [(String, String)]),
    /// Files, by path and text, that are loaded where the library is.
    Loaded(&'a [(String, String)]),
    /// The library and the compiler in Lisp, which then is a compiler of its own.
    Compiler,
}

impl<'a> Files<'a> {
    /// The files that belong to the library, but are not in the image.
    fn compiler(self) -> Vec<&'static Source> {
        match self {
            Self::Program(_) | Self::Loaded(_) => Vec::new(),
            Self::Compiler => clysm_lisp::COMPILER.iter().chain([&clysm_lisp::START]).collect(),
        }
    }

    const fn program(self) -> &'a [(String, String)] {
        match self {
            Self::Program(files) | Self::Loaded(files) => files,
            Self::Compiler => &[],
        }
    }

    /// The texts that the module keeps.
    fn kept_sources(self) -> Vec<(String, String)> {
        match self {
            Self::Program(_) | Self::Loaded(_) => Vec::new(),
            Self::Compiler => clysm_lisp::runtime()
                .chain(self.compiler())
                .map(|source| (source.path.to_owned(), kept_text(source)))
                .collect(),
        }
    }
}

/// What a compiler keeps of a text that it was made of: the library's own, which it compiles programs after; of others it need only
/// know whether they have changed. `kept-text` in `lisp/compiler/embedded.lisp` does the same.
fn kept_text(source: &Source) -> String {
    if source.path.starts_with("lisp/runtime/") {
        return source.text.to_owned();
    }
    let (first, second) = (checksum::<31, 16_777_213>(source.text), checksum::<37, 16_777_183>(source.text));
    format!("{} {first} {second}", source.text.len())
}

/// A number that differs for texts that differ, but for accidents.
fn checksum<const FACTOR: u32, const MODULUS: u32>(text: &str) -> u32 {
    text.bytes().fold(0, |sum, octet| (sum * FACTOR + u32::from(octet)) % MODULUS)
}

/// Compiles files with what they need of the library.
///
/// # Errors
/// The image can't be made, or the host fails.
pub fn compile(
    files: Files<'_>,
    settings: &Settings<'_>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Program, Error> {
    let engine = HostEngine::new(EngineOptions::default())?;
    let mut converted = convert(&engine, files, settings.cache_directory, on_progress)?;
    let failed = converted.forms.iter().any(|forms| forms.failed > 0);
    let module = if failed {
        None
    } else {
        let total = converted.forms.len();
        on_progress(Progress { stage: "linking", done: total, total, item: "the program".to_owned() });
        Some(match files {
            Files::Loaded(_) => link_file(&converted, settings)?,
            Files::Program(_) | Files::Compiler => link_program(&mut converted, files.kept_sources(), settings)?,
        })
    };
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
    let of_compiler = clysm_lisp::COMPILER.iter().any(|source| source.path == path);
    let files = if of_compiler { Files::Compiler } else { Files::Program(&programs) };
    let converted = convert(&engine, files, cache_directory, &mut |_| {})?;
    let definitions = Definitions::of(&converted.cx, &converted.kept);
    let is_direct = |symbol: Symbol| definitions.is_direct(symbol);
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
pub(crate) struct Converted {
    pub(crate) cx: Context,
    pub(crate) image: SharedImage,
    pub(crate) kept: Vec<TopForm>,
    /// How many of the forms are the library's.
    pub(crate) library: usize,
    pub(crate) sources: SourceMap,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) forms: Vec<FileForms>,
}

fn convert(
    engine: &HostEngine,
    files: Files<'_>,
    cache_directory: Option<&Path>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Converted, Error> {
    let base = cache::base_image(engine, cache_directory, on_progress)?;
    let session = Session::new(engine, Capabilities::new().refuse_at_call(), Limits::default())?;
    let mut started = image::start(engine, base, session, Mode::Library)?;
    let compiler = files.compiler();
    let total = clysm_lisp::runtime().count() + compiler.len() + files.program().len();
    let mut conversion = Conversion::new(&mut started, total, on_progress);
    conversion.library(&compiler);
    for (path, text) in files.program() {
        conversion.file(path, text);
    }
    let parts = conversion.finish();
    Ok(parts.converted(started))
}

/// Files that are converted one after another.
pub(crate) struct Conversion<'a> {
    pub(crate) cx: &'a mut Context,
    pub(crate) host: WholeProgram<'a>,
    pub(crate) reading: Reading,
    library: usize,
    total: usize,
    on_progress: &'a mut dyn FnMut(Progress),
}

/// What comes of it, beside the compiler's state.
pub(crate) struct Parts {
    kept: Vec<TopForm>,
    library: usize,
    reading: Reading,
}

impl<'a> Conversion<'a> {
    pub(crate) fn new(started: &'a mut Started, total: usize, on_progress: &'a mut dyn FnMut(Progress)) -> Self {
        let Started { cx, session, image } = started;
        let host = WholeProgram::after_library(Live { place: session, image });
        let reading = Reading { sources: SourceMap::new(), diagnostics: Vec::new(), forms: Vec::new() };
        Self { cx, host, reading, library: 0, total, on_progress }
    }

    /// Converts the library, which comes first, and what belongs to it of the compiler.
    pub(crate) fn library(&mut self, compiler: &[&'static Source]) {
        self.host.part = Part::Library;
        for source in clysm_lisp::runtime() {
            self.file(source.path, source.text);
        }
        self.host.part = Part::Compiler;
        for source in compiler {
            self.file(source.path, source.text);
        }
        finish_unit(self.cx, &mut self.host);
        self.library = self.host.kept.len();
        self.cx.symbols.current = PackageId::COMMON_LISP_USER;
        self.host.part = Part::Program;
        self.host.form = 0;
    }

    /// Converts a file.
    pub(crate) fn file(&mut self, path: &str, text: &str) {
        self.reading.compile(self.cx, &mut self.host, (path, text), self.total, self.on_progress);
    }

    /// Converts those forms of a file that are accepted, see [`compile_accepted`].
    pub(crate) fn file_accepted(
        &mut self,
        path: &str,
        text: &str,
        errors: &mut Vec<Diagnostic>,
        accept: &mut dyn FnMut(&Context, Datum, Span) -> bool,
    ) {
        compile_accepted(self.cx, &mut self.host, &mut self.reading.sources, (path, text), errors, accept);
    }

    /// Ends the compilation unit.
    pub(crate) fn finish(mut self) -> Parts {
        finish_unit(self.cx, &mut self.host);
        Parts { kept: self.host.kept, library: self.library, reading: self.reading }
    }
}

impl Parts {
    pub(crate) fn converted(self, started: Started) -> Converted {
        let Started { mut cx, image, .. } = started;
        let Reading { sources, mut diagnostics, forms } = self.reading;
        diagnostics.append(&mut cx.diagnostics);
        Converted { cx, image, kept: self.kept, library: self.library, sources, diagnostics, forms }
    }
}

/// The files compiled so far.
pub(crate) struct Reading {
    pub(crate) sources: SourceMap,
    pub(crate) diagnostics: Vec<Diagnostic>,
    forms: Vec<FileForms>,
}

impl Reading {
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

/// The module of files that are loaded.
fn link_file(converted: &Converted, settings: &Settings<'_>) -> Result<Module, Error> {
    let Converted { cx, image, kept, library, .. } = converted;
    let intrinsics = &image.lock().intrinsics;
    let (library, program) = kept.split_at(*library);
    let definitions = Definitions::of(cx, library);
    let mut unit = file_unit(cx, intrinsics, program, &|symbol| definitions.is_direct(symbol));
    unit.is_program = true;
    unit.function_names = settings.function_names;
    Ok(link(cx, intrinsics, &unit, Linkage::CompiledFile)?)
}

/// The module of a program. It keeps the texts of `sources`: a compiler, which is an image for what it compiles.
pub(crate) fn link_program(
    converted: &mut Converted,
    sources: Vec<(String, String)>,
    settings: &Settings<'_>,
) -> Result<Module, Error> {
    let Converted { cx, image, kept, library, .. } = converted;
    let packages = describe_packages(cx);
    let intrinsics = &image.lock().intrinsics;
    let mut unit = match assumptions(settings.level) {
        None => Unit { is_program: true, ..complete_unit(cx, intrinsics, kept, packages) },
        Some(assumptions) => shake(cx, intrinsics, (kept, *library), assumptions, packages),
    };
    unit.function_names = settings.function_names;
    unit.export_definitions = !sources.is_empty();
    unit.sources = sources;
    Ok(link(cx, intrinsics, &unit, Linkage::Standalone)?)
}

/// What the passes of a level may assume; none where nothing is left out.
const fn assumptions(level: OptimisationLevel) -> Option<Assumptions> {
    match level {
        OptimisationLevel::O0 => None,
        OptimisationLevel::O1 => Some(Assumptions::None),
        OptimisationLevel::O2 => Some(Assumptions::ClosedWorld),
    }
}

/// Whether a program's module will hold everything, since it finds things by name at run time or since nothing is left out.
pub(crate) fn holds_everything(converted: &Converted, level: OptimisationLevel) -> bool {
    let intrinsics = &converted.image.lock().intrinsics;
    let forms = (converted.kept.as_slice(), converted.library);
    assumptions(level).is_none_or(|assumptions| names_anything(&converted.cx, intrinsics, forms, assumptions))
}

/// What a form is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The library, which is in the image: nothing of it runs for its own sake.
    Library,
    /// The compiler in Lisp. It belongs to the library, but what its files do at compile time (CLHS 3.2.3.1) has yet to be done.
    Compiler,
    /// The program.
    Program,
}

/// Takes the forms of a program, and of the library before it.
pub(crate) struct WholeProgram<'a, P = Session> {
    pub(crate) live: Live<'a, P>,
    /// The forms so far.
    pub(crate) kept: Vec<TopForm>,
    part: Part,
    /// The image's current package, in which macros intern.
    package: PackageId,
    /// Toplevel forms so far, of the library or of the program.
    form: i64,
    /// What `gensym` has to count from, if the image has not been told yet: most forms call no macro of the image.
    numbering: Option<Datum>,
    /// Whether something was evaluated since the image's package and reader variables were looked at.
    evaluated: bool,
}

/// The numbers that macros may give to names in one toplevel form.
const NAMES_PER_FORM: i64 = 1000;

/// Has `gensym` count from a number.
const NUMBER_NAMES: &str = "%NUMBER-NAMES-FROM";

impl<'a, P: Place> WholeProgram<'a, P> {
    /// Takes the forms of a program whose library is in the image.
    pub(crate) const fn after_library(live: Live<'a, P>) -> Self {
        Self {
            live,
            kept: Vec::new(),
            part: Part::Program,
            package: PackageId::COMMON_LISP_USER,
            form: 0,
            numbering: None,
            evaluated: false,
        }
    }

    /// Reads the next form of a text that is compiled while the image lives. What a form before it did at compile time may have
    /// changed packages and readtables.
    pub(crate) fn next_form(&mut self, cx: &mut Context, source: &mut Text<'_>) -> Result<Option<Datum>, Error> {
        if self.follow_package(cx).is_err() {
            let failure = self.live.image.lock().failure.take();
            return Err(failure.unwrap_or(Error::Protocol("no package of the text's")));
        }
        if std::mem::take(&mut self.evaluated) {
            self.live.refresh(cx)?;
            self.package = cx.symbols.current;
        }
        // An IN-PACKAGE takes effect while the text is compiled.
        self.live.image.lock().reader.package = cx.symbols.current;
        source.next(cx, &mut self.live)
    }

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

impl<P: Place> CompileTime for WholeProgram<'_, P> {
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError> {
        self.follow_package(cx)?;
        if let Some(number) = self.numbering.take() {
            self.live.call(cx, NUMBER_NAMES, &[number])?;
        }
        self.live.call(cx, function, args)
    }

    fn accept(&mut self, cx: &mut Context, form: TopForm) -> Result<(), CallError> {
        if !(self.is_library() && selects_package(cx, &form)) {
            self.kept.push(form);
        }
        Ok(())
    }

    /// The names that macros make for a form depend on the program alone.
    fn begin_form(&mut self, _: &mut Context) -> Result<(), CallError> {
        self.form += 1;
        self.numbering = Some(Datum::Fixnum(self.form * NAMES_PER_FORM));
        Ok(())
    }

    fn evaluate(&mut self, cx: &mut Context, form: Datum) -> Result<(), CallError> {
        self.evaluated = true;
        self.follow_package(cx)?;
        if self.part == Part::Program {
            // What has been read is interned, and may be looked for by its name.
            let told = self.live.tell_symbols(cx);
            told.map_err(|error| CallError { report: error.to_string() })?;
        }
        let told = self.live.call(cx, NUMBER_NAMES, &[self.numbering.unwrap_or(Datum::NIL)])?;
        // The names that it makes don't count.
        self.numbering.get_or_insert(told);
        self.live.evaluate(cx, form)
    }

    fn loads_source(&self) -> bool {
        self.part == Part::Library
    }

    fn is_library(&self) -> bool {
        self.part != Part::Program
    }

    fn follows_packages(&self) -> bool {
        self.part == Part::Program
    }
}
