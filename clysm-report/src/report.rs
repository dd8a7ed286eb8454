//! Compilation reports: what a stage compiled, counted.

mod builder;
mod consistency;
mod fields;

pub use builder::{Event, OutsideModule, ReportBuilder};
pub use consistency::Inconsistency;
pub use fields::{InvalidPercent, InvalidStageVersion, InvalidTimestamp, Percent, StageVersion, Timestamp};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ExitCode;
use fields::{count, present};

/// The report of one stage (seed: CompilationReport).
///
/// Deserialising accepts exactly what [`CompilationReport::json_schema`] accepts, with one limit: a count above
/// 2⁶⁴ − 1 is refused. Properties that the schema does not know are kept in `other`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompilationReport {
    /// When the stage ended (ISO 8601).
    pub timestamp: Timestamp,
    /// Which stage this is, such as `stage1-v0.1`.
    pub stage_version: StageVersion,
    /// Aggregated statistics.
    pub summary: Summary,
    /// Results per module; none when the report has no such part.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<ModuleResult>")]
    pub modules: Option<Vec<ModuleResult>>,
    /// Further properties.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Aggregated statistics of a report (seed: Summary).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Total Lisp forms processed.
    #[serde(deserialize_with = "count")]
    pub total_forms: u64,
    /// Successfully compiled forms.
    #[serde(deserialize_with = "count")]
    pub compiled: u64,
    /// Forms that failed compilation.
    #[serde(deserialize_with = "count")]
    pub failed: u64,
    /// Forms intentionally skipped; a document without it skipped none.
    #[serde(default, deserialize_with = "count")]
    pub skipped: u64,
    /// Compilation success rate: 100 · compiled / (total − skipped).
    pub coverage_pct: Percent,
    /// Further properties.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The results of one module, that is one source file (seed: ModuleResult).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModuleResult {
    /// Source file path.
    pub path: String,
    /// Forms compiled in this module.
    #[serde(deserialize_with = "count")]
    pub compiled: u64,
    /// Forms failed in this module.
    #[serde(deserialize_with = "count")]
    pub failed: u64,
    /// Total forms in this module, those skipped included.
    #[serde(deserialize_with = "count")]
    pub total: u64,
    /// Further properties.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl CompilationReport {
    /// The JSON Schema (draft-07) of a report, derived from these types.
    #[must_use]
    pub fn json_schema() -> Schema {
        SchemaSettings::draft07()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator()
            .into_root_schema_for::<Self>()
    }

    /// Checks the figures against each other.
    ///
    /// # Errors
    /// Every inconsistency there is, summary first, then modules in their order.
    pub fn validate(&self) -> Result<(), Vec<Inconsistency>> {
        let found = consistency::check(self);
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// How the stage ended: [`ExitCode::Success`] when no form failed, [`ExitCode::Partial`] when some did,
    /// [`ExitCode::Failure`] when forms failed and none was compiled.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match (self.summary.compiled, self.summary.failed) {
            (_, 0) => ExitCode::Success,
            (0, _) => ExitCode::Failure,
            _ => ExitCode::Partial,
        }
    }
}
