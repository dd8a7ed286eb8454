//! Standalone modules.

use std::path::{Path, PathBuf};

use clysm_host::{EngineOptions, EngineTimes, on_big_stack};
use clysm_report::{CompilationReport, Diagnostic, Event, ReportBuilder, SourceMap, StageVersion, Timestamp};

use crate::program::{self, Files, Settings};
use crate::{Error, Progress, cache};

/// Which passes a build makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OptimisationLevel {
    /// None: every form of the library and of the program is in the module.
    O0,
    /// What nothing can reach is left out, but nothing is assumed of the program as a whole.
    O1,
    /// What a program that is known as a whole can't do is left out as well.
    #[default]
    O2,
}

/// Settings of a build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Seconds since 1970-01-01 for the report: the caller's clock.
    pub time: u64,
    /// Where the base image is cached; by default where an [`Engine`](crate::Engine) caches it.
    pub cache_directory: Option<PathBuf>,
    /// Whether the module names its functions, for stack traces. That is about a third of its size.
    pub function_names: bool,
    /// Which passes are made.
    pub level: OptimisationLevel,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            time: 0,
            cache_directory: cache::default_cache_directory(),
            function_names: false,
            level: OptimisationLevel::default(),
        }
    }
}

/// What a build gives.
#[derive(Debug)]
pub struct BuildOutput {
    /// The module; nothing when a form did not compile.
    pub bytes: Vec<u8>,
    /// What was compiled.
    pub report: CompilationReport,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that positions refer to.
    pub sources: SourceMap,
    /// The part of the time that was not the compiler's own.
    pub engine_times: EngineTimes,
}

/// Compiles the files of a program, with what it needs of the library, into one module.
///
/// # Errors
/// A file can't be read, or the image that expands macros can't be made.
pub fn build_standalone(
    files: &[PathBuf],
    options: &BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BuildOutput, Error> {
    build(Files::Program(&read_all(files)?), options, on_progress)
}

/// Compiles files to one module that is loaded into an image, such as a stage of the bootstrap, and linked to it. No pass is made
/// that needs to know the whole program: [`BuildOptions::level`] does not matter.
///
/// # Errors
/// A file can't be read, or the library does not compile.
pub fn build_compiled_file(
    files: &[PathBuf],
    options: &BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BuildOutput, Error> {
    build(Files::Loaded(&read_all(files)?), options, on_progress)
}

/// Files by path and text.
fn read_all(files: &[PathBuf]) -> Result<Vec<(String, String)>, Error> {
    let read = |file: &PathBuf| {
        let path = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| Error::File { path: path.clone(), source })?;
        Ok((path, text))
    };
    files.iter().map(read).collect()
}

/// Compiles the library and the compiler in Lisp as Stage 1, without any pass that this compiler does not make.
///
/// # Errors
/// The library does not compile.
pub fn bootstrap_stage1(options: &BuildOptions, on_progress: &mut dyn FnMut(Progress)) -> Result<BuildOutput, Error> {
    build(Files::Compiler, &BuildOptions { level: OptimisationLevel::O0, ..options.clone() }, on_progress)
}

/// What the compiler makes of each form of a file, or of a file of the library, given by its path: trees and code, as
/// S-expressions.
///
/// # Errors
/// The file can't be read, or the image that expands macros can't be made.
pub fn dump_forms(file: &Path, cache_directory: Option<&Path>) -> Result<String, Error> {
    let path = file.display().to_string();
    let text = if clysm_lisp::runtime().chain(clysm_lisp::COMPILER).any(|source| source.path == path) {
        None
    } else {
        Some(std::fs::read_to_string(file).map_err(|source| Error::File { path: path.clone(), source })?)
    };
    on_big_stack(EngineOptions::default().stack_bytes, || program::dump(&path, text, cache_directory))
}

fn build(
    files: Files<'_>,
    options: &BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BuildOutput, Error> {
    let settings = Settings {
        cache_directory: options.cache_directory.as_deref(),
        function_names: options.function_names,
        level: options.level,
    };
    let built = on_big_stack(EngineOptions::default().stack_bytes, || program::compile(files, &settings, on_progress))?;
    let mut report = ReportBuilder::new(StageVersion::new(1, 0, 1));
    for forms in &built.forms {
        let mut record = |event| report.record(event).map_err(|_| Error::Protocol("a form outside a file"));
        record(Event::ModuleStarted { path: forms.path.clone() })?;
        for _ in 0..forms.read - forms.failed {
            record(Event::FormCompiled)?;
        }
        for _ in 0..forms.failed {
            record(Event::FormFailed)?;
        }
    }
    Ok(BuildOutput {
        bytes: built.module.map_or_else(Vec::new, |module| module.bytes),
        report: report.finish(Timestamp::from_unix_seconds(options.time)),
        diagnostics: built.diagnostics,
        sources: built.sources,
        engine_times: built.engine_times,
    })
}
