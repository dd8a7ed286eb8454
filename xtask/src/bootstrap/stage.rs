//! One stage: how it is made, and what must hold of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use clysm::{Progress, bootstrap_stage1};
use clysm_host::WasmModule;
use clysm_host::compiler::{COMPILE_ALL, COMPILE_FILE, COMPILE_FORM};
use clysm_lisp::{COMPILER, START, Source};
use clysm_report::{CompilationReport, ExitCode, render};
use serde::Serialize;

use super::Files;
use crate::compare::{self, Fingerprint};
use crate::output::{replace_file, root};
use crate::programs::Programs;
use crate::progress::Display;
use crate::row;

/// What a host must be able to call of a compiler.
const EXPORTS: [&str; 4] = ["_start", COMPILE_FORM, COMPILE_FILE, COMPILE_ALL];

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Made, validated and started.
    Ok,
    /// Some forms did not compile; there is a report but no module.
    Incomplete,
    /// The compiler failed.
    Failed,
    /// A source is missing.
    MissingSource,
    /// The module lacks something that a compiler must have.
    NotACompiler,
}

/// A row of the summary. The field names are those of the JSON form.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// Its number.
    pub stage: u32,
    /// How it ended.
    pub status: Status,
    /// Whether it was there before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub given: bool,
    /// What was compiled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<CompilationReport>,
    /// The module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Fingerprint>,
    /// How long making it took.
    pub seconds: f64,
    /// Of that, or after it, how long its own code took to generate and start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_seconds: Option<f64>,
}

impl Stage {
    /// The exit code of a bootstrap that ends with this stage.
    pub const fn exit_code(&self) -> ExitCode {
        match self.status {
            Status::Ok => ExitCode::Success,
            Status::Incomplete => ExitCode::Partial,
            Status::Failed => ExitCode::Failure,
            Status::MissingSource => ExitCode::MissingDependency,
            Status::NotACompiler => ExitCode::Skip,
        }
    }

    /// The cells of its row.
    pub fn row(&self) -> Vec<String> {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Incomplete => "incomplete",
            Status::Failed => "failed",
            Status::MissingSource => "missing source",
            Status::NotACompiler => "no compiler",
        };
        let none = || "–".to_owned();
        let seconds = |seconds: Option<f64>| seconds.map_or_else(none, |seconds| format!("{seconds:.1} s"));
        let mut cells = row![self.stage, status];
        cells.extend(match &self.report {
            Some(report) => row![
                report.summary.total_forms,
                report.summary.failed,
                report.summary.skipped,
                format!("{:.2} %", report.summary.coverage_pct.value())
            ],
            None => vec![none(), none(), none(), none()],
        });
        cells.push(self.module.as_ref().map_or_else(none, |module| module.bytes.to_string()));
        cells.push(seconds(Some(self.seconds)));
        cells.push(seconds(self.start_seconds));
        cells
    }
}

/// The sources of every stage, in load order.
pub fn sources() -> impl Iterator<Item = &'static Source> {
    clysm_lisp::runtime().chain(COMPILER).chain([&START])
}

/// What runs stages: processes that have no compiler of their own.
pub struct Host {
    program: PathBuf,
    /// Where they keep machine code.
    cache: PathBuf,
}

impl Host {
    /// Has cargo bring the program `run-stage` up to date.
    pub fn new(cache: &Path) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", "xtask", "--bin", "run-stage"])
            .current_dir(root())
            .status()
            .context("starting cargo")?;
        if !built.success() {
            bail!("run-stage does not build");
        }
        let program = std::env::current_exe().context("looking for run-stage")?.with_file_name("run-stage");
        Ok(Self { program, cache: cache.to_path_buf() })
    }

    /// A process that runs a module.
    fn run(&self, module: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--cache").arg(&self.cache).arg(module);
        command
    }

    /// Has a stage compile and run the programs of a directory.
    pub fn start_programs(&self, module: &Path, directory: &Path) -> Result<Child> {
        let mut command = self.run(module);
        command.arg("--programs").arg(directory).stdin(Stdio::null()).stdout(Stdio::piped());
        command.spawn().context("starting the stage's host")
    }
}

/// What came of programs.
pub fn finish_programs(process: Child) -> Result<Programs> {
    let output = process.wait_with_output().context("waiting for the stage's host")?;
    if !output.status.success() {
        bail!("the stage's host, which ran programs, ended with {}", output.status);
    }
    serde_json::from_slice(&output.stdout).context("reading what came of programs")
}

