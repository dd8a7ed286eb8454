//! Why a command failed, and how that is told.

use std::fmt::Write as _;
use std::path::Path;
use std::process;

use clysm::Error;
use clysm::prelude::LimitsPolicy;
use clysm_host::{Frame, HostError, ModuleError};
use clysm_report::{Diagnostic, ExitCode, SourceMap, Span, reason};

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
        Self::new(ExitCode::Failure, "unwritable-output", format!("cannot write {}: {}", path.display(), reason(error)))
    }

    /// Adds lines after the diagnostics.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// Says what to do about the first diagnostic.
    #[must_use]
    pub fn with_hint(mut self, hint: &str) -> Self {
        if let Some(diagnostic) = self.diagnostics.first_mut() {
            diagnostic.hint = Some(hint.to_owned());
        }
        self
    }

    /// Says of a limit that was reached that it may be the policy's, which flags can't raise.
    #[must_use]
    pub fn under(self, limits: &LimitsPolicy) -> Self {
        let hint = match self.diagnostics.first().map(|diagnostic| &*diagnostic.code) {
            Some("timeout") if limits.time_ms.is_some() => "limits.time_ms in the policy and --timeout",
            Some("heap-exhausted") if limits.heap_bytes.is_some() => "limits.heap_bytes in the policy and --memory",
            Some("out-of-fuel") if limits.fuel.is_some() => "limits.fuel in the policy and --fuel",
            _ => return self,
        };
        self.with_hint(&format!("{hint} bound the program, the lower one holds"))
    }

    /// A file that can't be read.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::missing(path);
        }
        Self::new(ExitCode::Failure, "unreadable-file", format!("cannot read {}: {}", path.display(), reason(error)))
    }

    /// An image that can't be started.
    pub fn of_start(error: &Error) -> Self {
        Self::of_lisp(error, SourceMap::new(), |_| None)
    }

    /// A file or directory that is not there.
    pub fn missing(path: &Path) -> Self {
        let title = format!("cannot read {}: no such file or directory", path.display());
        Self::new(ExitCode::MissingDependency, "missing-file", title)
    }

    /// A failure of the library, with the sources that its places are in. `position` tells where frames are.
    pub fn of_lisp(error: &Error, sources: SourceMap, position: impl Fn(&Frame) -> Option<Span>) -> Self {
        let (frames, diagnostic) = match error {
            Error::Host(error) | Error::Stopped { error, .. } => (error.frames(), hinted(error)),
            Error::Lisp(report) | Error::Located { report, .. } => (&*report.frames, None),
            _ => (&[][..], None),
        };
        let diagnostic = diagnostic.map_or_else(|| error.diagnostic(), |hint| error.diagnostic().hint(hint));
        let at = diagnostic.span();
        let place = |frame: &Frame| position(frame).filter(|span| *span != at).and_then(|span| sources.location(span));
        let notes = backtrace(frames, place);
        Self::diagnosed(error.exit_code(), vec![diagnostic], sources).with_notes(notes)
    }

    /// A failure with a module of that path.
    pub fn of_module(path: &Path, error: HostError) -> Self {
        let names_path =
            matches!(error, HostError::Module(ModuleError::NotFound { .. } | ModuleError::NotReadable { .. }));
        let mut failure = Self::from(error);
        if !names_path && let Some(diagnostic) = failure.diagnostics.first_mut() {
            diagnostic.title = format!("{}: {}", path.display(), diagnostic.title);
        }
        failure
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
        Self::of_lisp(&error.into(), SourceMap::new(), |_| None)
    }
}

/// What to do about a limit that was reached.
fn hinted(error: &HostError) -> Option<&'static str> {
    match error {
        HostError::Timeout { .. } => Some("--timeout gives the program more time"),
        HostError::HeapExhausted { .. } => Some("--memory gives the program a larger heap"),
        HostError::OutOfFuel { .. } => Some("--fuel gives the program more instructions"),
        HostError::StackExhausted { .. } => Some("look for a recursion that does not end"),
        _ => None,
    }
}

/// The lines that a backtrace shows at most: a runaway recursion has thousands of frames.
const SHOWN_LINES: usize = 12;

/// The functions that were active, innermost first, with their places, repeated ones counted. What signalled the error
/// and what started the program are not shown.
fn backtrace(frames: &[Frame], place: impl Fn(&Frame) -> Option<String>) -> Vec<String> {
    let name = |frame: &Frame| frame.function.clone().unwrap_or_else(|| "an unnamed function".to_owned());
    let signalling = |frame: &&Frame| name(frame).starts_with("CLYSM::");
    let mut runs: Vec<(String, Option<String>, usize)> = Vec::new();
    for frame in frames.iter().skip_while(signalling).filter(|frame| !is_entry(frame)) {
        let name = name(frame);
        let place = place(frame);
        if name == "toplevel" && place.is_none() {
            // The diagnostic's own place is that of the form.
            continue;
        }
        match runs.last_mut() {
            Some((last, _, count)) if *last == name => *count += 1,
            _ => runs.push((name, place, 1)),
        }
    }
    let mut lines: Vec<String> = runs.iter().take(SHOWN_LINES).map(frame_line).collect();
    if runs.len() > SHOWN_LINES {
        lines.push(format!("  … {} more", runs.len() - SHOWN_LINES));
    } else if frames.len() >= clysm_host::BACKTRACE_FRAMES {
        lines.push("  …".to_owned());
    }
    lines
}

/// Whether a frame is that of an entry point of a module, through which the host called it.
fn is_entry(frame: &Frame) -> bool {
    matches!(frame.function.as_deref(), Some("start" | "call" | "decode-literals"))
}

fn frame_line((name, place, count): &(String, Option<String>, usize)) -> String {
    let mut line = format!("  in {name}");
    // Writing to a String cannot fail.
    if *count > 1 {
        let _ = write!(line, " ({count} times)");
    }
    if let Some(place) = place {
        let _ = write!(line, " at {place}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str) -> Frame {
        Frame {
            function: Some(name.to_owned()),
            module: None,
            function_index: 0,
            function_offset: None,
            module_offset: None,
        }
    }

    fn shown<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let frames: Vec<Frame> = names.into_iter().map(frame).collect();
        backtrace(&frames, |frame| (frame.function.as_deref() == Some("g")).then(|| "a.lisp:1:2".to_owned()))
    }

    #[test]
    fn a_backtrace_counts_what_repeats() {
        assert_eq!(shown(["f", "f", "f", "g"]), ["  in f (3 times)", "  in g at a.lisp:1:2"]);
    }

    #[test]
    fn a_backtrace_leaves_out_what_signals_and_what_starts() {
        assert_eq!(shown(["CLYSM::%UNHANDLED", "CLYSM::%F", "f", "CLYSM::%G", "start"]), ["  in f", "  in CLYSM::%G"]);
    }

    #[test]
    fn a_backtrace_ends() {
        let names: Vec<String> = (0..40).map(|index| format!("f{index}")).collect();
        assert_eq!(shown(names.iter().map(String::as_str)).last().map(String::as_str), Some("  … 28 more"));
        assert_eq!(shown(["f"; clysm_host::BACKTRACE_FRAMES]), ["  in f (128 times)", "  …"]);
    }
}
