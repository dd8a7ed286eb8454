//! The record of an export: what a host, a program's author and the checks know of it.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::requirement::{Requirement, is_name, provider_pattern, requirement_pattern};

/// How many arguments an export takes. Its JSON form is the number, or `"variadic"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arity {
    /// Exactly so many.
    Fixed(u32),
    /// Various numbers: its lambda list has `&optional`, `&rest` or `&key`.
    Variadic,
}

impl Serialize for Arity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(count) => serializer.serialize_u32(*count),
            Self::Variadic => serializer.serialize_str("variadic"),
        }
    }
}

impl<'de> Deserialize<'de> for Arity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Arity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of arguments, or \"variadic\"")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Arity, E> {
                let count = u32::try_from(count).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self));
                count.map(Arity::Fixed)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Arity, E> {
                match text {
                    "variadic" => Ok(Arity::Variadic),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Arity {
    fn schema_name() -> Cow<'static, str> {
        "Arity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [
            { "type": "integer", "minimum": 0, "maximum": u32::MAX },
            { "type": "string", "const": "variadic" },
        ] })
    }
}

/// Where a program's author finds an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// In the prompt inventory, and by the discovery forms.
    Prompt,
    /// By the discovery forms only.
    Discoverable,
}

impl Visibility {
    /// Every visibility, the widest first.
    pub const ALL: &'static [Self] = &[Self::Prompt, Self::Discoverable];

    /// The name in records, and as a keyword in Lisp.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Discoverable => "discoverable",
        }
    }
}

/// What an export may do to the world; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It only looks.
    Read,
    /// Nobody has said.
    Unknown,
    /// It changes something.
    Write,
}

impl Effect {
    /// Every effect.
    pub const ALL: &'static [Self] = &[Self::Read, Self::Unknown, Self::Write];

    /// The name in records, and as a keyword in Lisp.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unknown => "unknown",
            Self::Write => "write",
        }
    }
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A function, invoked when called.
    Function,
    /// A value. A call without arguments yields it, even if it is a function.
    Constant,
}

impl Kind {
    /// The name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Constant => "constant",
        }
    }
}

/// The record of an export. It is derived from compiled facts, host policy and metadata, and is itself no authority.
///
/// Deserialising refuses a record that contradicts itself, see [`Export::validate`].
///
/// ```
/// use clysm_prelude::{Arity, Export};
///
/// let text = r#"{ "ref": "crm/search", "namespace": "crm", "symbol": "search", "arity": "variadic", "min_arity": 1,
///     "max_arity": null, "params": ["query", "&", "opts"], "doc": null, "visibility": "prompt", "effect": "read",
///     "kind": "function", "provider_ref": null, "requires": ["tool:search"], "tool_refs": ["search"] }"#;
/// let export: Export = serde_json::from_str(text)?;
/// assert_eq!(export.arity, Arity::Variadic);
/// assert_eq!(export.signature(), "(search query & opts)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Self", rename = "Export", deny_unknown_fields)]
#[schemars(transform = require_all)]
pub struct Export {
    /// The reference `namespace/symbol`, such as `crm/get-user`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The package, in lower case.
    pub namespace: String,
    /// The symbol's name, in lower case.
    pub symbol: String,
    /// How many arguments it takes.
    pub arity: Arity,
    /// How many arguments a call must have.
    pub min_arity: u32,
    /// How many arguments a call may have; null when there is no limit.
    #[serde(deserialize_with = "required")]
    pub max_arity: Option<u32>,
    /// The names in its lambda list for display, with the markers `&`, `&optional` and `&key`.
    pub params: Vec<String>,
    /// The docstring.
    #[serde(deserialize_with = "required")]
    pub doc: Option<String>,
    /// Where it is shown.
    pub visibility: Visibility,
    /// What it may do to the world.
    pub effect: Effect,
    /// What it is.
    pub kind: Kind,
    /// The id of the operation behind it.
    #[serde(deserialize_with = "required")]
    #[schemars(transform = provider_schema)]
    pub provider_ref: Option<String>,
    /// The ids of what it needs of the host, sorted.
    #[schemars(transform = requires_schema)]
    pub requires: Vec<String>,
    /// The tools that it may call, directly or through helpers, sorted.
    #[schemars(transform = tool_refs_schema)]
    pub tool_refs: Vec<String>,
}