/// Stage 1, made by the Rust compiler.
pub fn first(host: &Host, files: &Files, display: &Display) -> Result<Stage> {
    let start = Instant::now();
    let shown = display.clone();
    let options = clysm::BuildOptions { time: now(), function_names: true, ..clysm::BuildOptions::default() };
    let built = bootstrap_stage1(&options, &mut |progress| shown.show(progress));
    let built = built.map_err(|error| anyhow::anyhow!("{}", error.diagnostic()))?;
    for diagnostic in &built.diagnostics {
        eprint!("{}", render(diagnostic, &built.sources, false));
    }
    write_report(&files.report, &built.report)?;
    let complete = built.report.exit_code() == ExitCode::Success;
    let mut stage = Stage {
        stage: 1,
        status: if complete { Status::Ok } else { Status::Incomplete },
        given: false,
        report: Some(built.report),
        module: None,
        seconds: start.elapsed().as_secs_f64(),
        start_seconds: None,
    };
    if complete {
        replace_file(&files.module, &built.bytes)?;
        check(&mut stage, host, files, display)?;
    }
    Ok(stage)
}

/// A Stage 1 that was made before.
pub fn given(host: &Host, module: &Path, files: &Files, display: &Display) -> Result<Stage> {
    let start = Instant::now();
    let mut stage = Stage {
        stage: 1,
        status: Status::Ok,
        given: true,
        report: None,
        module: None,
        seconds: 0.0,
        start_seconds: None,
    };
    if !module.exists() {
        eprintln!("error[missing-file]: cannot read {}: no such file or directory", module.display());
        stage.status = Status::MissingSource;
        return Ok(stage);
    }
    replace_file(&files.module, &compare::read(module)?)?;
    stage.seconds = start.elapsed().as_secs_f64();
    check(&mut stage, host, files, display)?;
    Ok(stage)
}

/// The stage that a compiler makes of the sources under a directory.
pub fn next(
    host: &Host,
    number: u32,
    (compiler, directory): (&Path, &Path),
    files: &Files,
    display: &Display,
) -> Result<Stage> {
    display.show(Progress { stage: "stage", done: number as usize - 1, total: 3, item: format!("stage {number}") });
    let start = Instant::now();
    let out = files.module.parent().unwrap_or(Path::new("."));
    let mut command = host.run(compiler);
    command.arg("--dir").arg(directory).arg("--dir").arg(out).arg("--").arg("compile");
    command.args(["--library", "--function-names", "--stage", &number.to_string(), "--time", &now().to_string()]);
    command.arg("-o").arg(absolute(&files.module)?).arg("--report").arg(absolute(&files.report)?);
    command.args(sources().map(|source| source.path));
    let ended = command.stdout(Stdio::null()).status().context("starting the stage's host")?;
    let mut stage = Stage {
        stage: number,
        status: match ended.code() {
            Some(0) => Status::Ok,
            Some(1) => Status::Incomplete,
            Some(3) => Status::MissingSource,
            _ => Status::Failed,
        },
        given: false,
        report: None,
        module: None,
        seconds: start.elapsed().as_secs_f64(),
        start_seconds: None,
    };
    if files.report.exists() {
        let report: CompilationReport = serde_json::from_str(&fs::read_to_string(&files.report)?)
            .with_context(|| format!("reading {}", files.report.display()))?;
        check_report(&report)?;
        stage.report = Some(report);
    }
    if stage.status == Status::Ok {
        check(&mut stage, host, files, display)?;
    }
    Ok(stage)
}

/// What must hold of a module before it counts: it is valid, needs nothing but the host, is a compiler, and starts.
fn check(stage: &mut Stage, host: &Host, files: &Files, display: &Display) -> Result<()> {
    display.show(Progress {
        stage: "stage",
        done: stage.stage as usize - 1,
        total: 3,
        item: format!("starting stage {}", stage.stage),
    });
    let module = WasmModule::open(&files.module)?;
    stage.module = Some(Fingerprint::of(&compare::read(&files.module)?));
    if let Some(foreign) = module.imports.iter().find(|import| !import.module.starts_with("clysm:")) {
        bail!("{} imports {} {}, which is none of the host's", files.module.display(), foreign.module, foreign.name);
    }
    if let Some(missing) = EXPORTS.iter().find(|name| !module.exports.iter().any(|export| export == *name)) {
        eprintln!("{} does not export {missing}: it is no compiler", files.module.display());
        stage.status = Status::NotACompiler;
        return Ok(());
    }
    let start = Instant::now();
    let ended = host.run(&files.module).status().context("starting the stage's host")?;
    stage.start_seconds = Some(start.elapsed().as_secs_f64());
    if !ended.success() {
        stage.status = Status::Failed;
    }
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

fn check_report(report: &CompilationReport) -> Result<()> {
    if let Err(inconsistencies) = report.validate() {
        let texts: Vec<String> = inconsistencies.iter().map(ToString::to_string).collect();
        bail!("the report is inconsistent: {}", texts.join("; "));
    }
    Ok(())
}

/// Writes a report whose figures agree, and reads it back as anyone else would.
fn write_report(path: &Path, report: &CompilationReport) -> Result<()> {
    check_report(report)?;
    replace_file(path, format!("{}\n", serde_json::to_string_pretty(report)?).as_bytes())?;
    let written: CompilationReport =
        serde_json::from_str(&fs::read_to_string(path)?).context("reading the report back")?;
    if written != *report {
        bail!("{} does not say what was counted", path.display());
    }
    Ok(())
}
