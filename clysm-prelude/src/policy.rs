//! The host's policy: what a run grants, and what it says about preludes beyond their own metadata.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

use crate::canonical::{canonical, sha256};
use crate::export::{Effect, Export, Visibility};
use crate::requirement::{Requirement, Upstream, is_name};

/// How far a policy lets an export be seen; narrowing only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    // The widest first, so that narrower is greater.
    /// As `prompt`.
    Prompt,
    /// As `discoverable`.
    Discoverable,
    /// Not at all: there is no record of it, and no program may refer to it.
    Hidden,
}

impl Exposure {
    /// The name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Discoverable => "discoverable",
            Self::Hidden => "hidden",
        }
    }

    /// The visibility in a record; none if there is to be no record.
    #[must_use]
    pub const fn visibility(self) -> Option<Visibility> {
        match self {
            Self::Prompt => Some(Visibility::Prompt),
            Self::Discoverable => Some(Visibility::Discoverable),
            Self::Hidden => None,
        }
    }
}

impl From<Visibility> for Exposure {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Prompt => Self::Prompt,
            Visibility::Discoverable => Self::Discoverable,
        }
    }
}

/// What a policy says of a tool or an upstream operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolPolicy {
    /// What it does to the world; `unknown` if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Whether only the exports of preludes may call it, never a program itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// What a policy says of a prelude's package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackagePolicy {
    /// How far its exports may be seen at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Exposure>,
}

/// What a policy says of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportPolicy {
    /// How far it is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Exposure>,
    /// What it does to the world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// What a policy says of programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramPolicy {
    /// The tools that a program may reach, itself or through exports; without it, all that are granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<BTreeSet<String>>,
    /// The upstream operations that a program may reach, itself or through exports; without it, all that are granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstreams: Option<BTreeSet<Upstream>>,
}

impl ProgramPolicy {
    /// Whether programs may reach something, if it is granted.
    fn allows(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Tool(name) => self.tools.as_ref().is_none_or(|tools| tools.contains(name)),
            Requirement::Upstream(id) => self.upstreams.as_ref().is_none_or(|upstreams| upstreams.contains(id)),
            Requirement::Call => true,
        }
    }

    /// Everything that is listed, with the key that lists it.
    fn listed(&self) -> impl Iterator<Item = (&'static str, Requirement)> {
        let tools = self.tools.iter().flatten().map(|name| ("program.tools", Requirement::Tool(name.clone())));
        let upstreams = self.upstreams.iter().flatten();
        tools.chain(upstreams.map(|id| ("program.upstreams", Requirement::Upstream(id.clone()))))
    }
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsPolicy {
    /// How long it may take, in milliseconds: up to a day.
    #[serde(default, deserialize_with = "within::<_, 1, 86_400_000>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400_000_u64))]
    pub time_ms: Option<u64>,
    /// How much fuel it may use, about one unit for an instruction.
    #[serde(default, deserialize_with = "within::<_, 1, MAX_FUEL>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_FUEL))]
    pub fuel: Option<u64>,
    /// How large its heap may be: 1 MiB to 1 TiB.
    #[serde(default, deserialize_with = "within::<_, MIB, TIB>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = MIB, max = TIB))]
    pub heap_bytes: Option<u64>,
    /// How deep its stack may be: 64 KiB to 1 GiB.
    #[serde(default, deserialize_with = "within::<_, 65_536, 1_073_741_824>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 65_536, max = 1_073_741_824_u64))]
    pub stack_bytes: Option<u64>,
}

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;
/// TOML has integers of 63 bits.
const MAX_FUEL: u64 = i64::MAX as u64;

fn within<'de, D: Deserializer<'de>, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Option::<u64>::deserialize(deserializer)? {
        Some(value) if !(MIN..=MAX).contains(&value) => {
            Err(de::Error::custom(format_args!("{value} is not within {MIN} to {MAX}")))
        }
        value => Ok(value),
    }
}

/// The policy of a host for a run.
///
/// ```
/// use clysm_prelude::{Effect, HostPolicy, Requirement};
///
/// let policy = HostPolicy::from_toml(r#"
///     grants = ["tool:get_user"]
///     [tools.get_user]
///     effect = "read"
/// "#)?;
/// assert!(policy.grants(&Requirement::Tool("get_user".to_owned())));
/// assert_eq!(policy.tools["get_user"].effect, Some(Effect::Read));
/// let error = HostPolicy::from_toml("\n[limits]\ntime_ms = 0").unwrap_err();
/// assert_eq!((error.line, error.column), (3, 11));
/// # Ok::<(), clysm_prelude::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self", rename = "HostPolicy")]
pub struct HostPolicy {
    /// The ids of what the run may use. Nothing else is granted.
    #[serde(default)]
    pub grants: BTreeSet<Requirement>,
    /// Tools by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, ToolPolicy>,
    /// Upstream operations by `server/tool`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub upstreams: BTreeMap<Upstream, ToolPolicy>,
    /// The preludes' packages by name, in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PackagePolicy>,
    /// Exports by their references `package/symbol`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exports: BTreeMap<String, ExportPolicy>,
    /// Programs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub program: ProgramPolicy,
    /// Limits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: LimitsPolicy,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Serialize for HostPolicy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for HostPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let policy = Self::deserialize(deserializer)?;
        policy.validate().map_err(de::Error::custom)?;
        Ok(policy)
    }
}