/// A field that has to be there, even if it is null.
fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

/// Fields that may be null have to be there as well.
fn require_all(schema: &mut Schema) {
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    let names: Vec<String> = properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect();
    schema.insert("required".to_owned(), names.into());
}

fn provider_schema(schema: &mut Schema) {
    schema.insert("pattern".to_owned(), provider_pattern().into());
}

fn requires_schema(schema: &mut Schema) {
    schema.insert("uniqueItems".to_owned(), true.into());
    schema.insert("items".to_owned(), serde_json::json!({ "type": "string", "pattern": requirement_pattern() }));
}

fn tool_refs_schema(schema: &mut Schema) {
    schema.insert("uniqueItems".to_owned(), true.into());
}

impl Serialize for Export {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Export {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let export = Self::deserialize(deserializer)?;
        export.validate().map_err(de::Error::custom)?;
        Ok(export)
    }
}

/// What contradicts itself in a record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("export {reference}: {contradiction}")]
pub struct InvalidExport {
    /// The export.
    pub reference: String,
    /// What is wrong.
    pub contradiction: Contradiction,
}

/// A contradiction within a record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Contradiction {
    /// The reference is not that of the namespace and the symbol.
    #[error("its ref should be {expected:?}")]
    Reference {
        /// What it should be.
        expected: String,
    },
    /// A fixed arity whose limits differ, or a variadic one whose limits are the wrong way round.
    #[error("min_arity {min}, max_arity {} and arity {} contradict each other", shown(*.max), match .arity {
        Arity::Fixed(count) => count.to_string(),
        Arity::Variadic => "variadic".to_owned(),
    })]
    Arity {
        /// The arity.
        arity: Arity,
        /// The smallest number of arguments.
        min: u32,
        /// The largest number of arguments.
        max: Option<u32>,
    },
    /// A constant that takes arguments.
    #[error("a constant has arity 0 and no params")]
    Constant,
    /// A list that is not sorted, or that holds something twice.
    #[error("{field} is not sorted, or holds something twice")]
    Unsorted {
        /// The field.
        field: &'static str,
    },
    /// An id of unknown shape.
    #[error("{field} holds {id:?}, which is no id of the right shape")]
    Id {
        /// The field.
        field: &'static str,
        /// The id.
        id: String,
    },
    /// A tool that `requires` does not list.
    #[error("tool_refs holds {tool:?}, but requires does not hold \"tool:{tool}\"")]
    Unrequired {
        /// The tool.
        tool: String,
    },
}

fn shown(max: Option<u32>) -> String {
    max.map_or_else(|| "null".to_owned(), |max| max.to_string())
}

