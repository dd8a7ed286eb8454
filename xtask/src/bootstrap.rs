//! `cargo xtask bootstrap`: the stages.
//!
//! Stage 1 is `lisp/**` compiled by the Rust compiler. Stages 2 and 3 are to be made by the stage before; they need the
//! compiler written in Lisp, which does not exist yet, and are reported as a known limitation.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use clysm::{BuildOutput, bootstrap_stage1};
use clysm_host::{Capabilities, Engine, EngineOptions, HostError, Limits, Output, OutputBuffer, Session, WasmModule};
use clysm_report::{CompilationReport, ExitCode, render};
use serde::Serialize;

use crate::flags::Bootstrap;
use crate::output::{delete_file, replace_file};
use crate::progress::Display;
use crate::row;
use crate::table;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// Made, validated and started.
    Ok,
    /// Some forms did not compile; there is a report but no module.
    Incomplete,
    /// It cannot be made yet.
    KnownLimitation,
}

/// A row of the summary. The field names are those of the JSON form.
#[derive(Debug, Serialize)]
struct Stage {
    stage: u32,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<CompilationReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_seconds: Option<f64>,
}

/// Where a stage's files go.
struct Files {
    module: PathBuf,
    report: PathBuf,
}

impl Files {
    fn new(out: &Path, stage: u32) -> Self {
        Self {
            module: out.join(format!("clysm-stage{stage}.wasm")),
            report: out.join(format!("stage{stage}-report.json")),
        }
    }

    fn delete(&self) -> Result<()> {
        delete_file(&self.module)?;
        delete_file(&self.report)
    }
}

/// Runs the command.
pub fn run(flags: &Bootstrap) -> Result<ExitCode> {
    fs::create_dir_all(&flags.out).with_context(|| format!("making the directory {}", flags.out.display()))?;
    for stage in 1..=3 {
        Files::new(&flags.out, stage).delete()?;
    }
    let mut stages = vec![stage1(flags)?];
    stages.extend((2..=flags.stage).map(not_yet));
    if flags.json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "stages": stages }))?);
    } else {
        print!("{}", summary(&stages));
    }
    Ok(exit_code(&stages))
}

/// The first stage that is not what was asked for decides.
fn exit_code(stages: &[Stage]) -> ExitCode {
    let first = stages.iter().find(|stage| stage.status != Status::Ok);
    match first.map(|stage| stage.status) {
        None | Some(Status::Ok) => ExitCode::Success,
        Some(Status::Incomplete) => ExitCode::Partial,
        Some(Status::KnownLimitation) => ExitCode::Skip,
    }
}

const fn not_yet(stage: u32) -> Stage {
    Stage { stage, status: Status::KnownLimitation, report: None, bytes: None, seconds: None, start_seconds: None }
}

fn stage1(flags: &Bootstrap) -> Result<Stage> {
    let files = Files::new(&flags.out, 1);
    let start = Instant::now();
    let built = compile(flags)?;
    let seconds = start.elapsed().as_secs_f64();
    write_report(&files.report, &built.report)?;
    let mut stage = Stage { status: Status::Incomplete, seconds: Some(seconds), ..not_yet(1) };
    if built.report.exit_code() == ExitCode::Success {
        replace_file(&files.module, &built.bytes)?;
        stage.start_seconds = Some(start_module(&files.module)?);
        stage.bytes = Some(built.bytes.len() as u64);
        stage.status = Status::Ok;
    }
    stage.report = Some(built.report);
    Ok(stage)
}

fn compile(flags: &Bootstrap) -> Result<BuildOutput> {
    let display = Display::new(flags.json);
    let shown = display.clone();
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let options = clysm::BuildOptions { time, function_names: true, ..clysm::BuildOptions::default() };
    let built = bootstrap_stage1(&options, &mut |progress| shown.show(progress));
    display.clear();
    let built = built.map_err(|error| anyhow::anyhow!("{}", error.diagnostic()))?;
    for diagnostic in &built.diagnostics {
        eprint!("{}", render(diagnostic, &built.sources, false));
    }
    Ok(built)
}

