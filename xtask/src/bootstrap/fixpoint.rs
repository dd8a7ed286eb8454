//! Whether the stages have reached a fixpoint: `fixpoint.json`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clysm_host::{ModuleError, WasmModule};
use clysm_report::ExitCode;
use serde::Serialize;

use super::Files;
use super::stage::{Stage, Status};
use crate::compare::{self, Difference, Fingerprint, first_difference};
use crate::output::replace_file;
use crate::programs::{Failure, Programs};

/// How the bootstrap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixpointStatus {
    /// All stages are the same module, nothing was skipped or failed, and programs that it compiles do what they should.
    Achieved,
    /// Two stages differ, one is no compiler, or it does not compile programs as it should.
    NotAchieved,
    /// Forms did not compile, or a stage's compiler failed.
    CompilationError,
    /// A source is missing.
    MissingDependency,
}

impl FixpointStatus {
    /// The exit code of a command that ends so.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Achieved => ExitCode::Success,
            Self::NotAchieved | Self::CompilationError => ExitCode::Partial,
            Self::MissingDependency => ExitCode::MissingDependency,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Achieved => "achieved",
            Self::NotAchieved => "not achieved",
            Self::CompilationError => "compilation error",
            Self::MissingDependency => "missing dependency",
        }
    }
}

/// A stage, as far as it got.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its number.
    pub stage: u32,
    /// How it ended.
    pub status: Status,
    /// Its size and digest, if it was made.
    #[serde(flatten)]
    pub module: Option<Fingerprint>,
    /// How long making it took.
    pub seconds: f64,
    /// How long its own code took to generate and start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_seconds: Option<f64>,
}

impl Made {
    fn of(stage: &Stage) -> Self {
        Self {
            stage: stage.stage,
            status: stage.status,
            module: stage.module.clone(),
            seconds: stage.seconds,
            start_seconds: stage.start_seconds,
        }
    }
}

/// Two stages that were compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Their numbers.
    pub stages: [u32; 2],
    /// Where they first differ; null if they are the same.
    pub first_difference: Option<Difference>,
}

/// The record of a bootstrap.
#[derive(Clone, Debug, Serialize)]
pub struct Fixpoint {
    /// How it ended.
    pub status: FixpointStatus,
    /// The stages in order, up to the first that was not made.
    pub stages: Vec<Made>,
    /// Each stage with the one before.
    pub comparisons: Vec<Comparison>,
    /// What came of programs that Stage 2 compiled and ran; null if it was not made.
    pub programs: Option<Programs>,
}

impl Fixpoint {
    /// Judges stages, whose modules are in a directory.
    pub fn of(stages: &[Stage], programs: Option<Programs>, out: &Path) -> Result<Self> {
        let mut comparisons = Vec::new();
        for pair in stages.windows(2) {
            let [before, after] = pair else { continue };
            if before.module.is_some() && after.module.is_some() {
                let read = |stage: &Stage| compare::read(&Files::new(out, stage.stage).module);
                comparisons.push(Comparison {
                    stages: [before.stage, after.stage],
                    first_difference: first_difference(&read(before)?, &read(after)?),
                });
            }
        }
        let status = status(stages, &comparisons, programs.as_ref());
        Ok(Self { status, stages: stages.iter().map(Made::of).collect(), comparisons, programs })
    }

    /// Writes the record.
    pub fn write(&self, path: &Path) -> Result<()> {
        replace_file(path, format!("{}\n", serde_json::to_string_pretty(self)?).as_bytes())
    }

    /// The exit code of the bootstrap.
    pub const fn exit_code(&self) -> ExitCode {
        self.status.exit_code()
    }

    /// How it ended, in words.
    pub fn sentence(&self) -> String {
        let difference = self.comparisons.iter().find_map(|comparison| {
            let difference = comparison.first_difference.as_ref()?;
            Some(format!(": stages {} and {} differ at {difference}", comparison.stages[0], comparison.stages[1]))
        });
        let first = self.stages.first().filter(|_| self.status == FixpointStatus::Achieved);
        let digest = first.and_then(|stage| stage.module.as_ref()).map(|module| format!(": sha256 {}", module.sha256));
        format!("fixpoint {}{}", self.status.words(), difference.or(digest).unwrap_or_default())
    }

    /// What came of the programs, in words; a line for each that failed.
    pub fn programs_text(&self) -> String {
        let Some(programs) = &self.programs else { return String::new() };
        let passed = programs.run - programs.failures.len();
        let mut text = format!("stage 2 runs {passed} of {} programs as it should\n", programs.run);
        for Failure { program, why } in &programs.failures {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{program}: {}", why.trim_end());
        }
        text
    }
}

