//! What can go wrong with preludes and guarded programs.

use std::collections::BTreeMap;

use clysm_prelude::{AnalysisError, AttachError, Fault, GuardError};
use clysm_report::{Diagnostic, ExitCode, SourceMap, Span};
use thiserror::Error;

use crate::Error;

/// Why a prelude can't be used.
#[derive(Debug, Error)]
pub enum PreludeError {
    /// It does not compile, or is no prelude.
    #[error("{}", first(.diagnostics))]
    Invalid {
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
        /// The texts that positions refer to.
        sources: SourceMap,
    },
    /// Loading it failed: a constant signals an error, takes too long or too much memory, or calls a tool.
    #[error("{error}")]
    Evaluation {
        /// Why.
        #[source]
        error: Box<Error>,
        /// The texts that positions refer to.
        sources: SourceMap,
    },
    /// The policy contradicts it.
    #[error("{}", joined(.0))]
    Policy(Vec<Fault>),
    /// The image can't be made.
    #[error(transparent)]
    Image(#[from] Error),
}

impl PreludeError {
    /// What to tell.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Invalid { diagnostics, .. } => diagnostics.clone(),
            Self::Evaluation { error, .. } => vec![error.diagnostic().hint("while the prelude was loaded")],
            Self::Policy(faults) => faults.iter().map(Fault::diagnostic).collect(),
            Self::Image(error) => vec![error.diagnostic()],
        }
    }

    /// The texts that positions refer to.
    #[must_use]
    pub fn sources(&self) -> SourceMap {
        match self {
            Self::Invalid { sources, .. } | Self::Evaluation { sources, .. } => sources.clone(),
            Self::Policy(_) | Self::Image(_) => SourceMap::new(),
        }
    }

    /// The exit code that a command ends with: 1 when forms did not compile.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Invalid { .. } => ExitCode::Partial,
            Self::Evaluation { .. } | Self::Policy(_) => ExitCode::Failure,
            Self::Image(error) => error.exit_code(),
        }
    }
}

/// Why a prelude can't be attached.
#[derive(Debug, Error)]
pub enum AttachFailure {
    /// The policy contradicts the prelude.
    #[error(transparent)]
    Prelude(#[from] PreludeError),
    /// Something that it requires is not granted or not there.
    #[error("{error}")]
    Requirements {
        /// All that is missing.
        #[source]
        error: AttachError,
        /// Where the exports are defined, by their references.
        places: BTreeMap<String, Span>,
    },
}

impl AttachFailure {
    /// What to tell.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Prelude(error) => error.diagnostics(),
            Self::Requirements { error, places } => error.diagnostics(places),
        }
    }

    /// The exit code that a command ends with: 3 when something required is missing.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Prelude(error) => error.exit_code(),
            Self::Requirements { error, .. } => error.exit_code(),
        }
    }
}

/// Why a guarded program did not end well. Only in the last case any of it ran.
#[derive(Debug, Error)]
pub enum GuardedError {
    /// The engine was made without a prelude.
    #[error("the engine has no prelude")]
    NoPrelude,
    /// The program does not compile.
    #[error("{}", first(.diagnostics))]
    Compile {
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
    },
    /// It does with exports, or with what belongs to the system, what it may not.
    #[error("{}", joined(.0))]
    Analysis(Vec<AnalysisError>),
    /// It can reach tools that are not granted.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// Its module imports something that the guard has not listed.
    #[error("the program's module imports {module} {name}, which the guard has not listed")]
    Import {
        /// The import module.
        module: String,
        /// The name.
        name: String,
    },
    /// It failed when it ran, or a limit ended it.
    #[error(transparent)]
    Run(#[from] Error),
}

impl From<clysm_compiler::module::LinkError> for GuardedError {
    fn from(error: clysm_compiler::module::LinkError) -> Self {
        Self::Run(error.into())
    }
}

impl GuardedError {
    /// What to tell. Positions are those of the engine's [`sources`](crate::Engine::sources).
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Compile { diagnostics } => diagnostics.clone(),
            Self::Analysis(errors) => errors.iter().map(AnalysisError::diagnostic).collect(),
            Self::Guard(error) => vec![error.diagnostic()],
            Self::NoPrelude | Self::Import { .. } => vec![Diagnostic::error("guard", self.to_string())],
            Self::Run(error) => vec![error.diagnostic()],
        }
    }

    /// The exit code that a command ends with: 3 when a tool is not granted.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Guard(_) | Self::Import { .. } => ExitCode::MissingDependency,
            Self::Run(error) => error.exit_code(),
            Self::NoPrelude | Self::Compile { .. } | Self::Analysis(_) => ExitCode::Failure,
        }
    }
}

fn first(diagnostics: &[Diagnostic]) -> &str {
    diagnostics.first().map_or("it does not compile", |diagnostic| &diagnostic.title)
}

fn joined<T: ToString>(errors: &[T]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
