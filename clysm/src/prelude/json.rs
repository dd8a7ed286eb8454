//! JSON to Lisp values and back, for tools that speak JSON.
//!
//! | JSON | Lisp |
//! | --- | --- |
//! | object | property list: `{"user_id": 7}` is `(:user-id 7)` |
//! | array | list |
//! | string | string |
//! | number | integer, or double-float |
//! | `true` | `t` |
//! | `false`, `null`, `[]`, `{}` | `nil` |
//!
//! The keyword for a key in lower case is in upper case, with hyphens for underscores; any other key is the name of its keyword as it
//! stands: one without a letter in lower case comes back in lower case. Back, a list that begins with a keyword and has values for all its keywords is an object, any other list an array; `nil` is
//! `null`, `:null`, `:false` and `:true` are what they say, a ratio is a double, a character is a string of it, any other symbol is its name
//! in lower case.

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;
use serde_json::{Map, Number, Value as Json};

use crate::Value;
use crate::value::elements;

/// The Lisp value of JSON.
#[must_use]
pub fn value_from_json(json: &Json) -> Value {
    match json {
        Json::Null | Json::Bool(false) => Value::Nil,
        Json::Bool(true) => Value::symbol("COMMON-LISP", "T"),
        Json::Number(number) => number_value(number),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(elements) => Value::list(elements.iter().map(value_from_json)),
        Json::Object(fields) => {
            Value::list(fields.iter().flat_map(|(key, field)| [keyword(key), value_from_json(field)]))
        }
    }
}

fn number_value(number: &Number) -> Value {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(integer), _, _) => integer.into(),
        (None, Some(integer), _) => integer.into(),
        (None, None, Some(float)) => Value::Double(float),
        (None, None, None) => Value::Nil,
    }
}

/// Whether a key comes back from the keyword that it becomes.
fn is_plain(key: &str) -> bool {
    key.chars().any(char::is_alphabetic)
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn keyword(key: &str) -> Value {
    Value::keyword(if is_plain(key) { key.to_uppercase().replace('_', "-") } else { key.to_owned() })
}

fn key(keyword: &str) -> String {
    let plain = keyword.to_lowercase().replace('-', "_");
    if is_plain(&plain) && plain.to_uppercase().replace('_', "-") == keyword { plain } else { keyword.to_owned() }
}

/// The JSON of a Lisp value. What JSON has no word for is text, as it is printed.
#[must_use]
pub fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Integer(integer) => integer_json(integer),
        Value::Ratio(ratio) => ratio.to_f64().and_then(Number::from_f64).map_or(Json::Null, Json::Number),
        Value::Single(float) => Number::from_f64(f64::from(*float)).map_or(Json::Null, Json::Number),
        Value::Double(float) => Number::from_f64(*float).map_or(Json::Null, Json::Number),
        Value::Char(character) => Json::String(character.to_string()),
        Value::String(text) => Json::String(text.clone()),
        Value::Symbol(package, name) => symbol_json(package.as_deref(), name),
        Value::List(elements, tail) if tail.is_nil() => list_json(elements),
        Value::Vector(elements) => Json::Array(elements.iter().map(value_to_json).collect()),
        Value::Octets(octets) => Json::Array(octets.iter().map(|octet| Json::from(*octet)).collect()),
        Value::Numbers(numbers) => Json::Array(elements(numbers).iter().map(value_to_json).collect()),
        Value::Bits(bits) => Json::Array(bits.iter().map(|bit| Json::from(u8::from(*bit))).collect()),
        Value::List(..) | Value::Complex(..) | Value::Object(_) => Json::String(value.to_string()),
    }
}

fn integer_json(integer: &BigInt) -> Json {
    match (integer.to_i64(), integer.to_u64()) {
        (Some(integer), _) => Json::from(integer),
        (None, Some(integer)) => Json::from(integer),
        // JSON's readers disagree about such numbers.
        (None, None) => Json::String(integer.to_string()),
    }
}

fn symbol_json(package: Option<&str>, name: &str) -> Json {
    match (package, name) {
        (Some("COMMON-LISP"), "T") | (Some("KEYWORD"), "TRUE") => Json::Bool(true),
        (Some("KEYWORD"), "FALSE") => Json::Bool(false),
        (Some("KEYWORD"), "NULL") => Json::Null,
        _ => Json::String(name.to_lowercase()),
    }
}

fn list_json(elements: &[Value]) -> Json {
    object(elements).map_or_else(|| Json::Array(elements.iter().map(value_to_json).collect()), Json::Object)
}

/// The object of a property list.
fn object(elements: &[Value]) -> Option<Map<String, Json>> {
    let (pairs, []) = elements.as_chunks::<2>() else { return None };
    pairs
        .iter()
        .map(|[name, value]| match name {
            Value::Symbol(Some(package), name) if package == "KEYWORD" => Some((key(name), value_to_json(value))),
            _ => None,
        })
        .collect()
}

/// The JSON of a tool's arguments: those of a call with keywords are one object, else they are an array.
#[must_use]
pub fn arguments_to_json(arguments: &[Value]) -> Json {
    if arguments.is_empty() { Json::Object(Map::new()) } else { list_json(arguments) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_come_back() {
        let record =
            json!({"user_id": 7, "name": "Ada", "tags": ["a", "b"], "address": {"city": "London"}, "ok": true});
        let value = value_from_json(&record);
        assert_eq!(value.to_string().matches(":USER-ID").count(), 1);
        assert_eq!(value_to_json(&value), record);
        let odd = json!({"userId": 1, "Xy-Z": 2, "a-b": 3, "": 4});
        assert_eq!(value_to_json(&value_from_json(&odd)), odd);
    }

    #[test]
    fn values_without_a_counterpart_become_something_near() {
        assert_eq!(value_from_json(&json!([null, false, [], {}, 1.5])).to_string(), "(NIL NIL NIL NIL 1.5d0)");
        assert_eq!(value_to_json(&Value::Vector(vec![1.into(), Value::Char('x')])), json!([1, "x"]));
        assert_eq!(value_to_json(&Value::keyword("FALSE")), json!(false));
        assert_eq!(value_to_json(&Value::symbol("P", "NAME")), json!("name"));
        assert_eq!(
            value_to_json(&Value::Integer("123456789012345678901".parse().unwrap_or_default())),
            json!("123456789012345678901")
        );
        let dotted = Value::List(vec![1.into()], Box::new(2.into()));
        assert_eq!(value_to_json(&dotted), json!("(1 . 2)"));
    }

    #[test]
    fn arguments_with_keywords_are_an_object() {
        let call = [Value::keyword("ID"), 7.into()];
        assert_eq!(arguments_to_json(&call), json!({"id": 7}));
        assert_eq!(arguments_to_json(&[7.into()]), json!([7]));
        assert_eq!(arguments_to_json(&[]), json!({}));
    }
}
