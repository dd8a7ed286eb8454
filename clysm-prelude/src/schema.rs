//! JSON Schemas (draft-07) of what this crate reads and writes, derived from the types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::export::Export;
use crate::inventory::Inventory;
use crate::policy::HostPolicy;
use crate::section::ExportSection;

fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// The schemas by the names of their files.
#[must_use]
pub fn schemas() -> [(&'static str, Schema); 4] {
    [
        ("export.schema.json", schema::<Export>()),
        ("host-policy.schema.json", schema::<HostPolicy>()),
        ("inventory.schema.json", schema::<Inventory>()),
        ("export-section.schema.json", schema::<ExportSection>()),
    ]
}
