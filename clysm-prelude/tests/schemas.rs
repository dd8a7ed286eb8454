//! The JSON Schemas that are checked in are those of the types, and say the same as the types do.
//!
//! With `CLYSM_BLESS=1` in the environment the files are written instead of checked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests read and write the files")]

use std::fs;
use std::path::Path;

use clysm_prelude::{Export, HostPolicy, schemas};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

fn validator(name: &str) -> Validator {
    let (_, schema) = schemas().into_iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::options().with_draft(Draft::Draft7).build(schema.as_value()).unwrap()
}

#[test]
fn the_files_are_those_of_the_types() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, schema) in schemas() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        let file = directory.join(name);
        if std::env::var_os("CLYSM_BLESS").is_some() {
            fs::write(&file, text).unwrap();
        } else {
            let found = fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(
                found, text,
                "{name} differs from the types; to write it: CLYSM_BLESS=1 cargo test -p clysm-prelude"
            );
        }
    }
}

fn export() -> Value {
    json!({
        "ref": "crm/get", "namespace": "crm", "symbol": "get", "arity": "variadic", "min_arity": 0, "max_arity": null,
        "params": ["&", "rest"], "doc": null, "visibility": "prompt", "effect": "read", "kind": "function",
        "provider_ref": "upstream:s/t", "requires": ["call", "tool:a", "upstream:s/t"], "tool_refs": ["a"]
    })
}

#[test]
fn records_are_judged_alike_by_schema_and_type() {
    let schema = validator("export.schema.json");
    let judge = |document: &Value| {
        let by_type = serde_json::from_value::<Export>(document.clone());
        assert_eq!(schema.is_valid(document), by_type.is_ok(), "{document}: {by_type:?}");
        by_type.is_ok()
    };
    assert!(judge(&export()));
    for field in export().as_object().unwrap().keys() {
        let mut without = export();
        without.as_object_mut().unwrap().remove(field);
        assert!(!judge(&without), "without {field}");
        for value in [json!(true), json!({}), json!(-1), json!([1])] {
            let mut wrong = export();
            wrong[field] = value;
            assert!(!judge(&wrong), "{wrong}");
        }
    }
    for (field, value) in [
        ("arity", json!("many")),
        ("visibility", json!("hidden")),
        ("effect", json!("Read")),
        ("kind", json!("macro")),
        ("provider_ref", json!("call")),
        ("requires", json!(["net:x"])),
        ("requires", json!(["tool:a", "tool:a"])),
        ("other", json!(1)),
    ] {
        let mut wrong = export();
        wrong[field] = value;
        assert!(!judge(&wrong), "{wrong}");
    }
}

#[test]
fn policies_are_judged_alike_by_schema_and_type() {
    let schema = validator("host-policy.schema.json");
    for (document, accepted) in [
        (json!({}), true),
        (json!({ "grants": ["tool:a", "call"], "program": { "tools": ["a"] }, "limits": { "time_ms": 5 } }), true),
        (json!({ "tools": { "a": { "effect": "write", "private": true } } }), true),
        (json!({ "exports": { "a/b": { "visibility": "hidden" } } }), true),
        (json!({ "grant": [] }), false),
        (json!({ "grants": ["tool:"] }), false),
        (json!({ "limits": { "time_ms": 0 } }), false),
        (json!({ "limits": { "heap_bytes": 5 } }), false),
        (json!({ "packages": { "a": { "visibility": "public" } } }), false),
        (json!({ "tools": { "a": { "secret": true } } }), false),
    ] {
        assert_eq!(schema.is_valid(&document), accepted, "{document}");
        assert_eq!(serde_json::from_value::<HostPolicy>(document.clone()).is_ok(), accepted, "{document}");
    }
}
