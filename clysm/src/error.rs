//! What can go wrong.

use std::io::ErrorKind;

use clysm_compiler::error::CompileError;
use clysm_compiler::module::LinkError;
use clysm_host::{HostError, LispReport, ModuleError};
use clysm_reader::codec::DecodeError;
use clysm_reader::{PackageError, ReadError};
use clysm_report::{Diagnostic, ExitCode, Span};
use thiserror::Error;

use crate::compiled_file::CompiledFileError;

/// An error of the engine.
#[derive(Debug, Error)]
pub enum Error {
    /// Text that can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A text that is not UTF-8.
    #[error("the text is not UTF-8: octet {octet:02X}")]
    NotUtf8 {
        /// The first octet that does not belong there.
        octet: u8,
        /// Its place.
        span: Span,
    },
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
    /// An engine that has a prelude was asked to evaluate something else than a guarded program.
    #[error("an engine that is attached to a prelude only runs guarded programs")]
    Guarded,
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
    /// A value that is circular, or that shares so much of itself that it is too large as a tree.
    #[error("a value is circular, or shares too many of its parts, and can't leave the image")]
    Circular,
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
    /// A compiled file that can't be loaded.
    #[error("cannot load {path}: {error}")]
    CompiledFile {
        /// The file.
        path: String,
        /// Why.
        #[source]
        error: CompiledFileError,
    },
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
            Self::File { source, .. } if source.kind() == ErrorKind::NotFound => ExitCode::MissingDependency,
            Self::Host(HostError::MissingImport { .. } | HostError::Module(ModuleError::NotFound { .. })) => {
                ExitCode::MissingDependency
            }
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
            Self::NotUtf8 { span, .. } => {
                Diagnostic::error("invalid-utf8", self.to_string()).at(*span, "").hint("save the file as UTF-8")
            }
            Self::Stopped { error, span } => ended(error).at(*span, ""),
            Self::Host(error) => ended(error),
            Self::Lisp(report) => Diagnostic::error("unhandled-condition", report.text.clone()),
            Self::Link(_) => Diagnostic::error("link-error", self.to_string()),
            Self::File { path, source } => {
                let code = if source.kind() == ErrorKind::NotFound { "missing-file" } else { "unreadable-file" };
                Diagnostic::error(code, format!("cannot read {path}: {}", clysm_report::reason(source)))
            }
            Self::CompiledFile { error, .. } => {
                let hint = match error {
                    CompiledFileError::Other => "clysm exec runs modules that clysm build has made",
                    CompiledFileError::Version => "clysm compile makes a new one of the source file",
                };
                Diagnostic::error("not-a-compiled-file", self.to_string()).hint(hint)
            }
            Self::Guarded
            | Self::Circular
            | Self::Ended(_)
            | Self::Name { .. }
            | Self::TooDeep { .. }
            | Self::Packages(_) => Diagnostic::error("error", self.to_string()),
            Self::Protocol(_) | Self::Decode(_) | Self::Registration(_) | Self::Library(_) => {
                Diagnostic::error("internal-error", self.to_string())
            }
        }
    }
}

/// The diagnostic for what ended a program.
fn ended(error: &HostError) -> Diagnostic {
    let title = match error {
        HostError::Lisp(report) => report.text.clone(),
        other => other.to_string(),
    };
    Diagnostic::error(error.code(), title)
}
