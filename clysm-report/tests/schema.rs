//! The derived JSON Schema and the deserialiser both accept exactly the documents that the seed's schema accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use clysm_report::{CompilationReport, Event, ReportBuilder, StageVersion, Timestamp};
use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const SEED: &str = include_str!("compilation-report.schema.json");

fn validator(schema: &Value) -> Validator {
    jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true).build(schema).unwrap()
}

struct Judges {
    seed: Validator,
    derived: Validator,
}

impl Judges {
    fn new() -> Self {
        let seed: Value = serde_json::from_str(SEED).unwrap();
        Self { seed: validator(&seed), derived: validator(CompilationReport::json_schema().as_value()) }
    }

    /// Whether the document is accepted; all three must agree.
    fn accepts(&self, document: &Value) -> bool {
        let by_seed = self.seed.is_valid(document);
        assert_eq!(self.derived.is_valid(document), by_seed, "the derived schema differs on {document}");
        let read = serde_json::from_value::<CompilationReport>(document.clone());
        assert_eq!(read.is_ok(), by_seed, "deserialising differs on {document}: {read:?}");
        by_seed
    }
}

fn sample() -> Value {
    json!({
        "timestamp": "2026-01-02T03:04:05Z",
        "stage_version": "stage1-v0.1",
        "summary": { "total_forms": 4, "compiled": 2, "failed": 1, "skipped": 1, "coverage_pct": 66.5 },
        "modules": [{ "path": "a.lisp", "compiled": 2, "failed": 1, "total": 4 }]
    })
}

/// Every place in the sample: a JSON pointer and whether the schema requires it.
const PLACES: &[(&str, bool)] = &[
    ("/timestamp", true),
    ("/stage_version", true),
    ("/summary", true),
    ("/summary/total_forms", true),
    ("/summary/compiled", true),
    ("/summary/failed", true),
    ("/summary/skipped", false),
    ("/summary/coverage_pct", true),
    ("/modules", false),
    ("/modules/0", false),
    ("/modules/0/path", true),
    ("/modules/0/compiled", true),
    ("/modules/0/failed", true),
    ("/modules/0/total", true),
];

fn values() -> Vec<Value> {
    let texts = [
        "",
        "a",
        "stage1-v0.1",
        "stage12-v34.56",
        "stage-v0.1",
        "stage1-v0",
        "stage1-v0.1\n",
        "xstage1-v0.1",
        "stage1-v0.1.2",
        "stage1-v٣.1",
        "Stage1-v0.1",
        "stage1-v0.1x",
        "2026-01-02T03:04:05Z",
        "2026-01-02t03:04:05z",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.123456+01:30",
        "2026-01-02T03:04:05.Z",
        "2026-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-00T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2016-12-31T23:58:60Z",
        "2016-12-31T15:59:60-08:00",
        "2017-01-01T00:29:60+00:30",
        "2016-12-31T23:59:60+00:30",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+0100",
        "2026-01-02",
        "2026-1-2T03:04:05Z",
        "0000-01-01T00:00:00Z",
        "12026-01-02T03:04:05Z",
        "2026-01-02T03:04:05-00:00",
        "é",
        "2026-01-02T03:04:05é",
        "2026-01-02T03:04:61Z",
        "2026-01-02T+3:04:05Z",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    values.extend([
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!([1, 2]),
        json!({ "path": 1 }),
        json!(0),
        json!(-0.0),
        json!(1),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(99.9),
        json!(100),
        json!(100.0),
        json!(100.000_001),
        json!(-0.000_001),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e15),
        json!([sample()]),
        json!([4, 2, 1, 1, 66.5]),
        json!(["a.lisp", 2, 1, 4]),
        json!([["a.lisp", 2, 1, 4]]),
    ]);
    values
}

#[test]
fn the_sample_is_accepted_and_comes_back_the_same() {
    assert!(Judges::new().accepts(&sample()));
    let report: CompilationReport = serde_json::from_value(sample()).unwrap();
    assert_eq!(serde_json::to_value(report).unwrap(), sample());
}

