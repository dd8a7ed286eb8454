//! The prompt inventory: the text that tells a program's author what there is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::export::{Effect, Export, Kind, Visibility};
use crate::policy::HostPolicy;

/// How many exports of a package are listed.
pub const LISTED_EXPORTS: usize = 5;

/// What the prompt inventory says. Packages without a prompt export are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The packages, sorted by name.
    pub packages: Vec<InventoryPackage>,
}

/// A package of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryPackage {
    /// Its name, in lower case.
    pub namespace: String,
    /// The first of its prompt exports, sorted by name.
    pub exports: Vec<InventoryEntry>,
    /// How many prompt exports there are beyond these.
    pub more: u32,
    /// How many exports can be discovered only.
    pub discoverable: u32,
}

/// An export of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryEntry {
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its arglist.
    pub signature: String,
    /// What it is.
    pub kind: Kind,
    /// What it does to the world.
    pub effect: Effect,
    /// The first line of its docstring.
    pub summary: Option<String>,
}

impl Inventory {
    /// The inventory of these exports, whose order does not matter.
    #[must_use]
    pub fn new<'a>(exports: impl IntoIterator<Item = &'a Export>) -> Self {
        let mut packages: BTreeMap<&str, Vec<&Export>> = BTreeMap::new();
        for export in exports {
            packages.entry(&export.namespace).or_default().push(export);
        }
        let packages =
            packages.into_iter().filter_map(|(namespace, exports)| InventoryPackage::new(namespace, exports));
        Self { packages: packages.collect() }
    }

    /// The inventory of those exports that programs may use under a policy: what the guard would refuse is neither listed nor
    /// counted.
    #[must_use]
    pub fn granted<'a>(exports: impl IntoIterator<Item = &'a Export>, policy: &HostPolicy) -> Self {
        Self::new(exports.into_iter().filter(|export| policy.grants_export(export)))
    }

    /// The text; empty when there is no prompt export.
    ///
    /// ```
    /// use clysm_prelude::{Export, Inventory};
    ///
    /// let text = r#"{ "ref": "crm/get-user", "namespace": "crm", "symbol": "get-user", "arity": 1, "min_arity": 1,
    ///     "max_arity": 1, "params": ["id"], "doc": "The user with that id.", "visibility": "prompt", "effect": "read",
    ///     "kind": "function", "provider_ref": null, "requires": [], "tool_refs": [] }"#;
    /// let export: Export = serde_json::from_str(text)?;
    /// let inventory = Inventory::new([&export]);
    /// assert_eq!(inventory.text(), "crm: call as (crm:NAME ...)\n  (get-user id) [read] The user with that id.\n");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        self.packages.iter().fold(String::new(), |mut text, package| {
            package.write(&mut text);
            text
        })
    }
}

impl InventoryPackage {
    fn new(namespace: &str, exports: Vec<&Export>) -> Option<Self> {
        let of = |visibility| exports.iter().filter(move |export| export.visibility == visibility);
        let mut prompt: Vec<&Export> = of(Visibility::Prompt).copied().collect();
        if prompt.is_empty() {
            return None;
        }
        prompt.sort_by(|left, right| left.symbol.cmp(&right.symbol));
        Some(Self {
            namespace: namespace.to_owned(),
            more: count(prompt.len().saturating_sub(LISTED_EXPORTS)),
            discoverable: count(of(Visibility::Discoverable).count()),
            exports: prompt.into_iter().take(LISTED_EXPORTS).map(InventoryEntry::new).collect(),
        })
    }

    fn write(&self, text: &mut String) {
        let name = &self.namespace;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}: call as ({name}:NAME ...)");
        for entry in &self.exports {
            let _ = write!(text, "  {}", entry.signature);
            if entry.effect != Effect::Unknown {
                let _ = write!(text, " [{}]", entry.effect.name());
            }
            if let Some(summary) = &entry.summary {
                let _ = write!(text, " {summary}");
            }
            text.push('\n');
        }
        match self.more + self.discoverable {
            0 => {}
            rest => {
                let _ = writeln!(
                    text,
                    "  {rest} more: (clysm:dir \"{name}\") lists them, (clysm:describe-export '{name}:NAME) describes one"
                );
            }
        }
    }
}

