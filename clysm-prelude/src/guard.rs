//! The guard: whether everything that a program may call is granted to it, before it runs.

use std::collections::{BTreeMap, BTreeSet};

use clysm_report::{Diagnostic, ExitCode, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::attachment::what_there_is;
use crate::policy::HostPolicy;
use crate::preludes::Preludes;
use crate::references::{References, requirement};
use crate::requirement::{Requirement, Upstream};

/// What a program may call: what its run's tool service answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The tools by name.
    pub tools: BTreeSet<String>,
    /// The upstream operations.
    pub upstreams: BTreeSet<Upstream>,
    /// Whether tools may be called by computed names.
    pub call: bool,
    /// The references of the exports that the program refers to.
    pub exports: BTreeSet<String>,
}

impl Listed {
    /// Whether something is listed.
    #[must_use]
    pub fn has(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Tool(name) => self.tools.contains(name),
            Requirement::Upstream(upstream) => self.upstreams.contains(upstream),
            Requirement::Call => self.call,
        }
    }

    fn add(&mut self, requirement: Requirement) {
        match requirement {
            Requirement::Tool(name) => {
                self.tools.insert(name);
            }
            Requirement::Upstream(upstream) => {
                self.upstreams.insert(upstream);
            }
            Requirement::Call => self.call = true,
        }
    }
}

/// How a program reaches something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// The export through which, by its reference; none if the program calls it itself.
    pub export: Option<String>,
    /// Where in the program.
    pub span: Span,
}

/// Why something is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denial {
    /// The run does not grant it.
    NotGranted,
    /// The run grants it, but not to programs.
    NotForPrograms,
    /// Only exports of preludes may call it.
    Private,
}

/// Something that a program may not call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// What.
    pub requirement: Requirement,
    /// Why.
    pub denial: Denial,
    /// How the program reaches it, in the order of the places.
    pub reached: Vec<Reach>,
}

impl Denied {
    fn sentence(&self) -> String {
        let what = match self.denial {
            Denial::NotGranted => "is not granted",
            Denial::NotForPrograms => "is not granted to programs",
            Denial::Private => "may be called by exports of preludes only",
        };
        let by: BTreeSet<&str> =
            self.reached.iter().map(|reach| reach.export.as_deref().unwrap_or("the program itself")).collect();
        let by: Vec<&str> = by.into_iter().collect();
        format!("{} {what}; it is reached by {}", self.requirement, by.join(", "))
    }
}

/// Why a program may not run: everything that it may not call.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .denied.iter().map(Denied::sentence).collect::<Vec<_>>().join("; "))]
pub struct GuardError {
    /// What is denied, in the order of the ids.
    pub denied: Vec<Denied>,
    /// The ids of what programs may call.
    pub available: Vec<String>,
}

impl GuardError {
    /// How a command ends.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        ExitCode::MissingDependency
    }

    /// The diagnostic for it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error("not-granted", self.to_string());
        let mut places: Vec<(Span, String)> = Vec::new();
        for denied in &self.denied {
            places.extend(denied.reached.iter().map(|reach| {
                let text = match &reach.export {
                    Some(export) => format!("{export} may call {}", denied.requirement),
                    None => format!("calls {}", denied.requirement),
                };
                (reach.span, text)
            }));
        }
        places.sort();
        for (number, (span, text)) in places.into_iter().enumerate() {
            diagnostic = if number == 0 { diagnostic.at(span, text) } else { diagnostic.also(span, text) };
        }
        diagnostic.hint(what_there_is(&self.available))
    }
}

/// Everything that a program may call, itself or through an export that it refers to in any way, if it is all granted.
///
/// # Errors
/// All that is not.
pub fn guard(references: &References, preludes: &Preludes, policy: &HostPolicy) -> Result<Listed, GuardError> {
    let mut listed = Listed::default();
    let mut denied: BTreeMap<(Requirement, Denial), BTreeSet<Reach>> = BTreeMap::new();
    for (requirement, reach) in reached(references, preludes) {
        listed.exports.extend(reach.export.clone());
        let Some(requirement) = requirement else { continue };
        match denial(&requirement, &reach, policy) {
            None => listed.add(requirement),
            Some(denial) => {
                let places = denied.entry((requirement, denial)).or_default();
                places.insert(Reach { export: reach.export, span: reach.span });
            }
        }
    }
    if denied.is_empty() {
        return Ok(listed);
    }
    let denied = denied.into_iter().map(|((requirement, denial), reached)| {
        let mut reached: Vec<Reach> = reached.into_iter().collect();
        reached.sort_by(|left, right| (left.span, &left.export).cmp(&(right.span, &right.export)));
        Denied { requirement, denial, reached }
    });
    let callable = policy.grants.iter().filter(|requirement| policy.grants_calls(requirement));
    let available = callable.map(ToString::to_string).collect();
    Err(GuardError { denied: denied.collect(), available })
}

/// All that a program reaches, and how. An export that needs nothing comes with no requirement.
fn reached(references: &References, preludes: &Preludes) -> Vec<(Option<Requirement>, Reach)> {
    let mut found = Vec::new();
    for invocation in &references.invocations {
        // Names that are no tool's are an error of the analysis.
        let requirement = requirement(&invocation.import).unwrap_or(Requirement::Call);
        found.push((Some(requirement), Reach { export: None, span: invocation.span }));
    }
    for call in &references.computed {
        found.push((Some(Requirement::Call), Reach { export: None, span: call.span }));
    }
    for (symbol, span) in references.symbols() {
        let Some(export) = preludes.export(symbol) else { continue };
        let reach = Reach { export: Some(export.reference.clone()), span };
        found.push((None, reach.clone()));
        let tools = export.tool_refs.iter().map(|name| Requirement::Tool(name.clone()));
        let requires = export.requires.iter().filter_map(|id| id.parse().ok());
        found.extend(tools.chain(requires).map(|requirement| (Some(requirement), reach.clone())));
    }
    found
}

fn denial(requirement: &Requirement, reach: &Reach, policy: &HostPolicy) -> Option<Denial> {
    if !policy.grants(requirement) {
        Some(Denial::NotGranted)
    } else if !policy.grants_programs(requirement) {
        Some(Denial::NotForPrograms)
    } else if reach.export.is_none() && policy.tool(requirement).private {
        Some(Denial::Private)
    } else {
        None
    }
}