#[test]
fn required_properties_are_required_and_others_optional() {
    let judges = Judges::new();
    for &(place, required) in PLACES.iter().filter(|(place, _)| !place.ends_with("/0")) {
        let mut document = sample();
        let (parent, name) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert_eq!(judges.accepts(&document), !required, "without {place}");
    }
}

#[test]
fn unknown_properties_are_allowed_and_kept() {
    let judges = Judges::new();
    for place in ["", "/summary", "/modules/0"] {
        let mut document = sample();
        document.pointer_mut(place).unwrap().as_object_mut().unwrap().insert("note".into(), json!({ "x": [null] }));
        assert!(judges.accepts(&document));
        let report: CompilationReport = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(report).unwrap(), document);
    }
}

#[test]
fn every_place_takes_the_same_values() {
    let judges = Judges::new();
    for &(place, _) in PLACES {
        for value in values() {
            let mut document = sample();
            *document.pointer_mut(place).unwrap() = value;
            judges.accepts(&document);
        }
    }
    for value in values() {
        judges.accepts(&value);
    }
}

#[test]
fn the_derived_schema_says_what_the_seed_says() {
    /// Removes what does not constrain.
    fn constraints(schema: &Value) -> Value {
        match schema {
            Value::Object(entries) => {
                let mut kept: Map<String, Value> = Map::new();
                for (name, value) in entries {
                    let says_nothing = matches!(name.as_str(), "title" | "description" | "default")
                        || (name == "format" && value != "date-time")
                        || (name == "additionalProperties" && value == true);
                    if !says_nothing || value.is_object() && name != "default" {
                        kept.insert(name.clone(), constraints(value));
                    }
                }
                Value::Object(kept)
            }
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(constraints).collect();
                items.sort_by_key(ToString::to_string);
                Value::Array(items)
            }
            Value::Number(number) => json!(number.as_f64()),
            other => other.clone(),
        }
    }
    let seed: Value = serde_json::from_str(SEED).unwrap();
    assert_eq!(constraints(CompilationReport::json_schema().as_value()), constraints(&seed));
}

#[test]
fn built_reports_are_valid() {
    let mut builder = ReportBuilder::new(StageVersion::new(1, 0, 1));
    builder.record(Event::ModuleStarted { path: "é.lisp".into() }).unwrap();
    builder.record(Event::FormCompiled).unwrap();
    let report = builder.finish(Timestamp::from_unix_seconds(0));
    assert!(Judges::new().accepts(&serde_json::to_value(&report).unwrap()));
    assert_eq!(report.validate(), Ok(()));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-200i32..400).prop_map(|n| json!(f64::from(n) / 2.0)),
        "stage[0-9]{0,2}-?v[0-9]{0,2}\\.?[0-9]{0,2}".prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,3})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])"
            .prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(values()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(vec!["path", "compiled", "total", "x"]), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn generated_documents_are_judged_alike(
        changes in prop::collection::vec((prop::sample::select(PLACES), any_value()), 0..3),
    ) {
        let mut document = sample();
        for ((place, _), value) in changes {
            // An earlier change may have removed the place.
            if let Some(slot) = document.pointer_mut(place) {
                *slot = value;
            }
        }
        Judges::new().accepts(&document);
    }

    #[test]
    fn counted_reports_are_consistent(forms in prop::collection::vec(0..4u8, 0..60)) {
        let mut builder = ReportBuilder::new(StageVersion::new(1, 0, 1));
        builder.record(Event::ModuleStarted { path: "first".into() }).unwrap();
        for form in &forms {
            builder.record(match form {
                0 => Event::FormCompiled,
                1 => Event::FormFailed,
                2 => Event::FormSkipped,
                _ => Event::ModuleStarted { path: "next".into() },
            }).unwrap();
        }
        let report = builder.finish(Timestamp::from_unix_seconds(1));
        prop_assert_eq!(report.validate(), Ok(()));
        prop_assert_eq!(report.summary.compiled as usize, forms.iter().filter(|&&form| form == 0).count());
    }
}
