//! Why a form does not compile.

use clysm_dispatch::ArityError;
use clysm_report::{Diagnostic, Span};
use thiserror::Error;

/// How deep forms may be nested, those that macros expand into included.
pub const NESTING_LIMIT: u32 = 4000;

/// How many compound forms a toplevel form may have, those that macros expand into included.
pub const CODE_LIMIT: u32 = 1_000_000;

/// How many arguments a call may have: one less than the value of `call-arguments-limit`.
pub const CALL_ARGUMENTS_LIMIT: usize = 8191;

/// What is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompileErrorKind {
    /// A special form, built-in macro or lambda list with the wrong shape.
    #[error("malformed {operator}: {reason}")]
    Malformed {
        /// The operator or construct.
        operator: String,
        /// What is wrong.
        reason: String,
    },
    /// An operator position that holds neither a symbol nor a lambda expression.
    #[error("{0} is not a function name or a lambda expression")]
    IllegalOperator(String),
    /// A `return-from` without its block.
    #[error("return-from {0}: no block of that name encloses it")]
    UnknownBlock(String),
    /// A `go` without its tag.
    #[error("go {0}: no tag of that name encloses it")]
    UnknownTag(String),
    /// Assignment to a constant.
    #[error("{0} is a constant and can't be assigned or bound")]
    ConstantAssignment(String),
    /// A toplevel form failed when it ran.
    #[error("{0}")]
    Toplevel(String),
    /// A macro expander, `eval-when` form or `#.` form failed in the image.
    #[error("{what}: {report}")]
    CompileTime {
        /// What ran.
        what: String,
        /// The condition's report.
        report: String,
    },
    /// A runtime function called with the wrong number of arguments.
    #[error(transparent)]
    Arity(#[from] ArityError),
    /// A primitive operation used wrongly.
    #[error("primitive {name}: {reason}")]
    Primitive {
        /// The primitive.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Forms within forms without end.
    #[error("forms are nested more than {NESTING_LIMIT} levels deep; does a macro expand into a call of itself?")]
    Nesting,
    /// Forms that are too many for the compiler, as macros can make of a few.
    #[error("it has more than {CODE_LIMIT} forms, with those that macros expand into")]
    TooMuchCode,
    /// A call with more arguments than `call-arguments-limit` allows.
    #[error("a call with {0} arguments, of which there may be {CALL_ARGUMENTS_LIMIT} at most")]
    TooManyArguments(usize),
    /// Something that Clysm does not do yet.
    #[error("not yet supported: {0}")]
    NotYetSupported(String),
    /// A broken invariant of the tree, which is a defect of the compiler.
    #[error("internal error: {0}")]
    Internal(String),
}

impl CompileErrorKind {
    /// The diagnostic code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed-form",
            Self::IllegalOperator(_) => "illegal-operator",
            Self::UnknownBlock(_) => "unknown-block",
            Self::UnknownTag(_) => "unknown-tag",
            Self::ConstantAssignment(_) => "constant-assignment",
            Self::Toplevel(_) => "unhandled-condition",
            Self::CompileTime { .. } => "compile-time-error",
            Self::Arity(_) => "wrong-argument-count",
            Self::Primitive { .. } => "primitive-misuse",
            Self::Nesting => "nesting",
            Self::TooMuchCode => "too-much-code",
            Self::TooManyArguments(_) => "too-many-arguments",
            Self::NotYetSupported(_) => "not-yet-supported",
            Self::Internal(_) => "internal-error",
        }
    }
}

/// A form that does not compile, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct CompileError {
    /// What is wrong.
    pub kind: CompileErrorKind,
    /// Where.
    pub span: Span,
}

impl CompileError {
    /// An error at a position.
    #[must_use]
    pub const fn new(kind: CompileErrorKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A construct with the wrong shape.
    pub fn malformed(operator: impl Into<String>, reason: impl Into<String>, span: Span) -> Self {
        Self::new(CompileErrorKind::Malformed { operator: operator.into(), reason: reason.into() }, span)
    }

    /// The diagnostic for it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.kind.code(), self.kind.to_string()).at(self.span, String::new())
    }
}
