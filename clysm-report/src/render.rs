//! Diagnostics as text, with the source lines they are about.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Diagnostic, FileId, Label, Severity, SourceMap};

/// Renders a diagnostic for people: a head line `error[code]: title`, then for each file `path:line:column` and the
/// source lines with the places marked, then the hint. Ends with a newline. With `color`, ANSI escape sequences are
/// part of the text.
///
/// Places in texts that are not in `sources` are left out.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let title = level(diagnostic.severity).primary_title(&*diagnostic.title).id(&*diagnostic.code);
    let snippets = files(diagnostic).into_iter().filter_map(|file| snippet(diagnostic, sources, file));
    let mut group = Group::with_title(title).elements(snippets);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&[group]);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Note => Level::NOTE,
        Severity::StyleWarning => Level::WARNING.with_name(severity.name()),
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    }
}

/// The files of a diagnostic's places, the primary one first, each once.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a SourceMap,
    file: FileId,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let of_file = |label: &&Label| label.span.file == file;
    let primary = diagnostic.primary.iter().filter(of_file).map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic.secondary.iter().filter(of_file).map(|label| (AnnotationKind::Context, label));
    let annotations = primary.chain(secondary).filter_map(|(kind, label)| {
        let annotation = kind.span(sources.byte_range(label.span)?);
        Some(if label.text.is_empty() { annotation } else { annotation.label(&*label.text) })
    });
    Some(Snippet::source(sources.text(file)?).path(sources.path(file)?).annotations(annotations))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::Span;

    fn check(diagnostic: &Diagnostic, sources: &SourceMap, expected: &Expect) {
        expected.assert_eq(&render(diagnostic, sources, false));
    }

    #[test]
    fn shows_file_line_column_and_source() {
        let mut sources = SourceMap::new();
        let file = sources.add("a.lisp", "(defun f (λ)\n  (g λ))\n");
        let diagnostic = Diagnostic::warning("undefined-function", "the function G is not defined")
            .at(Span::new(file, 17, 18), "called here")
            .also(Span::new(file, 1, 6), "in this definition")
            .hint("define it, or declare it NOTINLINE");
        check(
            &diagnostic,
            &sources,
            &expect![[r#"
            warning[undefined-function]: the function G is not defined
             --> a.lisp:2:4
              |
            1 | (defun f (λ)
              |  ----- in this definition
            2 |   (g λ))
              |    ^ called here
              |
              = help: define it, or declare it NOTINLINE
        "#]],
        );
    }

    #[test]
    fn shows_places_of_several_files() {
        let mut sources = SourceMap::new();
        let here = sources.add("here.lisp", "(f 1 2)");
        let there = sources.add("there.lisp", "(defun f (x) x)");
        let diagnostic = Diagnostic::error("wrong-argument-count", "F takes 1 argument, got 2")
            .at(Span::new(here, 0, 7), "")
            .also(Span::new(there, 7, 12), "defined here");
        check(
            &diagnostic,
            &sources,
            &expect![[r#"
            error[wrong-argument-count]: F takes 1 argument, got 2
             --> here.lisp:1:1
              |
            1 | (f 1 2)
              | ^^^^^^^
              |
             ::: there.lisp:1:8
              |
            1 | (defun f (x) x)
              |        ----- defined here
        "#]],
        );
    }

    #[test]
    fn points_between_characters_and_after_the_end() {
        let mut sources = SourceMap::new();
        let file = sources.add("a.lisp", "(a\n (b)\n");
        let end = Diagnostic::error("unbalanced-form", "the list is not closed")
            .at(Span::new(file, 99, 120), "the text ends here")
            .also(Span::new(file, 0, 1), "opened here");
        check(
            &end,
            &sources,
            &expect![[r#"
            error[unbalanced-form]: the list is not closed
             --> a.lisp:2:6
              |
            1 | (a
              | - opened here
            2 |  (b)
              |     ^ the text ends here
        "#]],
        );
        let empty = sources.add("empty.lisp", "");
        check(
            &Diagnostic::note("n", "nothing").at(Span::new(empty, 0, 0), ""),
            &sources,
            &expect![[r#"
            note[n]: nothing
             --> empty.lisp:1:1
              |
            1 |
              | ^
        "#]],
        );
    }

    #[test]
    fn needs_no_place() {
        let diagnostic = Diagnostic::error("no-input", "no input files").hint("name a file");
        check(
            &diagnostic,
            &SourceMap::new(),
            &expect![[r#"
            error[no-input]: no input files
             |
             = help: name a file
        "#]],
        );
        let elsewhere = Diagnostic::error("lost", "the text is gone").at(Span::new(FileId(7), 0, 1), "x");
        check(
            &elsewhere,
            &SourceMap::new(),
            &expect![[r#"
            error[lost]: the text is gone
        "#]],
        );
        assert!(elsewhere.at(Span::NONE, "").primary.is_none());
    }

    #[test]
    fn colours_only_when_asked() {
        let diagnostic = Diagnostic::error("c", "t");
        assert!(render(&diagnostic, &SourceMap::new(), true).contains('\u{1b}'));
        assert!(!render(&diagnostic, &SourceMap::new(), false).contains('\u{1b}'));
    }
}
