//! Whether the figures of a report agree.

use thiserror::Error;

use super::{CompilationReport, ModuleResult, Percent, Summary};

/// Figures of a report that contradict each other.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Inconsistency {
    /// compiled + failed + skipped ≠ total.
    #[error("{compiled} compiled + {failed} failed + {skipped} skipped forms are not the {total} forms in total")]
    FormSum {
        /// Forms compiled.
        compiled: u64,
        /// Forms failed.
        failed: u64,
        /// Forms skipped.
        skipped: u64,
        /// Total forms.
        total: u64,
    },
    /// The coverage is not 100 · compiled / (total − skipped), to two decimals.
    #[error("a coverage of {stated} % is reported where the forms give {counted} %")]
    Coverage {
        /// The figure in the report.
        stated: f64,
        /// What the counts give.
        counted: f64,
    },
    /// A module compiled and failed more forms than it has.
    #[error("{path}: {compiled} compiled + {failed} failed forms are more than its {total}")]
    ModuleForms {
        /// The module's path.
        path: String,
        /// Forms compiled.
        compiled: u64,
        /// Forms failed.
        failed: u64,
        /// Total forms.
        total: u64,
    },
    /// A figure of the summary is not the sum over the modules.
    #[error("the summary says {figure} = {summary} where the modules add up to {modules}")]
    ModuleSum {
        /// The figure: `total_forms`, `compiled` or `failed`.
        figure: &'static str,
        /// What the summary says.
        summary: u64,
        /// The sum over the modules.
        modules: u128,
    },
}

/// How far a stated coverage may be from the counted one: half of the second decimal, for reports that round.
const COVERAGE_TOLERANCE: f64 = 0.005;

/// Every inconsistency of a report.
pub(super) fn check(report: &CompilationReport) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let summary = &report.summary;
    found.extend(form_sum(summary));
    found.extend(coverage(summary));
    // A report without the part says nothing about modules; one with an empty list says that there were none.
    if let Some(modules) = &report.modules {
        found.extend(modules.iter().filter_map(module_forms));
        found.extend(module_sum("total_forms", summary.total_forms, modules, |module| module.total));
        found.extend(module_sum("compiled", summary.compiled, modules, |module| module.compiled));
        found.extend(module_sum("failed", summary.failed, modules, |module| module.failed));
    }
    found
}

fn form_sum(summary: &Summary) -> Option<Inconsistency> {
    let &Summary { compiled, failed, skipped, total_forms: total, .. } = summary;
    let sum = u128::from(compiled) + u128::from(failed) + u128::from(skipped);
    (sum != u128::from(total)).then_some(Inconsistency::FormSum { compiled, failed, skipped, total })
}

fn coverage(summary: &Summary) -> Option<Inconsistency> {
    let attempted = summary.total_forms.saturating_sub(summary.skipped);
    let counted = Percent::ratio(summary.compiled, attempted).value();
    let stated = summary.coverage_pct.value();
    ((stated - counted).abs() > COVERAGE_TOLERANCE).then_some(Inconsistency::Coverage { stated, counted })
}

fn module_forms(module: &ModuleResult) -> Option<Inconsistency> {
    let &ModuleResult { compiled, failed, total, .. } = module;
    (u128::from(compiled) + u128::from(failed) > u128::from(total)).then(|| Inconsistency::ModuleForms {
        path: module.path.clone(),
        compiled,
        failed,
        total,
    })
}

fn module_sum(
    figure: &'static str,
    summary: u64,
    modules: &[ModuleResult],
    of: fn(&ModuleResult) -> u64,
) -> Option<Inconsistency> {
    let sum: u128 = modules.iter().map(|module| u128::from(of(module))).sum();
    (sum != u128::from(summary)).then_some(Inconsistency::ModuleSum { figure, summary, modules: sum })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check_json(summary: &Value, modules: &Value) -> Vec<Inconsistency> {
        let document = json!({
            "timestamp": "2026-01-02T03:04:05Z", "stage_version": "stage1-v0.1", "summary": summary, "modules": modules
        });
        match serde_json::from_value::<CompilationReport>(document) {
            Ok(report) => check(&report),
            Err(error) => unreachable!("{error}"),
        }
    }

    #[test]
    fn agreeing_figures_pass_rounded_coverage_included() {
        let summary = json!({ "total_forms": 4, "compiled": 2, "failed": 1, "skipped": 1, "coverage_pct": 66.67 });
        let modules = json!([
            { "path": "a", "compiled": 2, "failed": 0, "total": 3 },
            { "path": "b", "compiled": 0, "failed": 1, "total": 1 }
        ]);
        assert_eq!(check_json(&summary, &modules), []);
        let empty = json!({ "total_forms": 0, "compiled": 0, "failed": 0, "coverage_pct": 0 });
        assert_eq!(check_json(&empty, &json!([])), []);
    }

    #[test]
    fn every_inconsistency_is_named() {
        let summary = json!({ "total_forms": 9, "compiled": 2, "failed": 1, "skipped": 1, "coverage_pct": 100 });
        let modules = json!([{ "path": "a", "compiled": 3, "failed": 2, "total": 4 }]);
        let found = check_json(&summary, &modules);
        assert_eq!(
            found,
            [
                Inconsistency::FormSum { compiled: 2, failed: 1, skipped: 1, total: 9 },
                Inconsistency::Coverage { stated: 100.0, counted: 25.0 },
                Inconsistency::ModuleForms { path: "a".into(), compiled: 3, failed: 2, total: 4 },
                Inconsistency::ModuleSum { figure: "total_forms", summary: 9, modules: 4 },
                Inconsistency::ModuleSum { figure: "compiled", summary: 2, modules: 3 },
                Inconsistency::ModuleSum { figure: "failed", summary: 1, modules: 2 },
            ]
        );
        assert_eq!(
            found.first().map(ToString::to_string).as_deref(),
            Some("2 compiled + 1 failed + 1 skipped forms are not the 9 forms in total")
        );
    }

    #[test]
    fn huge_counts_do_not_overflow() {
        let summary =
            json!({ "total_forms": 1, "compiled": u64::MAX, "failed": u64::MAX, "skipped": 9, "coverage_pct": 0 });
        let row = json!({ "path": "a", "compiled": u64::MAX, "failed": u64::MAX, "total": u64::MAX });
        assert_eq!(check_json(&summary, &json!([row, row])).len(), 6);
    }
}
