//! Canonical JSON, and hashes of it: the same value has the same text, whatever the order in which it was written.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The JSON text of a value without white space, with the members of objects sorted by name.
///
/// None if the value has no JSON form, which the types of this crate all have.
pub(crate) fn canonical<T: Serialize>(value: &T) -> Option<String> {
    let mut text = String::new();
    write(&serde_json::to_value(value).ok()?, &mut text);
    Some(text)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => enclose(text, '[', ']', items, write),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            enclose(text, '{', '}', &members, |(name, value), text| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

fn enclose<T>(text: &mut String, open: char, close: char, items: &[T], write: impl Fn(&T, &mut String)) {
    text.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(close);
}

/// The SHA-256 digest of octets, in lower-case hexadecimal digits.
#[must_use]
pub fn sha256(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().fold(String::with_capacity(64), |mut digits, octet| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{octet:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_sorted_and_nothing_is_between() {
        let value = json!({ "b": [1, { "z": null, "a\n": "é" }], "a": true, "": [] });
        assert_eq!(canonical(&value).unwrap(), r#"{"":[],"a":true,"b":[1,{"a\n":"é","z":null}]}"#);
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
