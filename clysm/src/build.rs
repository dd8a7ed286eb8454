//! Standalone modules.

use std::path::PathBuf;

use clysm_host::{EngineOptions, EngineTimes, on_big_stack};
use clysm_report::{CompilationReport, Diagnostic, Event, ReportBuilder, SourceMap, StageVersion, Timestamp};

use crate::program::{self, Settings};
use crate::{Error, Progress, cache};

/// Settings of a build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Seconds since 1970-01-01 for the report: the caller's clock.
    pub time: u64,
    /// Where the base image is cached; by default where an [`Engine`](crate::Engine) caches it.
    pub cache_directory: Option<PathBuf>,
    /// Whether the module names its functions, for stack traces. That is about a third of its size.
    pub function_names: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { time: 0, cache_directory: cache::default_directory(), function_names: false }
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
    let mut programs = Vec::new();
    for file in files {
        let path = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| Error::File { path: path.clone(), source })?;
        programs.push((path, text));
    }
    build(&programs, options, on_progress)
}

/// Compiles the library as Stage 1.
///
/// # Errors
/// The library does not compile.
pub fn bootstrap_stage1(options: &BuildOptions, on_progress: &mut dyn FnMut(Progress)) -> Result<BuildOutput, Error> {
    build(&[], options, on_progress)
}

fn build(
    programs: &[(String, String)],
    options: &BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BuildOutput, Error> {
    let settings =
        Settings { cache_directory: options.cache_directory.as_deref(), function_names: options.function_names };
    let built =
        on_big_stack(EngineOptions::default().stack_bytes, || program::compile(programs, &settings, on_progress))?;
    let mut report = ReportBuilder::new(StageVersion::new(1, 0, 1));
    for (path, forms, failed) in &built.forms {
        let mut record = |event| report.record(event).map_err(|_| Error::Protocol("a form outside a file"));
        record(Event::ModuleStarted { path: path.clone() })?;
        for _ in 0..forms - failed {
            record(Event::FormCompiled)?;
        }
        for _ in 0..*failed {
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