/// A module that was compared with another.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Its file.
    pub path: PathBuf,
    /// Its size and digest, if it is there.
    #[serde(flatten)]
    pub module: Option<Fingerprint>,
}

/// Two modules compared the way stages are.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Whether they are the same, or one is missing.
    pub status: FixpointStatus,
    /// The modules.
    pub modules: Vec<Verified>,
    /// Where they first differ; null if they are the same, or one is missing.
    pub first_difference: Option<Difference>,
}

impl Verification {
    /// Compares modules. What is no module is an error: two empty files are no fixpoint.
    pub fn of(paths: [&Path; 2]) -> Result<Self> {
        let octets = paths.into_iter().map(module_octets).collect::<Result<Vec<_>>>()?;
        let modules = paths
            .iter()
            .zip(&octets)
            .map(|(path, octets)| Verified { path: path.to_path_buf(), module: octets.as_deref().map(Fingerprint::of) })
            .collect();
        let (status, first_difference) = match &octets[..] {
            [Some(left), Some(right)] => match first_difference(left, right) {
                None => (FixpointStatus::Achieved, None),
                difference => (FixpointStatus::NotAchieved, difference),
            },
            _ => (FixpointStatus::MissingDependency, None),
        };
        Ok(Self { status, modules, first_difference })
    }

    /// What came out, in words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for Verified { path, module } in &self.modules {
            let _ = match module {
                Some(module) => writeln!(text, "{}: {} octets, sha256 {}", path.display(), module.bytes, module.sha256),
                None => writeln!(text, "{}: no such file", path.display()),
            };
        }
        let _ = match &self.first_difference {
            Some(difference) => writeln!(text, "fixpoint {}: they differ at {difference}", self.status.words()),
            None => writeln!(text, "fixpoint {}", self.status.words()),
        };
        text
    }
}

