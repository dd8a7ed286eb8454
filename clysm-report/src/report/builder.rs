//! Reports from counted events.

use serde_json::Map;
use thiserror::Error;

use super::{CompilationReport, ModuleResult, Percent, StageVersion, Summary, Timestamp};

/// What happened while a stage was compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A source file begins; the forms that follow are its forms.
    ModuleStarted {
        /// Its path.
        path: String,
    },
    /// A form was compiled.
    FormCompiled,
    /// A form could not be compiled.
    FormFailed,
    /// A form was left out on purpose.
    FormSkipped,
}

/// A form was counted before any module had started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a form was counted before any module had started")]
pub struct OutsideModule;

/// Counts events and makes the report of them: no figure in a report comes from anywhere else.
///
/// ```
/// use clysm_report::{Event, ReportBuilder, StageVersion, Timestamp};
///
/// let mut builder = ReportBuilder::new(StageVersion::new(1, 0, 1));
/// builder.record(Event::ModuleStarted { path: "lisp/runtime/base.lisp".into() })?;
/// for event in [Event::FormCompiled, Event::FormCompiled, Event::FormFailed, Event::FormSkipped] {
///     builder.record(event)?;
/// }
/// let report = builder.finish(Timestamp::parse("2026-01-02T03:04:05Z")?);
/// assert_eq!((report.summary.total_forms, report.summary.compiled), (4, 2));
/// assert!((report.summary.coverage_pct.value() - 66.7).abs() < 0.1);
/// assert_eq!(report.validate(), Ok(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReportBuilder {
    stage_version: StageVersion,
    modules: Vec<ModuleResult>,
    skipped: u64,
}

impl ReportBuilder {
    /// A builder that has counted nothing.
    #[must_use]
    pub const fn new(stage_version: StageVersion) -> Self {
        Self { stage_version, modules: Vec::new(), skipped: 0 }
    }

    /// Counts an event.
    ///
    /// # Errors
    /// A form without a module.
    pub fn record(&mut self, event: Event) -> Result<(), OutsideModule> {
        if let Event::ModuleStarted { path } = event {
            self.modules.push(ModuleResult { path, compiled: 0, failed: 0, total: 0, other: Map::new() });
            return Ok(());
        }
        let module = self.modules.last_mut().ok_or(OutsideModule)?;
        module.total += 1;
        match event {
            Event::FormCompiled => module.compiled += 1,
            Event::FormFailed => module.failed += 1,
            Event::FormSkipped | Event::ModuleStarted { .. } => self.skipped += 1,
        }
        Ok(())
    }

    /// The results of the modules so far, for showing progress.
    #[must_use]
    pub fn modules(&self) -> &[ModuleResult] {
        &self.modules
    }

    /// The sums so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let sum = |figure: fn(&ModuleResult) -> u64| self.modules.iter().map(figure).sum();
        let (total_forms, compiled): (u64, u64) = (sum(|module| module.total), sum(|module| module.compiled));
        Summary {
            total_forms,
            compiled,
            failed: sum(|module| module.failed),
            skipped: self.skipped,
            coverage_pct: Percent::ratio(compiled, total_forms - self.skipped),
            other: Map::new(),
        }
    }

    /// The report, with the time the caller says it is.
    #[must_use]
    pub fn finish(self, timestamp: Timestamp) -> CompilationReport {
        CompilationReport {
            timestamp,
            summary: self.summary(),
            stage_version: self.stage_version,
            modules: Some(self.modules),
            other: Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_belong_to_modules() {
        let mut builder = ReportBuilder::new(StageVersion::new(1, 0, 1));
        assert_eq!(builder.record(Event::FormCompiled), Err(OutsideModule));
        assert_eq!(builder.summary().total_forms, 0);
    }

    #[test]
    fn modules_count_apart() {
        let mut builder = ReportBuilder::new(StageVersion::new(1, 0, 1));
        let events = [
            Event::ModuleStarted { path: "a".into() },
            Event::FormCompiled,
            Event::FormSkipped,
            Event::ModuleStarted { path: "b".into() },
            Event::FormFailed,
        ];
        for event in events {
            assert_eq!(builder.record(event), Ok(()));
        }
        let rows: Vec<_> = builder.modules().iter().map(|m| (&*m.path, m.compiled, m.failed, m.total)).collect();
        assert_eq!(rows, [("a", 1, 0, 2), ("b", 0, 1, 1)]);
        assert_eq!(builder.summary().coverage_pct.value(), 50.0);
    }
}
