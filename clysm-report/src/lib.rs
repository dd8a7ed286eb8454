//! What Clysm tells its users: diagnostics, compilation reports and exit codes.
//!
//! - [`Span`] and [`SourceMap`] say where in a source text something is, [`Diagnostic`] says what is the matter, and
//!   [`render`] shows both with the source line.
//! - [`CompilationReport`] is what a stage reports, made from counted events by [`ReportBuilder`] and checked by
//!   [`CompilationReport::validate`]; [`CompilationReport::json_schema`] describes its JSON form.
//! - [`ExitCode`] is how a command ends.
//!
//! The crate is pure: it reads no files and no clocks, texts and times are passed in.
//!
//! ```
//! use clysm_report::{Diagnostic, SourceMap, Span, render};
//!
//! let mut sources = SourceMap::new();
//! let file = sources.add("demo.lisp", "(print (car 1)");
//! let diagnostic = Diagnostic::error("unbalanced-form", "the list is not closed")
//!     .at(Span::new(file, 0, 1), "opened here");
//! let text = render(&diagnostic, &sources, false);
//! assert!(text.contains("demo.lisp:1:1"));
//! assert!(text.contains("(print (car 1)"));
//! ```

mod diagnostic;
mod exit_code;
mod reason;
mod render;
mod report;
mod span;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use exit_code::{ExitCode, UnknownExitCode};
pub use reason::reason;
pub use render::render;
pub use report::{
    CompilationReport, Event, Inconsistency, InvalidPercent, InvalidStageVersion, InvalidTimestamp, ModuleResult,
    OutsideModule, Percent, ReportBuilder, StageVersion, Summary, Timestamp,
};
pub use span::{FileId, Position, SourceMap, Span};
