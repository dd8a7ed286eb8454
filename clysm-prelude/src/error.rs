//! What can be wrong with a prelude, its metadata, and a policy about it.

use clysm_report::{Diagnostic, Span};
use thiserror::Error;

use crate::export::Effect;
use crate::policy::Exposure;
use crate::requirement::Requirement;

/// What is wrong with a prelude. Symbols are written as Lisp writes them, exports by their references.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultKind {
    /// A declaration without the form of one.
    #[error("malformed export declaration: {reason}")]
    MalformedDeclaration {
        /// What is wrong.
        reason: &'static str,
    },
    /// Metadata of a symbol that no package of the prelude exports.
    #[error("{name} has export metadata, but no package of this prelude exports it")]
    NotExported {
        /// The symbol.
        name: String,
    },
    /// Defaults of a package that the prelude does not define.
    #[error("export defaults of {name}, which is not a package of this prelude")]
    NotAPackage {
        /// The package.
        name: String,
    },
    /// A second declaration about the same.
    #[error("{name} has a second export declaration")]
    RepeatedDeclaration {
        /// The symbol or package.
        name: String,
        /// The first one.
        first: Span,
    },
    /// A key that means nothing.
    #[error("{key} in the export declaration of {name} is not a key of it")]
    UnknownKey {
        /// The symbol or package.
        name: String,
        /// The key.
        key: String,
    },
    /// A key that is there twice.
    #[error("{key} is given twice in the export declaration of {name}")]
    RepeatedKey {
        /// The symbol or package.
        name: String,
        /// The key.
        key: &'static str,
    },
    /// A key at the end.
    #[error("{key} in the export declaration of {name} has no value")]
    NoValue {
        /// The symbol or package.
        name: String,
        /// The key.
        key: &'static str,
    },
    /// A value outside of its type.
    #[error("{key} in the export declaration of {name} must be {expected}, got {value}")]
    WrongValue {
        /// The symbol or package.
        name: String,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A prelude's package that belongs to the system.
    #[error("a prelude can't define package {name}, which is reserved for the system")]
    ReservedPackage {
        /// The package.
        name: String,
    },
    /// A package that is defined already.
    #[error("package {name} is defined already")]
    DuplicatePackage {
        /// The package.
        name: String,
        /// The first definition, if it is in this prelude.
        first: Span,
    },
    /// A definition of a name that is not the prelude's.
    #[error("{name} is defined, but its package is not one of this prelude")]
    ForeignDefinition {
        /// The symbol.
        name: String,
    },
    /// A second definition.
    #[error("{name} is defined again as a {what}")]
    DuplicateDefinition {
        /// The symbol.
        name: String,
        /// What it is defined as.
        what: &'static str,
        /// The first definition.
        first: Span,
    },
    /// An export that would be function and constant at once.
    #[error("{name} is exported, and defined as a {first_what} and as a {what}")]
    AmbiguousExport {
        /// The symbol.
        name: String,
        /// What it is defined as.
        what: &'static str,
        /// What it was defined as.
        first_what: &'static str,
        /// The first definition.
        first: Span,
    },
    /// Two exports that differ in letter case only.
    #[error("{name} and {other} would both have the reference {reference}")]
    AmbiguousReference {
        /// The symbol.
        name: String,
        /// The other symbol.
        other: String,
        /// The reference of both.
        reference: String,
    },
    /// An exported symbol without a definition.
    #[error("{name} is exported, but not defined as a function, a variable or a condition type")]
    ExportedUndefined {
        /// The symbol.
        name: String,
        /// Names that are defined and similar.
        similar: Vec<String>,
    },
    /// An export of a kind that programs can't use.
    #[error(
        "not yet supported: {name} is exported and defined as a {what}; exports are functions, variables and condition types"
    )]
    UnsupportedExport {
        /// The symbol.
        name: String,
        /// What it is defined as.
        what: &'static str,
    },
    /// An exported condition type with code that calls tools.
    #[error("{name} is exported as a condition type, but its report or an initial value reaches {requirement}")]
    ConditionReaches {
        /// The symbol.
        name: String,
        /// What is reached.
        requirement: Requirement,
    },
    /// Metadata of a condition type.
    #[error("{name} has export metadata, but is a condition type, and those have no records")]
    ConditionMetadata {
        /// The symbol.
        name: String,
    },
    /// A call of a function that is not there.
    #[error("undefined function: {name}")]
    UndefinedFunction {
        /// The symbol.
        name: String,
        /// Names that are defined and similar.
        similar: Vec<String>,
    },
    /// A use of a variable that is not there.
    #[error("undefined variable: {name}")]
    UndefinedVariable {
        /// The symbol.
        name: String,
        /// Names that are defined and similar.
        similar: Vec<String>,
    },
    /// A tool that can't have such a name.
    #[error("{name:?} can't be the name of a {what}")]
    ToolName {
        /// Tool or upstream operation.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A tool that is called while the prelude loads.
    #[error("{requirement} would be called while the prelude loads, when no tools may be called")]
    CallAtLoad {
        /// What is called.
        requirement: Requirement,
    },
    /// A constant of which nobody can tell what it calls.
    #[error("a constant is a live object of the compiler's image, which can't be followed")]
    LiveObject,
    /// A policy that shows more than the source does.
    #[error("the policy makes {export} {}, but its source says {}", .policy.name(), .source_says.name())]
    PolicyWidens {
        /// The export.
        export: String,
        /// What the source says.
        source_says: Exposure,
        /// What the policy says.
        policy: Exposure,
    },
    /// A policy that says of an export something else than its source.
    #[error("the policy gives {export} the effect {}, but its source says {}", .policy.name(), .source_says.name())]
    PolicyEffect {
        /// The export.
        export: String,
        /// What the source says.
        source_says: Effect,
        /// What the policy says.
        policy: Effect,
    },
    /// An export that is said to only read, and reaches something that the policy says writes.
    #[error(
        "{export} is said to have the effect read, but reaches {requirement}, which the policy says has the effect write"
    )]
    NotOnlyReading {
        /// The export.
        export: String,
        /// What it reaches.
        requirement: Requirement,
    },
    /// An export in a policy that is not there.
    #[error("the policy names the export {reference}, which is not there")]
    PolicyExport {
        /// The reference.
        reference: String,
        /// References that are there and similar.
        similar: Vec<String>,
    },
    /// A policy that says of a condition type more than that it is hidden.
    #[error("{reference} is a condition type, which a policy can only hide")]
    PolicyCondition {
        /// The reference.
        reference: String,
    },
    /// A package in a policy that is not there.
    #[error("the policy names the package {name}, which no prelude defines")]
    PolicyPackage {
        /// The package.
        name: String,
        /// Packages that are there and similar.
        similar: Vec<String>,
    },
}