impl Export {
    /// The arglist as Lisp shows it: `(get-user id)`, `(search query & opts)`, `(page-size)`. Without captured names the
    /// arity gives them: `(f arg1 arg2)`, `(f & args)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut words = vec![self.symbol.clone()];
        match (self.params.as_slice(), self.arity) {
            ([], Arity::Fixed(count)) => words.extend((1..=count).map(|number| format!("arg{number}"))),
            ([], Arity::Variadic) => words.extend(["&".to_owned(), "args".to_owned()]),
            (params, _) => words.extend(params.iter().cloned()),
        }
        format!("({})", words.join(" "))
    }

    /// The names of all visibilities that an export may have.
    #[must_use]
    pub const fn valid_visibilities() -> [&'static str; 2] {
        [Visibility::Prompt.name(), Visibility::Discoverable.name()]
    }

    /// Whether that is the name of a visibility.
    #[must_use]
    pub fn is_valid_visibility(name: &str) -> bool {
        Self::valid_visibilities().contains(&name)
    }

    /// Whether a call with so many arguments fits.
    #[must_use]
    pub fn accepts(&self, count: u32) -> bool {
        count >= self.min_arity && self.max_arity.is_none_or(|max| count <= max)
    }

    /// The accepted counts in words, such as `at least 1 argument`.
    #[must_use]
    pub fn expected(&self) -> String {
        let (counts, last) = match self.max_arity {
            None => (format!("at least {}", self.min_arity), self.min_arity),
            Some(0) => ("no".to_owned(), 0),
            Some(max) if max == self.min_arity => (format!("exactly {max}"), max),
            Some(max) => (format!("{} to {max}", self.min_arity), max),
        };
        format!("{counts} argument{}", if last == 1 { "" } else { "s" })
    }

    /// The first line of the docstring that says something.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.doc.as_deref()?.lines().map(str::trim).find(|line| !line.is_empty())
    }

    /// Checks the fields against each other.
    ///
    /// # Errors
    /// The first contradiction, in the order of the fields.
    pub fn validate(&self) -> Result<(), InvalidExport> {
        let checks = [Self::check_reference, Self::check_arity, Self::check_provider, Self::check_lists];
        checks
            .iter()
            .try_for_each(|check| check(self))
            .map_err(|contradiction| InvalidExport { reference: self.reference.clone(), contradiction })
    }

    fn check_reference(&self) -> Result<(), Contradiction> {
        let expected = format!("{}/{}", self.namespace, self.symbol);
        if self.reference == expected { Ok(()) } else { Err(Contradiction::Reference { expected }) }
    }

    fn check_arity(&self) -> Result<(), Contradiction> {
        let (min, max) = (self.min_arity, self.max_arity);
        let fits = match self.arity {
            Arity::Fixed(count) => min == count && max == Some(count),
            Arity::Variadic => max.is_none_or(|max| min <= max),
        };
        if !fits {
            return Err(Contradiction::Arity { arity: self.arity, min, max });
        }
        let takes_nothing = self.arity == Arity::Fixed(0) && self.params.is_empty();
        if self.kind == Kind::Constant && !takes_nothing { Err(Contradiction::Constant) } else { Ok(()) }
    }

    fn check_provider(&self) -> Result<(), Contradiction> {
        match &self.provider_ref {
            Some(id) if !is_provider(id) => Err(Contradiction::Id { field: "provider_ref", id: id.clone() }),
            _ => Ok(()),
        }
    }

    fn check_lists(&self) -> Result<(), Contradiction> {
        for (field, list) in [("requires", &self.requires), ("tool_refs", &self.tool_refs)] {
            if !list.is_sorted_by(|left, right| left < right) {
                return Err(Contradiction::Unsorted { field });
            }
        }
        if let Some(id) = self.requires.iter().find(|id| id.parse::<Requirement>().is_err()) {
            return Err(Contradiction::Id { field: "requires", id: id.clone() });
        }
        let unrequired = |tool: &&String| !self.requires.contains(&format!("tool:{tool}"));
        match self.tool_refs.iter().find(|tool| !is_name(tool)) {
            Some(tool) => Err(Contradiction::Id { field: "tool_refs", id: tool.clone() }),
            None => match self.tool_refs.iter().find(unrequired) {
                Some(tool) => Err(Contradiction::Unrequired { tool: tool.clone() }),
                None => Ok(()),
            },
        }
    }
}