/// Writes a report whose figures agree, and reads it back as anyone else would.
fn write_report(path: &Path, report: &CompilationReport) -> Result<()> {
    if let Err(inconsistencies) = report.validate() {
        let texts: Vec<String> = inconsistencies.iter().map(ToString::to_string).collect();
        bail!("the report is inconsistent: {}", texts.join("; "));
    }
    replace_file(path, format!("{}\n", serde_json::to_string_pretty(report)?).as_bytes())?;
    let written: CompilationReport =
        serde_json::from_str(&fs::read_to_string(path)?).context("reading the report back")?;
    if written != *report {
        bail!("{} does not say what was counted", path.display());
    }
    Ok(())
}

/// Validates a stage's module, instantiates it and runs `_start`; the seconds that took, code generation included.
fn start_module(path: &Path) -> Result<f64> {
    let start = Instant::now();
    let mut module = WasmModule::open(path)?;
    if let Some(foreign) = module.imports.iter().find(|import| !import.module.starts_with("clysm:")) {
        bail!("{} imports {} {}, which is none of the host's", path.display(), foreign.module, foreign.name);
    }
    let engine = Engine::new(EngineOptions::default())?;
    module.load(&engine)?;
    let output = OutputBuffer::default();
    let capabilities = Capabilities::new().output(Output::Buffer(output)).refuse_at_call();
    let mut session = Session::new(&engine, capabilities, Limits::default())?;
    module.instantiate(&mut session)?;
    match module.start(&mut session) {
        Ok(()) | Err(HostError::Exit(0)) => Ok(start.elapsed().as_secs_f64()),
        Err(error) => Err(error).context("running _start"),
    }
}

fn summary(stages: &[Stage]) -> String {
    let mut rows =
        vec![row!["stage", "status", "forms", "failed", "skipped", "coverage", "bytes", "compiled", "started"]];
    rows.extend(stages.iter().map(summary_row));
    table::render(&rows)
}

fn summary_row(stage: &Stage) -> Vec<String> {
    let status = match stage.status {
        Status::Ok => "ok",
        Status::Incomplete => "incomplete",
        Status::KnownLimitation => "known limitation",
    };
    let figures = stage.report.as_ref().map(|report| {
        let summary = &report.summary;
        let coverage = format!("{:.2} %", summary.coverage_pct.value());
        row![summary.total_forms, summary.failed, summary.skipped, coverage]
    });
    let seconds = |seconds: Option<f64>| seconds.map_or_else(none, |seconds| format!("{seconds:.1} s"));
    let mut row = row![stage.stage, status];
    row.extend(figures.unwrap_or_else(|| vec![none(); 4]));
    row.push(stage.bytes.map_or_else(none, |bytes| bytes.to_string()));
    row.extend([seconds(stage.seconds), seconds(stage.start_seconds)]);
    row
}

fn none() -> String {
    "–".to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn stages_that_are_not_there_yet_are_a_known_limitation() {
        let made = Stage { status: Status::Ok, ..not_yet(1) };
        assert_eq!(exit_code(&[made]), ExitCode::Success);
        let made = Stage { status: Status::Ok, ..not_yet(1) };
        assert_eq!(exit_code(&[made, not_yet(2)]), ExitCode::Skip);
        let partial = Stage { status: Status::Incomplete, ..not_yet(1) };
        assert_eq!(exit_code(&[partial, not_yet(2)]), ExitCode::Partial);
        assert!(summary(&[not_yet(2)]).contains("known limitation"));
    }

    #[test]
    fn a_stage_that_cannot_start_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::new(directory.path(), 1);
        fs::write(&files.module, b"not wasm").unwrap();
        assert!(start_module(&files.module).is_err());
        files.delete().unwrap();
        files.delete().unwrap();
        assert!(!files.module.exists());
    }
}
