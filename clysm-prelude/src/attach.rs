//! Attaching: what exports require, against what a run grants and its host offers.

use std::collections::BTreeSet;
use std::fmt;

use clysm_report::{Diagnostic, ExitCode};
use thiserror::Error;

use crate::export::Export;
use crate::policy::HostPolicy;
use crate::requirement::{Requirement, Upstream};

/// What a host has for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Tools by name.
    pub tools: BTreeSet<String>,
    /// Operations of the servers that it vouches for.
    pub upstreams: BTreeSet<Upstream>,
}

/// Why a requirement is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It is no id that anybody knows.
    UnknownShape,
    /// The policy does not grant it.
    NotGranted,
    /// It is granted, but the host has no such tool.
    NotOffered,
    /// It is granted, but the host can't vouch for the server and its operation.
    NotVouchedFor,
}

impl Reason {
    /// In words, after the requirement.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::UnknownShape => "is not a requirement id",
            Self::NotGranted => "is not granted",
            Self::NotOffered => "is granted, but the host has no such tool",
            Self::NotVouchedFor => "is granted, but the host can't vouch for that server and operation",
        }
    }
}

/// A requirement that is not met.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmet {
    /// The export's reference.
    pub export: String,
    /// The requirement's id.
    pub requirement: String,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requires {}, which {}", self.export, self.requirement, self.reason.text())
    }
}

/// Requirements that are not met.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .unmet.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct AttachError {
    /// All of them, by export.
    pub unmet: Vec<Unmet>,
    /// What is granted and offered.
    pub available: Vec<String>,
}

impl AttachError {
    /// A diagnostic for each of them, with what there is.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let available = match self.available.as_slice() {
            [] => "nothing is granted and offered".to_owned(),
            ids => format!("granted and offered: {}", ids.join(", ")),
        };
        let diagnostic = |unmet: &Unmet| Diagnostic::error("missing-requirement", unmet.to_string());
        self.unmet.iter().map(|unmet| diagnostic(unmet).hint(available.clone())).collect()
    }

    /// A required thing is missing.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        ExitCode::MissingDependency
    }
}

/// Compares what exports require with what the policy grants and the host offers.
///
/// ```
/// use clysm_prelude::{HostPolicy, Offer, attach};
///
/// assert!(attach(&[], &HostPolicy::default(), &Offer::default()).is_ok());
/// ```
///
/// # Errors
/// All requirements that are not met.
pub fn attach(exports: &[Export], policy: &HostPolicy, offer: &Offer) -> Result<(), AttachError> {
    let mut unmet: Vec<Unmet> = exports
        .iter()
        .flat_map(|export| export.requires.iter().map(move |id| (export, id)))
        .filter_map(|(export, id)| {
            let reason = missing(id, policy, offer)?;
            Some(Unmet { export: export.reference.clone(), requirement: id.clone(), reason })
        })
        .collect();
    if unmet.is_empty() {
        return Ok(());
    }
    unmet.sort();
    let available = policy.grants.iter().filter(|granted| is_offered(granted, offer)).map(ToString::to_string);
    Err(AttachError { unmet, available: available.collect() })
}

fn missing(id: &str, policy: &HostPolicy, offer: &Offer) -> Option<Reason> {
    let Ok(requirement) = id.parse::<Requirement>() else { return Some(Reason::UnknownShape) };
    if !policy.grants(&requirement) {
        return Some(Reason::NotGranted);
    }
    match requirement {
        _ if is_offered(&requirement, offer) => None,
        Requirement::Upstream(_) => Some(Reason::NotVouchedFor),
        Requirement::Tool(_) | Requirement::Call => Some(Reason::NotOffered),
    }
}

fn is_offered(requirement: &Requirement, offer: &Offer) -> bool {
    match requirement {
        Requirement::Tool(name) => offer.tools.contains(name),
        Requirement::Upstream(upstream) => offer.upstreams.contains(upstream),
        Requirement::Call => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(requires: &str) -> Export {
        let text = format!(
            r#"{{ "ref": "p/f", "namespace": "p", "symbol": "f", "arity": 0, "min_arity": 0, "max_arity": 0, "params": [],
                "doc": null, "visibility": "prompt", "effect": "unknown", "kind": "function", "provider_ref": null,
                "requires": [{requires}], "tool_refs": [] }}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn offer() -> Offer {
        Offer { tools: ["a".to_owned()].into(), upstreams: ["crm/get".parse().unwrap()].into() }
    }

    #[test]
    fn all_that_is_missing_is_named_with_the_reason() {
        let policy =
            HostPolicy::from_toml(r#"grants = ["tool:a", "tool:b", "upstream:crm/get", "upstream:crm/put"]"#).unwrap();
        let exports = [export(r#""tool:a", "upstream:crm/get""#), export(r#""call", "tool:b", "upstream:crm/put""#)];
        let error = attach(&exports, &policy, &offer()).unwrap_err();
        let reasons: Vec<(&str, Reason)> =
            error.unmet.iter().map(|unmet| (unmet.requirement.as_str(), unmet.reason)).collect();
        assert_eq!(
            reasons,
            [
                ("call", Reason::NotGranted),
                ("tool:b", Reason::NotOffered),
                ("upstream:crm/put", Reason::NotVouchedFor)
            ]
        );
        assert_eq!(error.available, ["tool:a", "upstream:crm/get"]);
        assert_eq!(error.diagnostics().len(), 3);
        assert!(error.to_string().starts_with("p/f requires call, which is not granted; "), "{error}");
        assert!(attach(&exports[..1], &policy, &offer()).is_ok());
    }

    #[test]
    fn computed_calls_need_a_grant_of_their_own() {
        let policy = HostPolicy::from_toml(r#"grants = ["call"]"#).unwrap();
        assert!(attach(&[export(r#""call""#)], &policy, &Offer::default()).is_ok());
    }
}