/// Whether an id names one operation.
pub(crate) fn is_provider(id: &str) -> bool {
    matches!(id.parse(), Ok(Requirement::Tool(_) | Requirement::Upstream(_)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The record of a function that takes one argument.
    pub(crate) fn sample() -> Export {
        Export {
            reference: "crm/get-user".to_owned(),
            namespace: "crm".to_owned(),
            symbol: "get-user".to_owned(),
            arity: Arity::Fixed(1),
            min_arity: 1,
            max_arity: Some(1),
            params: vec!["id".to_owned()],
            doc: Some("\n  Fetches a user.\nBy id.".to_owned()),
            visibility: Visibility::Prompt,
            effect: Effect::Read,
            kind: Kind::Function,
            provider_ref: Some("upstream:crm/get_user".to_owned()),
            requires: vec!["tool:audit".to_owned(), "upstream:crm/get_user".to_owned()],
            tool_refs: vec!["audit".to_owned()],
        }
    }

    fn variadic(min: u32, max: Option<u32>, params: &[&str]) -> Export {
        let params = params.iter().map(|param| (*param).to_owned()).collect();
        Export { arity: Arity::Variadic, min_arity: min, max_arity: max, params, ..sample() }
    }

    fn constant() -> Export {
        let arity = Arity::Fixed(0);
        Export { kind: Kind::Constant, arity, min_arity: 0, max_arity: Some(0), params: Vec::new(), ..sample() }
    }

    #[test]
    fn signatures() {
        assert_eq!(sample().signature(), "(get-user id)");
        assert_eq!(variadic(1, None, &["query", "&", "opts"]).signature(), "(get-user query & opts)");
        assert_eq!(constant().signature(), "(get-user)");
        let unnamed = |arity| Export { arity, params: Vec::new(), ..sample() };
        assert_eq!(unnamed(Arity::Fixed(2)).signature(), "(get-user arg1 arg2)");
        assert_eq!(unnamed(Arity::Fixed(0)).signature(), "(get-user)");
        assert_eq!(unnamed(Arity::Variadic).signature(), "(get-user & args)");
    }

    #[test]
    fn visibilities() {
        assert_eq!(Export::valid_visibilities(), ["prompt", "discoverable"]);
        assert!(Export::is_valid_visibility("prompt") && Export::is_valid_visibility("discoverable"));
        for other in ["", "hidden", "Prompt", ":prompt", "private"] {
            assert!(!Export::is_valid_visibility(other), "{other}");
        }
    }

    #[test]
    fn counts_in_words() {
        assert_eq!(sample().expected(), "exactly 1 argument");
        assert_eq!(variadic(1, None, &[]).expected(), "at least 1 argument");
        assert_eq!(variadic(1, Some(3), &[]).expected(), "1 to 3 arguments");
        assert_eq!(constant().expected(), "no arguments");
        assert!(variadic(1, Some(3), &[]).accepts(3) && !variadic(1, Some(3), &[]).accepts(4));
    }

    #[test]
    fn the_json_form_has_the_names_of_the_specification() {
        let value = serde_json::to_value(variadic(1, None, &["a"])).unwrap();
        assert_eq!(value["ref"], "crm/get-user");
        assert_eq!(value["arity"], "variadic");
        assert_eq!(value["max_arity"], serde_json::Value::Null);
        assert_eq!(serde_json::to_value(sample()).unwrap()["arity"], 1);
        assert_eq!(value["kind"], "function");
        assert_eq!(value.as_object().unwrap().len(), 14);
    }

    #[test]
    fn contradictions_are_refused() {
        let wrong = [
            Export { reference: "crm/other".to_owned(), ..sample() },
            Export { min_arity: 0, ..sample() },
            Export { max_arity: None, ..sample() },
            variadic(3, Some(2), &[]),
            Export { kind: Kind::Constant, ..sample() },
            Export { params: vec!["x".to_owned()], ..constant() },
            Export { provider_ref: Some("call".to_owned()), ..sample() },
            Export { requires: vec!["upstream:crm/get_user".to_owned(), "tool:audit".to_owned()], ..sample() },
            Export { requires: vec!["file:x".to_owned(), "tool:audit".to_owned()], ..sample() },
            Export { tool_refs: vec!["audit".to_owned(), "audit".to_owned()], ..sample() },
            Export { tool_refs: vec!["other".to_owned()], ..sample() },
        ];
        for export in wrong {
            let error = export.validate().unwrap_err();
            let text = serde_json::to_string(&export).unwrap();
            let read = serde_json::from_str::<Export>(&text).unwrap_err().to_string();
            assert!(read.starts_with(&error.to_string()), "{read}: {error}");
        }
        for right in [sample(), constant(), variadic(0, None, &[]), variadic(2, Some(2), &[])] {
            assert_eq!(right.validate(), Ok(()));
        }
    }

    #[test]
    fn every_field_has_to_be_there_and_no_other() {
        let value = serde_json::to_value(sample()).unwrap();
        for field in value.as_object().unwrap().keys() {
            let mut partial = value.clone();
            partial.as_object_mut().unwrap().remove(field);
            assert!(serde_json::from_value::<Export>(partial).is_err(), "without {field}");
        }
        let mut more = value;
        more["tools"] = serde_json::json!([]);
        assert!(serde_json::from_value::<Export>(more).is_err());
    }

    #[test]
    fn the_summary_is_the_first_line_that_says_something() {
        assert_eq!(sample().summary(), Some("Fetches a user."));
        assert_eq!(Export { doc: Some(" \n".to_owned()), ..sample() }.summary(), None);
    }
}
