//! Source texts and places in them.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A range of bytes in a source text: from `start` up to but not including `end`.
///
/// A span may be empty (a place between two characters). [`Span::NONE`] belongs to no file: whatever was made by a
/// program and not read from a text has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of what comes from no source text.
    pub const NONE: Self = Self { file: FileId(u32::MAX), start: 0, end: 0 };

    /// A span of a file.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// Whether this is [`Span::NONE`].
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.file.0 == Self::NONE.file.0
    }

    /// The smallest span that covers both; if they belong to different files, or `other` is [`Span::NONE`], this one.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.is_none() {
            return other;
        }
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// This span, or `other` when this one is [`Span::NONE`].
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        if self.is_none() { other } else { self }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::NONE
    }
}

/// A place in a text, counted from 1: the line, and the column in characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The line, the first is 1.
    pub line: u32,
    /// The column in characters, the first is 1.
    pub column: u32,
}

#[derive(Clone, Debug)]
struct SourceFile {
    path: String,
    text: Arc<str>,
    /// The byte offset at which each line starts.
    line_starts: Vec<usize>,
}

/// The source texts of one compilation or session, by [`FileId`].
///
/// Offsets are 32 bits wide, so only the first 4 GiB of a text can be pointed at.
///
/// ```
/// use clysm_report::{SourceMap, Span};
///
/// let mut sources = SourceMap::new();
/// let file = sources.add("demo.lisp", "(car\n  λ 1)");
/// let position = sources.position(Span::new(file, 10, 11)).unwrap();
/// assert_eq!((position.line, position.column), (2, 5));
/// assert_eq!(sources.location(Span::new(file, 10, 11)).unwrap(), "demo.lisp:2:5");
/// ```
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// A map without texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the path that diagnostics show. The same path may be added again (a file that changed, the
    /// next input line of a terminal): each addition has an id of its own.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(Span::NONE.file.0));
        self.files.push(SourceFile { path: path.into(), text, line_starts });
        id
    }

    /// The path a text was added under; none for an id of another map.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<&str> {
        self.file(file).map(|source| source.path.as_str())
    }

    /// A text; none for an id of another map.
    #[must_use]
    pub fn text(&self, file: FileId) -> Option<&str> {
        self.file(file).map(|source| &*source.text)
    }

    /// The part of the text that a span covers, widened to whole characters and cut at the end of the text; none if
    /// the span belongs to no text of this map.
    #[must_use]
    pub fn slice(&self, span: Span) -> Option<&str> {
        self.text(span.file)?.get(self.byte_range(span)?)
    }

    /// The line and column at which a span starts; none if it belongs to no text of this map.
    #[must_use]
    pub fn position(&self, span: Span) -> Option<Position> {
        let source = self.file(span.file)?;
        let start = self.byte_range(span)?.start;
        let line = source.line_starts.partition_point(|&line_start| line_start <= start);
        let line_start = source.line_starts.get(line.checked_sub(1)?).copied()?;
        let column = source.text.get(line_start..start)?.chars().count() + 1;
        Some(Position { line: u32::try_from(line).ok()?, column: u32::try_from(column).ok()? })
    }

    /// `path:line:column` of a span's start; none if it belongs to no text of this map.
    #[must_use]
    pub fn location(&self, span: Span) -> Option<String> {
        let Position { line, column } = self.position(span)?;
        Some(format!("{}:{line}:{column}", self.path(span.file)?))
    }

    /// The bytes of a span, widened to whole characters and cut at the end of the text.
    pub(crate) fn byte_range(&self, span: Span) -> Option<Range<usize>> {
        let text = self.text(span.file)?;
        let start = text.floor_char_boundary(span.start as usize);
        let end = text.ceil_char_boundary((span.end as usize).max(start));
        Some(start..end)
    }

    fn file(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_in_characters_and_lines_from_one() {
        let mut sources = SourceMap::new();
        sources.add("other", "x");
        let file = sources.add("a.lisp", "aé\nλλ x\n");
        let at = |start| sources.position(Span::new(file, start, start)).map(|p| (p.line, p.column));
        assert_eq!(at(0), Some((1, 1)));
        assert_eq!(at(3), Some((1, 3)), "the newline itself");
        assert_eq!(at(4), Some((2, 1)));
        assert_eq!(at(9), Some((2, 4)));
        assert_eq!(at(11), Some((3, 1)), "the end of the text");
    }

    #[test]
    fn spans_outside_of_the_text_are_cut() {
        let mut sources = SourceMap::new();
        let file = sources.add("a.lisp", "aé");
        assert_eq!(sources.slice(Span::new(file, 2, 2)), Some("é"), "inside of a character");
        assert_eq!(sources.slice(Span::new(file, 1, 900)), Some("é"));
        assert_eq!(sources.slice(Span::new(file, 3, 1)), Some(""), "end before start");
        assert_eq!(sources.position(Span::new(file, 77, 80)), Some(Position { line: 1, column: 3 }));
        assert_eq!(sources.position(Span::NONE), None);
        assert_eq!(sources.location(Span::new(FileId(4), 0, 0)), None);
    }

    #[test]
    fn spans_join_within_a_file() {
        let span = |file, start, end| Span::new(FileId(file), start, end);
        assert_eq!(span(1, 4, 6).to(span(1, 1, 5)), span(1, 1, 6));
        assert_eq!(span(1, 4, 6).to(span(2, 1, 5)), span(1, 4, 6));
        assert_eq!(Span::NONE.to(span(2, 1, 5)), span(2, 1, 5));
        assert_eq!(Span::NONE.or(span(2, 1, 5)), span(2, 1, 5));
        assert!(Span::default().is_none());
    }
}
