//! Whether the stages have reached a fixpoint: `fixpoint.json`.

use std::path::Path;

use anyhow::Result;
use clysm_report::ExitCode;
use serde::Serialize;

use super::Files;
use super::stage::{Stage, Status};
use crate::compare::{self, Difference, Fingerprint, first_difference};
use crate::output::replace_file;

/// How the bootstrap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixpointStatus {
    /// All stages are the same module, and nothing was skipped or failed.
    Achieved,
    /// Two stages differ, or one is no compiler.
    NotAchieved,
    /// Forms did not compile, or a stage's compiler failed.
    CompilationError,
    /// A source is missing.
    MissingDependency,
}

/// Two stages that were compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Their numbers.
    pub stages: [u32; 2],
    /// Where they first differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<Difference>,
}

/// The record of a bootstrap.
#[derive(Clone, Debug, Serialize)]
pub struct Fixpoint {
    /// How it ended.
    pub status: FixpointStatus,
    /// The modules that were made, in order.
    pub modules: Vec<Fingerprint>,
    /// Each stage with the one before.
    pub comparisons: Vec<Comparison>,
    /// How long each stage took.
    pub seconds: Vec<f64>,
}

impl Fixpoint {
    /// Judges stages, whose modules are in a directory.
    pub fn of(stages: &[Stage], out: &Path) -> Result<Self> {
        let modules: Vec<Fingerprint> = stages.iter().filter_map(|stage| stage.module.clone()).collect();
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
        let status = status(stages, &comparisons);
        Ok(Self { status, modules, comparisons, seconds: stages.iter().map(|stage| stage.seconds).collect() })
    }

    /// Writes the record.
    pub fn write(&self, path: &Path) -> Result<()> {
        replace_file(path, format!("{}\n", serde_json::to_string_pretty(self)?).as_bytes())
    }

    /// The exit code of the bootstrap.
    pub const fn exit_code(&self) -> ExitCode {
        match self.status {
            FixpointStatus::Achieved => ExitCode::Success,
            FixpointStatus::NotAchieved | FixpointStatus::CompilationError => ExitCode::Partial,
            FixpointStatus::MissingDependency => ExitCode::MissingDependency,
        }
    }

    /// How it ended, in words.
    pub fn sentence(&self) -> String {
        let difference = self.comparisons.iter().find_map(|comparison| {
            let difference = comparison.first_difference.as_ref()?;
            Some(format!(": stages {} and {} differ at {difference}", comparison.stages[0], comparison.stages[1]))
        });
        let status = match self.status {
            FixpointStatus::Achieved => "achieved",
            FixpointStatus::NotAchieved => "not achieved",
            FixpointStatus::CompilationError => "compilation error",
            FixpointStatus::MissingDependency => "missing dependency",
        };
        let digest = self.modules.first().filter(|_| self.status == FixpointStatus::Achieved);
        let digest = digest.map(|module| format!(": sha256 {}", module.sha256));
        format!("fixpoint {status}{}", difference.or(digest).unwrap_or_default())
    }
}

fn status(stages: &[Stage], comparisons: &[Comparison]) -> FixpointStatus {
    let failed = stages.iter().map(|stage| stage.status).find(|status| *status != Status::Ok);
    match failed {
        Some(Status::MissingSource) => FixpointStatus::MissingDependency,
        Some(Status::NotACompiler) => FixpointStatus::NotAchieved,
        Some(_) => FixpointStatus::CompilationError,
        None if !stages.iter().all(is_complete) => FixpointStatus::CompilationError,
        None if comparisons.len() == 2 && comparisons.iter().all(|pair| pair.first_difference.is_none()) => {
            FixpointStatus::Achieved
        }
        None => FixpointStatus::NotAchieved,
    }
}

/// Whether every form of a stage was compiled.
fn is_complete(stage: &Stage) -> bool {
    stage.report.as_ref().is_some_and(|report| {
        let summary = &report.summary;
        summary.failed == 0 && summary.skipped == 0 && summary.compiled == summary.total_forms && summary.compiled > 0
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn stage(number: u32, status: Status) -> Stage {
        Stage { stage: number, status, report: None, module: None, seconds: 0.0, start_seconds: None }
    }

    #[test]
    fn what_was_not_made_is_no_fixpoint() {
        let judge = |last| {
            let stages = [stage(1, Status::Ok), stage(2, last)];
            Fixpoint::of(&stages, Path::new("nowhere")).unwrap().status
        };
        assert_eq!(judge(Status::Ok), FixpointStatus::CompilationError, "no report, no figures");
        assert_eq!(judge(Status::Incomplete), FixpointStatus::CompilationError);
        assert_eq!(judge(Status::MissingSource), FixpointStatus::MissingDependency);
        assert_eq!(judge(Status::NotACompiler), FixpointStatus::NotAchieved);
    }

    #[test]
    fn the_first_difference_is_told() {
        let difference = Difference { offset: 7, section: Some("code".to_owned()), function: Some("CAR".to_owned()) };
        let fixpoint = Fixpoint {
            status: FixpointStatus::NotAchieved,
            modules: Vec::new(),
            comparisons: vec![Comparison { stages: [1, 2], first_difference: Some(difference) }],
            seconds: Vec::new(),
        };
        assert_eq!(
            fixpoint.sentence(),
            "fixpoint not achieved: stages 1 and 2 differ at offset 7, in the code section, in CAR"
        );
        assert_eq!(fixpoint.exit_code(), ExitCode::Partial);
    }
}