impl InventoryEntry {
    fn new(export: &Export) -> Self {
        // A control character in a docstring must not look like a line of the inventory's own.
        let clean = |line: &str| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self {
            reference: export.reference.clone(),
            signature: export.signature(),
            kind: export.kind,
            effect: export.effect,
            summary: export.summary().map(clean),
        }
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// The prompt inventory's text for these exports; empty when none is a prompt export.
#[must_use]
pub fn inventory<'a>(exports: impl IntoIterator<Item = &'a Export>) -> String {
    Inventory::new(exports).text()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::export::tests::sample;

    fn export(namespace: &str, symbol: &str, visibility: Visibility) -> Export {
        Export {
            reference: format!("{namespace}/{symbol}"),
            namespace: namespace.to_owned(),
            symbol: symbol.to_owned(),
            visibility,
            ..sample()
        }
    }

    #[test]
    fn at_most_five_of_a_package_are_listed() {
        let mut exports: Vec<Export> =
            ["g", "f", "e", "d", "c", "b", "a"].map(|name| export("crm", name, Visibility::Prompt)).to_vec();
        exports.push(export("crm", "hidden-gem", Visibility::Discoverable));
        exports.push(Export { effect: Effect::Unknown, doc: None, ..export("abc", "x", Visibility::Prompt) });
        exports.push(export("quiet", "y", Visibility::Discoverable));
        expect![[r#"
            abc: call as (abc:NAME ...)
              (x id)
            crm: call as (crm:NAME ...)
              (a id) [read] Fetches a user.
              (b id) [read] Fetches a user.
              (c id) [read] Fetches a user.
              (d id) [read] Fetches a user.
              (e id) [read] Fetches a user.
              3 more: (clysm:dir "crm") lists them, (clysm:describe-export 'crm:NAME) describes one
        "#]]
        .assert_eq(&inventory(&exports));
        exports.reverse();
        assert_eq!(inventory(&exports), inventory(exports.iter().rev()));
    }

    #[test]
    fn nothing_without_a_prompt_export() {
        assert_eq!(inventory(&[export("crm", "x", Visibility::Discoverable)]), "");
        assert_eq!(inventory(&[]), "");
    }

    #[test]
    fn what_programs_may_not_use_is_not_there() {
        let policy = HostPolicy::from_toml(
            r#"grants = ["tool:a", "tool:b", "upstream:crm/get"]
               program.tools = ["a"]
               program.upstreams = []
               tools.a.private = true"#,
        )
        .unwrap();
        let needing = |symbol: &str, visibility, requires: &[&str]| Export {
            requires: requires.iter().map(ToString::to_string).collect(),
            tool_refs: Vec::new(),
            doc: None,
            ..export("crm", symbol, visibility)
        };
        let exports = [
            needing("nothing", Visibility::Prompt, &[]),
            needing("private", Visibility::Prompt, &["tool:a"]),
            needing("denied", Visibility::Prompt, &["tool:a", "tool:b"]),
            needing("upstream", Visibility::Prompt, &["upstream:crm/get"]),
            needing("not-granted", Visibility::Discoverable, &["tool:c"]),
        ];
        expect![[r#"
            crm: call as (crm:NAME ...)
              (nothing id) [read]
              (private id) [read]
        "#]]
        .assert_eq(&Inventory::granted(&exports, &policy).text());
        assert_eq!(Inventory::granted(&exports[2..], &policy).text(), "");
    }

    #[test]
    fn a_docstring_can_not_add_lines() {
        let doc = Some("One.\u{b}\u{1b}[2J\rTwo".to_owned());
        let text = inventory(&[Export { doc, ..export("crm", "x", Visibility::Prompt) }]);
        assert_eq!(text, "crm: call as (crm:NAME ...)\n  (x id) [read] One.  [2J Two\n");
    }
}
