//! Why a command failed, and how that is told.

use std::fmt::Write as _;
use std::path::Path;
use std::process;

use clysm::Error;
use clysm_host::{Frame, HostError, ModuleError};
use clysm_report::{Diagnostic, ExitCode, SourceMap};

use crate::output::show_diagnostics;

/// A command's result: how the process ends, or why it failed.
pub type Outcome = Result<process::ExitCode, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    exit: ExitCode,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
    /// Lines that follow the diagnostics, such as a backtrace.
    notes: Vec<String>,
}

impl Failure {
    /// A failure without a place in a source text.
    pub fn new(exit: ExitCode, code: &'static str, title: impl Into<String>) -> Self {
        Self::diagnosed(exit, vec![Diagnostic::error(code, title)], SourceMap::new())
    }

    /// A failure with diagnostics.
    pub const fn diagnosed(exit: ExitCode, diagnostics: Vec<Diagnostic>, sources: SourceMap) -> Self {
        Self { exit, diagnostics, sources, notes: Vec::new() }
    }

    /// An output that cannot be written.
    pub fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(ExitCode::Failure, "unwritable-output", format!("cannot write {}: {error}", path.display()))
    }

    /// Adds lines after the diagnostics.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// A failure of the library, with the sources that its places are in.
    pub fn of_lisp(error: Error, sources: SourceMap) -> Self {
        let frames = match &error {
            Error::Host(error) | Error::Stopped { error, .. } => error.frames(),
            Error::Lisp(report) | Error::Located { report, .. } => &report.frames,
            _ => &[],
        };
        let notes = backtrace(frames);
        match error {
            Error::Host(error) => error.into(),
            Error::Stopped { error, span } => {
                let (exit, code) = classify(&error);
                let diagnostic = Diagnostic::error(code, error.to_string()).at(span, String::new());
                Self::diagnosed(exit, vec![diagnostic], sources).with_notes(notes)
            }
            error => Self::diagnosed(error.exit_code(), vec![error.diagnostic()], sources).with_notes(notes),
        }
    }

    /// Tells the failure on standard error; how the process is to end.
    pub fn report(&self) -> process::ExitCode {
        show_diagnostics(&self.diagnostics, &self.sources);
        for note in &self.notes {
            eprintln!("{note}");
        }
        self.exit.into()
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let (exit, code) = classify(&error);
        Self::new(exit, code, error.to_string()).with_notes(backtrace(error.frames()))
    }
}

impl From<ModuleError> for Failure {
    fn from(error: ModuleError) -> Self {
        HostError::from(error).into()
    }
}

/// The exit code and the diagnostic's code.
const fn classify(error: &HostError) -> (ExitCode, &'static str) {
    use ExitCode::{Failure, MissingDependency};
    match error {
        HostError::Trap { .. } => (Failure, "trap"),
        HostError::StackExhausted { .. } => (Failure, "stack-exhausted"),
        HostError::HeapExhausted { .. } => (Failure, "heap-exhausted"),
        HostError::Timeout { .. } => (Failure, "timeout"),
        HostError::Interrupted { .. } => (Failure, "interrupted"),
        HostError::OutOfFuel { .. } => (Failure, "out-of-fuel"),
        HostError::Exit(_) => (Failure, "program-ended"),
        HostError::Lisp(_) => (Failure, "unhandled-condition"),
        HostError::UncaughtThrow { .. } => (Failure, "uncaught-throw"),
        HostError::MissingImport { .. } => (MissingDependency, "missing-import"),
        HostError::NotGranted { .. } => (Failure, "not-granted"),
        HostError::Module(ModuleError::NotFound { .. }) => (MissingDependency, "missing-file"),
        HostError::Module(_) => (Failure, "invalid-module"),
        HostError::NoExport { .. } => (Failure, "missing-export"),
        HostError::ExportType { .. } => (Failure, "wrong-export"),
        HostError::Limits(_) => (Failure, "invalid-limits"),
        HostError::Io { .. } => (Failure, "input-output"),
        HostError::Engine(_) => (Failure, "engine"),
    }
}

/// The frames that a backtrace shows at most: a runaway recursion has thousands.
const SHOWN_FRAMES: usize = 12;

/// The functions that were active, innermost first, repeated ones counted.
fn backtrace(frames: &[Frame]) -> Vec<String> {
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for frame in frames {
        let name = frame.function.as_deref().unwrap_or("an unnamed function");
        match runs.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    let mut lines: Vec<String> = runs.iter().take(SHOWN_FRAMES).map(|&(name, count)| frame_line(name, count)).collect();
    if runs.len() > SHOWN_FRAMES {
        lines.push(format!("  … {} more", runs.len() - SHOWN_FRAMES));
    }
    lines
}

fn frame_line(name: &str, count: usize) -> String {
    let mut line = format!("  in {name}");
    if count > 1 {
        // Writing to a String cannot fail.
        let _ = write!(line, " ({count} times)");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtrace_counts_what_repeats() {
        let frame = |name: &str| Frame {
            function: Some(name.to_owned()),
            module: None,
            function_index: 0,
            function_offset: None,
            module_offset: None,
        };
        let frames: Vec<Frame> = ["f", "f", "f", "g"].into_iter().map(frame).collect();
        assert_eq!(backtrace(&frames), ["  in f (3 times)", "  in g"]);
        let many: Vec<Frame> = (0..40).map(|index| frame(&format!("f{index}"))).collect();
        assert_eq!(backtrace(&many).last().map(String::as_str), Some("  … 28 more"));
    }
}
