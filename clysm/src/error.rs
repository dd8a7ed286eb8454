//! What can go wrong.

use clysm_compiler::error::CompileError;
use clysm_compiler::module::LinkError;
use clysm_host::{HostError, LispReport};
use clysm_reader::codec::DecodeError;
use clysm_reader::{PackageError, ReadError};
use clysm_report::{Diagnostic, ExitCode, Span};
use thiserror::Error;

/// An error of the engine.
#[derive(Debug, Error)]
pub enum Error {
    /// Text that can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A form that does not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Forms that don't link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A condition that nothing handled.
    #[error("{}", .0.text)]
    Lisp(LispReport),
    /// A condition that nothing handled, with the place in the source where it was signalled.
    #[error("{}", .report.text)]
    Located {
        /// The report and its stack.
        report: LispReport,
        /// The innermost place in the program's own source.
        span: Span,
    },
    /// The host or a limit ended the program.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The host or a limit ended the program at a place in its source.
    #[error("{error}")]
    Stopped {
        /// What ended it.
        #[source]
        error: HostError,
        /// The innermost place in the program's own source.
        span: Span,
    },
    /// A call back into the engine was left for good, by a limit or a non-local exit.
    #[error("{0}")]
    Ended(String),
    /// A name of a function that can't be one.
    #[error("{name} {reason}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A value that is nested too deeply to leave the image.
    #[error("a value is nested more than {limit} levels deep")]
    TooDeep {
        /// The most levels.
        limit: usize,
    },
    /// The image answered what it never should.
    #[error("the image answered with {0}")]
    Protocol(&'static str),
    /// An answer of the image that can't be decoded.
    #[error("the image's answer can't be decoded: {0}")]
    Decode(#[from] DecodeError),
    /// A change of packages in the image that can't be followed here.
    #[error("the image's packages: {0}")]
    Packages(#[from] PackageError),
    /// The runtime function table is invalid.
    #[error(transparent)]
    Registration(#[from] clysm_dispatch::RegistrationError),
    /// The library does not compile.
    #[error("the library does not compile:\n{0}")]
    Library(String),
    /// A file that can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// The exit code that a command ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => ExitCode::MissingDependency,
            _ => ExitCode::Failure,
        }
    }

    /// The diagnostic for it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Read(error) => Diagnostic::from(error),
            Self::Compile(error) => error.diagnostic(),
            Self::Located { report, span } => {
                Diagnostic::error("unhandled-condition", report.text.clone()).at(*span, String::new())
            }
            Self::Stopped { error, span } => Diagnostic::error("stopped", error.to_string()).at(*span, String::new()),
            Self::Lisp(report) => Diagnostic::error("unhandled-condition", report.text.clone()),
            _ => Diagnostic::error("error", self.to_string()),
        }
    }
}
