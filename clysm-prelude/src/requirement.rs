//! Requirement ids: what of the host an export needs, by name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The id of an upstream operation, `server/tool`: the server's name has no slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upstream(String);

/// A text that is no upstream id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not an upstream operation of the form \"server/tool\"")]
pub struct InvalidUpstream(pub String);

impl Upstream {
    /// The operation `tool` of `server`.
    ///
    /// # Errors
    /// A name is empty or holds a control character, or the server's name holds a slash.
    pub fn new(server: &str, tool: &str) -> Result<Self, InvalidUpstream> {
        let id = format!("{server}/{tool}");
        let fits = is_name(server) && is_name(tool) && !server.contains('/');
        if fits { Ok(Self(id)) } else { Err(InvalidUpstream(id)) }
    }

    /// The id `server/tool`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &str {
        self.0.split_once('/').map_or("", |(server, _)| server)
    }

    /// The operation's name on its server.
    #[must_use]
    pub fn tool(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, tool)| tool)
    }
}

impl FromStr for Upstream {
    type Err = InvalidUpstream;

    fn from_str(text: &str) -> Result<Self, InvalidUpstream> {
        let (server, tool) = text.split_once('/').ok_or_else(|| InvalidUpstream(text.to_owned()))?;
        Self::new(server, tool)
    }
}

impl TryFrom<String> for Upstream {
    type Error = InvalidUpstream;

    fn try_from(text: String) -> Result<Self, InvalidUpstream> {
        text.parse()
    }
}

impl From<Upstream> for String {
    fn from(upstream: Upstream) -> Self {
        upstream.0
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Upstream {
    fn schema_name() -> Cow<'static, str> {
        "Upstream".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{SERVER_PATTERN}/{NAME_PATTERN}$") })
    }
}

/// What something needs of the host. Its text is its id: `tool:NAME`, `upstream:SERVER/TOOL` or `call`.
///
/// ```
/// use clysm_prelude::Requirement;
///
/// let requirement: Requirement = "upstream:crm/get_user".parse()?;
/// assert!(matches!(&requirement, Requirement::Upstream(upstream) if upstream.server() == "crm"));
/// assert_eq!(requirement.to_string(), "upstream:crm/get_user");
/// assert!("file:/etc/passwd".parse::<Requirement>().is_err());
/// # Ok::<(), clysm_prelude::UnknownRequirement>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Requirement {
    // In the order of their ids.
    /// Calls of tools and upstream operations whose names are computed.
    Call,
    /// A tool.
    Tool(String),
    /// An upstream operation.
    Upstream(Upstream),
}

/// A text of none of the shapes of requirement ids.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a requirement id: they are \"tool:NAME\", \"upstream:SERVER/TOOL\" and \"call\"")]
pub struct UnknownRequirement(pub String);

impl FromStr for Requirement {
    type Err = UnknownRequirement;

    fn from_str(text: &str) -> Result<Self, UnknownRequirement> {
        let unknown = || UnknownRequirement(text.to_owned());
        match text.split_once(':') {
            None if text == "call" => Ok(Self::Call),
            Some(("tool", name)) if is_name(name) => Ok(Self::Tool(name.to_owned())),
            Some(("upstream", id)) => id.parse().map(Self::Upstream).map_err(|_| unknown()),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Requirement {
    type Error = UnknownRequirement;

    fn try_from(text: String) -> Result<Self, UnknownRequirement> {
        text.parse()
    }
}

impl From<Requirement> for String {
    fn from(requirement: Requirement) -> Self {
        requirement.to_string()
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call => f.write_str("call"),
            Self::Tool(name) => write!(f, "tool:{name}"),
            Self::Upstream(upstream) => write!(f, "upstream:{upstream}"),
        }
    }
}

impl JsonSchema for Requirement {
    fn schema_name() -> Cow<'static, str> {
        "Requirement".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": requirement_pattern() })
    }
}

/// The name of a tool: not empty, without control characters.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

const NAME_PATTERN: &str = r"[^\u0000-\u001f\u007f-\u009f]+";
const SERVER_PATTERN: &str = r"[^/\u0000-\u001f\u007f-\u009f]+";

/// The regular expression of requirement ids.
pub(crate) fn requirement_pattern() -> String {
    format!("^(call|tool:{NAME_PATTERN}|upstream:{SERVER_PATTERN}/{NAME_PATTERN})$")
}

/// The regular expression of provider ids: requirement ids that name one operation.
pub(crate) fn provider_pattern() -> String {
    format!("^(tool:{NAME_PATTERN}|upstream:{SERVER_PATTERN}/{NAME_PATTERN})$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_the_same() {
        for id in ["call", "tool:get_user", "tool:a:b", "tool: ", "upstream:crm/get", "upstream:a:b/c/d"] {
            let parsed: Requirement = id.parse().unwrap();
            assert_eq!(parsed.to_string(), id);
            assert_eq!(serde_json::to_value(&parsed).unwrap(), id);
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for id in
            ["", "tool:", "Tool:x", "call:", "call ", "upstream:", "upstream:crm", "upstream:/x", "upstream:crm/", "x"]
        {
            assert_eq!(id.parse::<Requirement>(), Err(UnknownRequirement(id.to_owned())));
        }
        assert!("tool:a\nb".parse::<Requirement>().is_err());
        assert!("upstream:a/\u{85}".parse::<Requirement>().is_err());
    }

    #[test]
    fn they_sort_as_their_ids_do() {
        let mut ids = ["upstream:a.b/x", "tool:z", "upstream:a/x", "call", "tool:a"];
        let mut parsed: Vec<Requirement> = ids.iter().map(|id| id.parse().unwrap()).collect();
        ids.sort_unstable();
        parsed.sort();
        assert_eq!(parsed.iter().map(ToString::to_string).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn upstreams_have_a_server_and_a_tool() {
        let upstream: Upstream = "crm/users/get".parse().unwrap();
        assert_eq!((upstream.server(), upstream.tool()), ("crm", "users/get"));
        assert!(Upstream::new("a/b", "c").is_err());
    }
}