/// What contradicts itself in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidPolicy {
    /// Something that is no tool's name.
    #[error("{field} names {name:?}, which can't be a tool's name")]
    ToolName {
        /// The part of the policy.
        field: &'static str,
        /// The name.
        name: String,
    },
    /// Something for programs that is not granted.
    #[error("{field} lists {requirement}, which grants does not hold")]
    NotGranted {
        /// The part of the policy.
        field: &'static str,
        /// What is listed.
        requirement: Requirement,
    },
}

/// Why a text is no policy, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{line}:{column}: {reason}")]
pub struct PolicyError {
    /// The line, the first is 1.
    pub line: usize,
    /// The column in characters, the first is 1.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
}

impl HostPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// The text is not TOML, or not a policy: an unknown key, a wrong value, or a contradiction.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            PolicyError { line, column, reason: error.message().trim().to_owned() }
        })
    }

    /// Reads a policy in JSON.
    ///
    /// # Errors
    /// The text is not JSON, or not a policy: an unknown key, a wrong value, or a contradiction.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let reason = error.to_string();
            let reason = reason.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&reason).to_owned();
            PolicyError { line: line.max(1), column: column.max(1), reason }
        })
    }

    /// The canonical JSON form: the same policy has the same text.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        canonical(self).unwrap_or_default()
    }

    /// The SHA-256 digest of the canonical JSON form, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256(self.canonical_json().as_bytes())
    }

    /// Whether the run may use something.
    #[must_use]
    pub fn grants(&self, requirement: &Requirement) -> bool {
        self.grants.contains(requirement)
    }

    /// Whether programs may reach something, themselves or through exports.
    #[must_use]
    pub fn grants_programs(&self, requirement: &Requirement) -> bool {
        self.program.allows(requirement) && self.grants(requirement)
    }

    /// Whether programs may call something themselves.
    #[must_use]
    pub fn grants_calls(&self, requirement: &Requirement) -> bool {
        self.grants_programs(requirement) && !self.tool(requirement).private
    }

    /// Whether programs may use an export: everything that it needs is granted to them.
    #[must_use]
    pub fn grants_export(&self, export: &Export) -> bool {
        export.requires.iter().all(|id| id.parse().is_ok_and(|requirement| self.grants_programs(&requirement)))
    }

    /// What the policy says of a tool or upstream operation.
    #[must_use]
    pub fn tool(&self, requirement: &Requirement) -> ToolPolicy {
        let found = match requirement {
            Requirement::Tool(name) => self.tools.get(name),
            Requirement::Upstream(upstream) => self.upstreams.get(upstream),
            Requirement::Call => None,
        };
        found.copied().unwrap_or_default()
    }

    /// The effect of a tool or upstream operation; unknown if the policy says nothing.
    #[must_use]
    pub fn effect(&self, requirement: &Requirement) -> Effect {
        self.tool(requirement).effect.unwrap_or(Effect::Unknown)
    }

    /// Checks the parts against each other.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn validate(&self) -> Result<(), InvalidPolicy> {
        let tools = self.tools.keys().map(|name| ("tools", name));
        let of_programs = self.program.tools.iter().flatten().map(|name| ("program.tools", name));
        if let Some((field, name)) = tools.chain(of_programs).find(|(_, name)| !is_name(name)) {
            return Err(InvalidPolicy::ToolName { field, name: name.clone() });
        }
        match self.program.listed().find(|(_, requirement)| !self.grants(requirement)) {
            Some((field, requirement)) => Err(InvalidPolicy::NotGranted { field, requirement }),
            None => Ok(()),
        }
    }
}