/// A module's octets, none if there is no such file.
fn module_octets(path: &Path) -> Result<Option<Vec<u8>>> {
    match WasmModule::open(path) {
        Err(ModuleError::NotFound { .. }) => Ok(None),
        Err(error @ ModuleError::NotReadable { .. }) => Err(error.into()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
        Ok(_) => compare::read(path).map(Some),
    }
}

fn status(stages: &[Stage], comparisons: &[Comparison], programs: Option<&Programs>) -> FixpointStatus {
    let works = programs.is_some_and(|programs| programs.run > 0 && programs.failures.is_empty());
    let are_same = comparisons.len() == 2 && comparisons.iter().all(|pair| pair.first_difference.is_none());

    let failed = stages.iter().map(|stage| stage.status).find(|status| *status != Status::Ok);
    match failed {
        Some(Status::MissingSource) => FixpointStatus::MissingDependency,
        Some(Status::NotACompiler) => FixpointStatus::NotAchieved,
        Some(_) => FixpointStatus::CompilationError,
        None if !stages.iter().all(is_complete) => FixpointStatus::CompilationError,
        None if are_same && works => FixpointStatus::Achieved,
        None => FixpointStatus::NotAchieved,
    }
}

/// Whether every form of a stage was compiled. One that was given instead of made has to be the same as the next.
fn is_complete(stage: &Stage) -> bool {
    stage.given
        || stage.report.as_ref().is_some_and(|report| {
            let summary = &report.summary;
            let whole = summary.compiled == summary.total_forms && summary.compiled > 0;
            whole && summary.failed == 0 && summary.skipped == 0
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use clysm_report::{Event, ReportBuilder, StageVersion, Timestamp};

    fn stage(number: u32, status: Status) -> Stage {
        Stage { stage: number, status, given: false, report: None, module: None, seconds: 0.5, start_seconds: None }
    }

    /// Three complete stages, whose modules are files in a directory.
    fn stages(directory: &Path, modules: [&[u8]; 3]) -> Vec<Stage> {
        (1..)
            .zip(modules)
            .map(|(number, octets)| {
                std::fs::write(Files::new(directory, number).module, octets).unwrap();
                let mut report = ReportBuilder::new(StageVersion::new(number, 0, 1));
                report.record(Event::ModuleStarted { path: "a.lisp".to_owned() }).unwrap();
                report.record(Event::FormCompiled).unwrap();
                let report = report.finish(Timestamp::from_unix_seconds(0));
                Stage { report: Some(report), module: Some(Fingerprint::of(octets)), ..stage(number, Status::Ok) }
            })
            .collect()
    }

    /// A program that does what it should.
    fn passed() -> Option<Programs> {
        Some(Programs { run: 1, failures: Vec::new(), seconds: 0.5 })
    }

    #[test]
    fn a_program_that_fails_is_no_fixpoint() {
        let directory = tempfile::tempdir().unwrap();
        let stages = stages(directory.path(), [b"same"; 3]);
        let failure = Failure { program: "a.lisp".to_owned(), why: "other output".to_owned() };
        let programs = Programs { run: 3, failures: vec![failure], seconds: 0.5 };
        let fixpoint = Fixpoint::of(&stages, Some(programs), directory.path()).unwrap();
        assert_eq!(fixpoint.status, FixpointStatus::NotAchieved);
        assert_eq!(fixpoint.programs_text(), "stage 2 runs 2 of 3 programs as it should\na.lisp: other output\n");
        assert_eq!(fixpoint.sentence(), "fixpoint not achieved");
    }

    #[test]
    fn stages_that_are_the_same_are_a_fixpoint() {
        let directory = tempfile::tempdir().unwrap();
        let stages = stages(directory.path(), [b"same"; 3]);
        let fixpoint = Fixpoint::of(&stages, passed(), directory.path()).unwrap();
        assert_eq!(fixpoint.status, FixpointStatus::Achieved);
        assert_eq!(fixpoint.exit_code(), ExitCode::Success);
        let json = serde_json::to_value(&fixpoint).unwrap();
        let sha256 = "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5";
        assert_eq!(fixpoint.sentence(), format!("fixpoint achieved: sha256 {sha256}"));
        assert_eq!(
            json,
            serde_json::json!({
                "status": "achieved",
                "stages": [
                    { "stage": 1, "status": "ok", "bytes": 4, "sha256": sha256, "seconds": 0.5 },
                    { "stage": 2, "status": "ok", "bytes": 4, "sha256": sha256, "seconds": 0.5 },
                    { "stage": 3, "status": "ok", "bytes": 4, "sha256": sha256, "seconds": 0.5 },
                ],
                "comparisons": [
                    { "stages": [1, 2], "first_difference": null },
                    { "stages": [2, 3], "first_difference": null },
                ],
                "programs": { "run": 1, "failures": [], "seconds": 0.5 },
            })
        );
        // Without figures nothing is achieved, and two stages are no fixpoint.
        let judge = |stages: &[Stage], programs| Fixpoint::of(stages, programs, directory.path()).unwrap().status;
        assert_eq!(judge(&stages[..2], passed()), FixpointStatus::NotAchieved);
        assert_eq!(judge(&stages, None), FixpointStatus::NotAchieved, "no program was run");
        assert_eq!(judge(&stages, Some(Programs::default())), FixpointStatus::NotAchieved);
        let unreported: Vec<Stage> = stages.into_iter().map(|stage| Stage { report: None, ..stage }).collect();
        assert_eq!(judge(&unreported, passed()), FixpointStatus::CompilationError);
    }

    #[test]
    fn what_was_not_made_is_no_fixpoint() {
        let judge = |last| {
            let stages = [stage(1, Status::Ok), stage(2, last)];
            Fixpoint::of(&stages, passed(), Path::new("nowhere")).unwrap().status
        };
        assert_eq!(judge(Status::Ok), FixpointStatus::CompilationError, "no report, no figures");
        assert_eq!(judge(Status::Incomplete), FixpointStatus::CompilationError);
        assert_eq!(judge(Status::MissingSource), FixpointStatus::MissingDependency);
        assert_eq!(judge(Status::NotACompiler), FixpointStatus::NotAchieved);
    }

    #[test]
    fn the_first_difference_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let stages = stages(directory.path(), [b"same", b"same", b"sane"]);
        let mut fixpoint = Fixpoint::of(&stages, passed(), directory.path()).unwrap();
        assert_eq!(fixpoint.status, FixpointStatus::NotAchieved);
        assert_eq!(fixpoint.exit_code(), ExitCode::Partial);
        assert_eq!(fixpoint.sentence(), "fixpoint not achieved: stages 2 and 3 differ at offset 2");
        let difference = fixpoint.comparisons[1].first_difference.as_mut().unwrap();
        difference.section = Some("code".to_owned());
        difference.function = Some("CAR".to_owned());
        assert_eq!(
            fixpoint.sentence(),
            "fixpoint not achieved: stages 2 and 3 differ at offset 2, in the code section, in CAR"
        );
    }
}
