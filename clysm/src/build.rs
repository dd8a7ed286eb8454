//! Standalone modules.

use std::path::PathBuf;

use clysm_compiler::module::Linkage;
use clysm_host::{Engine as HostEngine, EngineOptions, EngineTimes, on_big_stack};
use clysm_report::{CompilationReport, Diagnostic, Event, ReportBuilder, SourceMap, StageVersion, Timestamp};

use crate::{Error, Progress, library};

/// Settings of a build.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuildOptions {
    /// Seconds since 1970-01-01 for the report: the caller's clock.
    pub time: u64,
}

/// What a build gives.
#[derive(Debug)]
pub struct BuildOutput {
    /// The module.
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

/// Compiles programs with the library into one module.
///
/// # Errors
/// A file can't be read, or the library does not compile.
pub fn build_standalone(files: &[PathBuf], options: BuildOptions) -> Result<BuildOutput, Error> {
    let mut programs = Vec::new();
    for file in files {
        let path = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| Error::File { path: path.clone(), source })?;
        programs.push((path, text));
    }
    build(&programs, options, &mut |_| {})
}

/// Compiles the library as Stage 1.
///
/// # Errors
/// The library does not compile.
pub fn bootstrap_stage1(options: BuildOptions, on_progress: &mut dyn FnMut(Progress)) -> Result<BuildOutput, Error> {
    build(&[], options, on_progress)
}

fn build(
    programs: &[(String, String)],
    options: BuildOptions,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BuildOutput, Error> {
    let engine = HostEngine::new(EngineOptions { optimise: false, ..EngineOptions::default() })?;
    let built = on_big_stack(engine.options().stack_bytes, || {
        library::build_with(&engine, programs, Linkage::Standalone, on_progress)
    })?;
    let version = StageVersion::new(1, 0, 1);
    let mut report = ReportBuilder::new(version);
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
        bytes: built.module.bytes,
        report: report.finish(Timestamp::from_unix_seconds(options.time)),
        diagnostics: built.errors,
        sources: built.sources,
        engine_times: engine.times(),
    })
}
