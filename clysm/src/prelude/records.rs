//! The records as the discovery forms of `lisp/runtime/discovery.lisp` take them: a list of property lists, as text in standard syntax.

use std::fmt::Write as _;

use clysm_prelude::{Arity, Export, PreludeFacts};

/// The text.
pub(super) fn text(exports: &[Export], facts: &PreludeFacts) -> String {
    let mut text = String::from("(");
    for export in exports {
        let source = facts.exports().find(|definition| definition.reference == export.reference);
        record(&mut text, export, source.and_then(|definition| definition.source.as_deref()));
    }
    text.push(')');
    text
}

fn record(text: &mut String, export: &Export, source: Option<&str>) {
    let arity = match export.arity {
        Arity::Fixed(count) => count.to_string(),
        Arity::Variadic => ":variadic".to_owned(),
    };
    let number = |number: Option<u32>| number.map_or_else(|| "nil".to_owned(), |number| number.to_string());
    let optional = |text: Option<&str>| text.map_or_else(|| "nil".to_owned(), string);
    let fields = [
        ("ref", string(&export.reference)),
        ("namespace", string(&export.namespace)),
        ("symbol", string(&export.symbol)),
        ("arity", arity),
        ("min-arity", export.min_arity.to_string()),
        ("max-arity", number(export.max_arity)),
        ("params", list(&export.params)),
        ("doc", optional(export.doc.as_deref())),
        ("visibility", format!(":{}", export.visibility.name())),
        ("effect", format!(":{}", export.effect.name())),
        ("kind", format!(":{}", export.kind.name())),
        ("provider-ref", optional(export.provider_ref.as_deref())),
        ("requires", list(&export.requires)),
        ("tool-refs", list(&export.tool_refs)),
        ("source", optional(source)),
    ];
    text.push('(');
    for (key, value) in fields {
        // Writing to a string can't fail.
        let _ = write!(text, ":{key} {value} ");
    }
    text.push(')');
}

fn list(texts: &[String]) -> String {
    format!("({})", texts.iter().map(|text| string(text)).collect::<Vec<_>>().join(" "))
}

/// A string in Lisp's syntax.
fn string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