impl FaultKind {
    /// The diagnostic code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedDeclaration { .. }
            | Self::NotExported { .. }
            | Self::NotAPackage { .. }
            | Self::RepeatedDeclaration { .. }
            | Self::UnknownKey { .. }
            | Self::RepeatedKey { .. }
            | Self::NoValue { .. }
            | Self::WrongValue { .. }
            | Self::ConditionMetadata { .. } => "invalid-metadata",
            Self::ReservedPackage { .. } => "reserved-package",
            Self::DuplicatePackage { .. } => "duplicate-package",
            Self::ForeignDefinition { .. } => "foreign-definition",
            Self::DuplicateDefinition { .. } | Self::AmbiguousExport { .. } | Self::AmbiguousReference { .. } => {
                "duplicate-definition"
            }
            Self::ExportedUndefined { .. } => "undefined-export",
            Self::UnsupportedExport { .. } => "not-yet-supported",
            Self::ConditionReaches { .. } => "condition-calls-tool",
            Self::UndefinedFunction { .. } => "undefined-function",
            Self::UndefinedVariable { .. } => "undefined-variable",
            Self::ToolName { .. } => "tool-name",
            Self::CallAtLoad { .. } => "call-at-load",
            Self::LiveObject => "live-object",
            Self::PolicyWidens { .. }
            | Self::PolicyEffect { .. }
            | Self::NotOnlyReading { .. }
            | Self::PolicyCondition { .. } => "policy-contradiction",
            Self::PolicyExport { .. } | Self::PolicyPackage { .. } => "unknown-in-policy",
        }
    }

    /// An earlier place that has to do with it.
    const fn first(&self) -> Span {
        match self {
            Self::RepeatedDeclaration { first, .. }
            | Self::DuplicatePackage { first, .. }
            | Self::DuplicateDefinition { first, .. }
            | Self::AmbiguousExport { first, .. } => *first,
            _ => Span::NONE,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::ExportedUndefined { similar, .. }
            | Self::UndefinedFunction { similar, .. }
            | Self::UndefinedVariable { similar, .. }
            | Self::PolicyExport { similar, .. }
            | Self::PolicyPackage { similar, .. } => did_you_mean(similar),
            Self::UnknownKey { .. } => {
                Some("the keys are :visibility, :effect, :requires, and for exports :provider-ref".to_owned())
            }
            Self::ConditionReaches { .. } => Some("only exported functions and variables may call tools".to_owned()),
            Self::PolicyWidens { .. } => Some("a policy can only narrow: prompt, discoverable, hidden".to_owned()),
            _ => None,
        }
    }
}

/// What is wrong with a prelude, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where; nowhere for policies.
    pub span: Span,
}

impl Fault {
    /// The diagnostic for it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.kind.code(), self.kind.to_string())
            .at(self.span, "")
            .also(self.kind.first(), "the first is here");
        with_hint(diagnostic, self.kind.hint())
    }
}

/// In the order of their places, and each once.
pub(crate) fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.span, fault.to_string()));
    faults.dedup();
    faults
}

pub(crate) fn did_you_mean(similar: &[String]) -> Option<String> {
    if similar.is_empty() { None } else { Some(format!("did you mean {}?", similar.join(" or "))) }
}

pub(crate) fn with_hint(diagnostic: Diagnostic, hint: Option<String>) -> Diagnostic {
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}
