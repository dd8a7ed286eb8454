//! Attaching preludes to a run: whether it grants what they need, and has it.

use std::collections::{BTreeMap, BTreeSet};

use clysm_report::{Diagnostic, ExitCode, Span};
use thiserror::Error;

use crate::export::Export;
use crate::policy::HostPolicy;
use crate::requirement::{Requirement, UnknownRequirement, Upstream};

/// What a run has to offer, whether or not it is granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The tools by name.
    pub tools: BTreeSet<String>,
    /// The upstream operations that the host vouches for.
    pub upstreams: BTreeSet<Upstream>,
}

impl Offer {
    fn has(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Tool(name) => self.tools.contains(name),
            Requirement::Upstream(upstream) => self.upstreams.contains(upstream),
            Requirement::Call => true,
        }
    }

    /// What is both granted and there, as ids.
    fn available(&self, policy: &HostPolicy) -> Vec<String> {
        policy.grants.iter().filter(|requirement| self.has(requirement)).map(ToString::to_string).collect()
    }
}

/// Why a prelude can't be attached, in one respect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum AttachProblem {
    /// An id that says nothing.
    #[error("{export} requires an id of unknown shape: {}", UnknownRequirement(.id.clone()))]
    UnknownRequirementShape {
        /// The export.
        export: String,
        /// The id.
        id: String,
    },
    /// Something that the policy does not grant.
    #[error("{export} requires {requirement}, which is not granted")]
    NotGranted {
        /// The export.
        export: String,
        /// What it requires.
        requirement: Requirement,
    },
    /// A tool that is granted, but that the host does not have.
    #[error("{export} requires {requirement}, which is granted, but the host has no such tool")]
    NotOffered {
        /// The export.
        export: String,
        /// What it requires.
        requirement: Requirement,
    },
    /// An upstream operation that is granted, but that the host does not vouch for.
    #[error("{export} requires {requirement}, which is granted, but the host does not vouch for it")]
    UnvouchedUpstream {
        /// The export.
        export: String,
        /// What it requires.
        requirement: Requirement,
    },
}

impl AttachProblem {
    /// The reference of the export.
    #[must_use]
    pub fn export(&self) -> &str {
        match self {
            Self::UnknownRequirementShape { export, .. }
            | Self::NotGranted { export, .. }
            | Self::NotOffered { export, .. }
            | Self::UnvouchedUpstream { export, .. } => export,
        }
    }

    /// The diagnostic code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownRequirementShape { .. } => "unknown-requirement",
            Self::NotGranted { .. } => "not-granted",
            Self::NotOffered { .. } => "not-offered",
            Self::UnvouchedUpstream { .. } => "unvouched-upstream",
        }
    }
}

/// Why preludes can't be attached: everything that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}; {}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), what_there_is(.available))]
pub struct AttachError {
    /// What is missing, in the order of the exports.
    pub problems: Vec<AttachProblem>,
    /// The ids of what is granted and there.
    pub available: Vec<String>,
}

impl AttachError {
    /// How a command ends.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        ExitCode::MissingDependency
    }

    /// The diagnostics, with the places of the exports' definitions by reference.
    #[must_use]
    pub fn diagnostics(&self, places: &BTreeMap<String, Span>) -> Vec<Diagnostic> {
        let available = what_there_is(&self.available);
        let diagnostic = |problem: &AttachProblem| {
            let span = places.get(problem.export()).copied().unwrap_or(Span::NONE);
            Diagnostic::error(problem.code(), problem.to_string()).at(span, "").hint(available.clone())
        };
        self.problems.iter().map(diagnostic).collect()
    }
}

/// What is available, in words.
pub(crate) fn what_there_is(ids: &[String]) -> String {
    if ids.is_empty() { "nothing is available".to_owned() } else { format!("available: {}", ids.join(", ")) }
}

/// Checks what exports require against what a run grants and has.
///
/// ```
/// use clysm_prelude::{AttachProblem, Export, HostPolicy, Offer, attach};
///
/// let text = r#"{ "ref": "crm/get", "namespace": "crm", "symbol": "get", "arity": 0, "min_arity": 0, "max_arity": 0,
///     "params": [], "doc": null, "visibility": "prompt", "effect": "read", "kind": "function", "provider_ref": null,
///     "requires": ["tool:get"], "tool_refs": ["get"] }"#;
/// let export: Export = serde_json::from_str(text)?;
/// let mut offer = Offer::default();
/// let granting = HostPolicy::from_toml("grants = [\"tool:get\"]")?;
/// let error = attach([&export], &granting, &offer).unwrap_err();
/// assert!(matches!(error.problems[..], [AttachProblem::NotOffered { .. }]));
/// offer.tools.insert("get".to_owned());
/// assert!(attach([&export], &granting, &offer).is_ok());
/// assert!(attach([&export], &HostPolicy::default(), &offer).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Whatever is not granted, or not there.
pub fn attach<'a>(
    exports: impl IntoIterator<Item = &'a Export>,
    policy: &HostPolicy,
    offer: &Offer,
) -> Result<(), AttachError> {
    let mut problems: Vec<AttachProblem> = exports
        .into_iter()
        .flat_map(|export| export.requires.iter().filter_map(|id| problem(export, id, policy, offer)))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    problems.sort_by(|left, right| (left.export(), left).cmp(&(right.export(), right)));
    problems.dedup();
    Err(AttachError { problems, available: offer.available(policy) })
}

fn problem(export: &Export, id: &str, policy: &HostPolicy, offer: &Offer) -> Option<AttachProblem> {
    let export = export.reference.clone();
    let Ok(requirement) = id.parse::<Requirement>() else {
        return Some(AttachProblem::UnknownRequirementShape { export, id: id.to_owned() });
    };
    if !policy.grants(&requirement) {
        return Some(AttachProblem::NotGranted { export, requirement });
    }
    if offer.has(&requirement) {
        return None;
    }
    Some(match requirement {
        Requirement::Upstream(_) => AttachProblem::UnvouchedUpstream { export, requirement },
        Requirement::Tool(_) | Requirement::Call => AttachProblem::NotOffered { export, requirement },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::tests::sample;

    fn requiring(symbol: &str, ids: &[&str]) -> Export {
        let requires = ids.iter().map(|id| (*id).to_owned()).collect();
        Export { reference: format!("crm/{symbol}"), symbol: symbol.to_owned(), requires, ..sample() }
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let policy = HostPolicy::from_toml("grants = [\"tool:a\", \"tool:b\", \"upstream:s/t\", \"call\"]").unwrap();
        let offer = Offer { tools: BTreeSet::from(["a".to_owned(), "z".to_owned()]), ..Offer::default() };
        let exports =
            [requiring("y", &["tool:b", "upstream:s/t"]), requiring("x", &["call", "net:x", "tool:a", "tool:z"])];
        let error = attach(&exports, &policy, &offer).unwrap_err();
        assert_eq!(
            error.problems.iter().map(AttachProblem::code).collect::<Vec<_>>(),
            ["unknown-requirement", "not-granted", "not-offered", "unvouched-upstream"]
        );
        assert_eq!(error.available, ["call", "tool:a"]);
        assert_eq!(error.exit_code().code(), 3);
        let diagnostics = error.diagnostics(&BTreeMap::new());
        assert_eq!(diagnostics[1].title, "crm/x requires tool:z, which is not granted");
        assert_eq!(diagnostics[1].hint.as_deref(), Some("available: call, tool:a"));
    }
}
