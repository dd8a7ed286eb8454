//! Diagnostics as data.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::Span;

/// How bad a diagnostic is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something worth knowing.
    Note,
    /// The program is probably right, but could be written better, or needs something that is defined elsewhere (CLHS
    /// `STYLE-WARNING`).
    StyleWarning,
    /// The program is wrong, or has undefined consequences, when this part of it runs; it was compiled nevertheless.
    Warning,
    /// The form could not be read, compiled or run.
    Error,
}

impl Severity {
    /// The severity's name as diagnostics print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::StyleWarning => "style-warning",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in the source with what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark; empty where the place alone says it.
    pub text: String,
}

/// Something to tell the user about a program: data until [`render`](crate::render) makes it text.
///
/// The code is a short stable name in kebab case (`unbalanced-form`), by which tools and documentation find the
/// kind of diagnostic whatever its wording.
///
/// ```
/// use clysm_report::{Diagnostic, SourceMap, Span, render};
///
/// let mut sources = SourceMap::new();
/// let file = sources.add("demo.lisp", "(defun f (x)\n  (car x 1))\n");
/// let diagnostic = Diagnostic::warning("wrong-argument-count", "CAR takes 1 argument, got 2")
///     .at(Span::new(file, 15, 24), "called here")
///     .hint("remove the second argument");
/// let text = render(&diagnostic, &sources, false);
/// assert!(text.starts_with("warning[wrong-argument-count]: CAR takes 1 argument, got 2\n"));
/// assert!(text.contains("demo.lisp:2:3"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The stable name of this kind of diagnostic.
    pub code: Cow<'static, str>,
    /// What is the matter, in one line.
    pub title: String,
    /// Where.
    pub primary: Option<Label>,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a place.
    #[must_use]
    pub fn new(severity: Severity, code: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self { severity, code: code.into(), title: title.into(), primary: None, secondary: Vec::new(), hint: None }
    }

    /// An error.
    #[must_use]
    pub fn error(code: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, title)
    }

    /// A style warning.
    #[must_use]
    pub fn style_warning(code: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self::new(Severity::StyleWarning, code, title)
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, title)
    }

    /// A note.
    #[must_use]
    pub fn note(code: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, title)
    }

    /// Sets the primary place; the text may be empty. [`Span::NONE`] leaves the diagnostic without a place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = (!span.is_none()).then(|| Label { span, text: text.into() });
        self
    }

    /// Adds another place; [`Span::NONE`] adds nothing.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        if !span.is_none() {
            self.secondary.push(Label { span, text: text.into() });
        }
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }

    /// The primary place, [`Span::NONE`] without one.
    #[must_use]
    pub fn span(&self) -> Span {
        self.primary.as_ref().map_or(Span::NONE, |label| label.span)
    }

    /// Whether this is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// One line without the source: `error[code]: title`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity.name(), self.code, self.title)
    }
}