/// The line and the column of an offset in a text.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"
        grants = ["upstream:crm/get_user", "upstream:crm/add_user", "tool:b", "tool:a", "call"]

        [tools.a]
        effect = "write"
        private = true

        [tools.b]
        effect = "read"

        [upstreams."crm/get_user"]
        effect = "read"

        [packages.crm]
        visibility = "discoverable"

        [exports."crm/get-user"]
        visibility = "hidden"
        effect = "unknown"

        [program]
        tools = ["b"]
        upstreams = ["crm/get_user"]

        [limits]
        time_ms = 1000
        fuel = 100_000
        heap_bytes = 1_048_576
        stack_bytes = 65_536
    "#;

    /// Where and why a policy is refused.
    fn refusal(text: &str) -> String {
        HostPolicy::from_toml(text).unwrap_err().to_string()
    }

    #[test]
    fn all_parts_are_read() {
        let policy = HostPolicy::from_toml(FULL).unwrap();
        assert_eq!(policy.effect(&Requirement::Tool("a".to_owned())), Effect::Write);
        assert_eq!(policy.effect(&"upstream:crm/get_user".parse().unwrap()), Effect::Read);
        assert_eq!(policy.effect(&Requirement::Call), Effect::Unknown);
        assert!(policy.grants_programs(&Requirement::Tool("b".to_owned())));
        assert!(!policy.grants_programs(&Requirement::Tool("a".to_owned())), "not listed for programs");
        assert!(policy.grants_programs(&"upstream:crm/get_user".parse().unwrap()));
        assert!(!policy.grants_programs(&"upstream:crm/add_user".parse().unwrap()), "not listed for programs");
        assert!(policy.grants_programs(&Requirement::Call));
        assert_eq!(policy.packages["crm"].visibility, Some(Exposure::Discoverable));
        assert_eq!(policy.limits.heap_bytes, Some(1 << 20));
    }

    #[test]
    fn both_forms_come_back_the_same() {
        let policy = HostPolicy::from_toml(FULL).unwrap();
        assert_eq!(HostPolicy::from_json(&policy.canonical_json()).unwrap(), policy);
        assert_eq!(HostPolicy::from_toml(&toml::to_string(&policy).unwrap()).unwrap(), policy);
        assert_eq!(HostPolicy::default().canonical_json(), r#"{"grants":[]}"#);
        assert_eq!(HostPolicy::from_toml("").unwrap(), HostPolicy::default());
    }

    #[test]
    fn order_does_not_matter() {
        let left = HostPolicy::from_toml("grants = [\"call\", \"tool:a\"]\n[tools.a]\n[tools.b]\n").unwrap();
        let right = HostPolicy::from_toml("[tools]\nb = {}\na = {}\n").unwrap();
        assert_ne!(left.hash(), right.hash());
        let right = HostPolicy::from_toml("grants = [\"tool:a\", \"call\"]\n[tools]\nb = {}\na = {}\n").unwrap();
        assert_eq!(left.hash(), right.hash());
        assert_eq!(left.hash().len(), 64);
    }

    #[test]
    fn errors_have_a_place() {
        assert!(refusal("grants = [").starts_with("1:"), "{}", refusal("grants = ["));
        assert!(refusal("\ngrant = []").starts_with("2:1: unknown field `grant`"), "{}", refusal("\ngrant = []"));
        let id = refusal("\ngrants = [\"tool:a\", \"net:x\"]");
        assert_eq!(
            id,
            "2:10: \"net:x\" is not a requirement id: they are \"tool:NAME\", \"upstream:SERVER/TOOL\" and \"call\""
        );
        let effect = refusal("[tools.é]\neffect = \"x\"");
        assert!(effect.starts_with("1:8") || effect.starts_with("2:10: unknown variant `x`"), "{effect}");
    }

    #[test]
    fn values_outside_of_their_ranges_are_refused() {
        for (limit, value) in
            [("time_ms", 0), ("time_ms", 86_400_001), ("fuel", 0), ("heap_bytes", 1000), ("stack_bytes", 1_u64 << 31)]
        {
            let error = refusal(&format!("[limits]\n{limit} = {value}\n"));
            assert!(error.starts_with("2:") && error.contains("is not within"), "{error}");
        }
        assert!(refusal("[limits]\nfuel = -1").contains("invalid value"));
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(
            refusal("[program]\ntools = [\"x\"]").contains("program.tools lists tool:x, which grants does not hold")
        );
        assert!(refusal("[program]\nupstreams = [\"a/b\"]").contains("program.upstreams lists upstream:a/b"));
        assert!(refusal("[program]\nupstreams = [\"crm\"]").contains("not an upstream operation"));
        assert!(refusal("[tools.\"\"]").contains("can't be a tool's name"));
        assert!(refusal("[upstreams.crm]").contains("not an upstream operation"));
        assert!(refusal("[exports.\"a/b\"]\nvisibility = \"public\"").contains("unknown variant `public`"));
    }

    #[test]
    fn json_errors_have_a_place_too() {
        let error = HostPolicy::from_json("{\n \"grant\": []}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 8));
        assert!(error.reason.starts_with("unknown field `grant`") && !error.reason.contains("line"), "{error}");
    }
}
