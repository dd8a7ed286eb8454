//! The reader: text to data with source spans (CLHS chapter 2 and 23), standard syntax.
//!
//! A [`Reader`] gives one toplevel form a call, so that what a form does to packages is seen by the next. Backquote is
//! expanded while reading (see [`backquote`]). After an error reading goes on at the next toplevel form: the next line that
//! begins with an opening parenthesis. That is looked for after the place of the error, or, when the text ended inside
//! of the form, after the form's first line, since the missing delimiter has swallowed whatever followed.

mod array;
pub mod backquote;
mod dispatch;
mod label;
mod list;
mod token;

use clysm_report::{FileId, Span};

use crate::error::{Inside, ReadError, ReadErrorKind};
use crate::hash::NameMap;
use crate::heap::{Datum, Heap, ObjectId};
use crate::symbol::{Symbol, Symbols};
use crate::syntax::{self, Class};

/// Objects may be nested this deep; deeper ones are an error rather than an exhausted stack. A level takes less than a
/// kilobyte of stack, which is why the reader's functions are kept out of line.
pub const MAX_DEPTH: usize = 1000;

/// After this many forms left open at the end of the text, what remains is skipped: each costs a pass over the rest.
const MAX_LEFT_OPEN: usize = 32;

/// Evaluation at read time, `#.` (CLHS 2.4.8.6).
pub trait ReadEval {
    /// Evaluates a form and returns its first value.
    ///
    /// # Errors
    /// What went wrong, as a sentence for the user.
    fn read_eval(&mut self, form: Datum, heap: &mut Heap, symbols: &mut Symbols) -> Result<Datum, String>;
}

/// A [`ReadEval`] that refuses, as if `*read-eval*` were false.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReadEval;

impl ReadEval for NoReadEval {
    fn read_eval(&mut self, _: Datum, _: &mut Heap, _: &mut Symbols) -> Result<Datum, String> {
        Err("*READ-EVAL* is false".to_owned())
    }
}

/// A floating-point format of this implementation; short is single, long is double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FloatFormat {
    /// `single-float`.
    #[default]
    Single,
    /// `double-float`.
    Double,
}

impl FloatFormat {
    /// The name of the Lisp type.
    pub fn name(self) -> &'static str {
        match self {
            FloatFormat::Single => "SINGLE-FLOAT",
            FloatFormat::Double => "DOUBLE-FLOAT",
        }
    }
}

/// Reads the toplevel forms of a text, one a call.
///
/// ```
/// use clysm_reader::{Heap, NoReadEval, Reader, Symbols, prin1};
/// use clysm_report::SourceMap;
///
/// let text = "(print 'hello) ; a comment\n`(a ,b)";
/// let mut sources = SourceMap::new();
/// let file = sources.add("demo.lisp", text);
/// let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
/// let mut reader = Reader::new(text, file);
/// let mut printed = Vec::new();
/// while let Some(form) = reader.read(&mut heap, &mut symbols, &mut NoReadEval)? {
///     printed.push(prin1(&heap, &symbols, form));
/// }
/// assert_eq!(printed, ["(PRINT (QUOTE HELLO))", "(LIST (QUOTE A) B)"]);
/// # Ok::<(), clysm_reader::ReadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'t> {
    text: &'t str,
    file: FileId,
    position: usize,
    form: Span,
    /// Radix of integers and ratios, the value of `*read-base*`: 2 to 36.
    base: u32,
    /// Format of floats without exponent marker or with `e`: `*read-default-float-format*`.
    float_format: FloatFormat,
    features: Vec<Symbol>,
    left_open: usize,
    /// Buffers kept from call to call so that their memory is.
    scratch: Scratch,
}

/// Working memory of one call to [`Reader::read`].
#[derive(Debug, Clone, Default)]
struct Scratch {
    /// The current token, escapes resolved and letters converted.
    token: String,
    /// Elements, with their spans, of the lists that are being read.
    elements: Vec<(Datum, Span)>,
    /// What the marker data of the current toplevel form stand for.
    markers: Vec<Marker>,
    labels: label::Labels,
    /// Expansions of template conses, kept where labels may make one cons appear often.
    expansions: NameMap<Datum, backquote::Part>,
}

/// What stands in a datum for something that is resolved before the toplevel form is complete. Markers are data of their
/// own, [`Datum::Object`]s with indices that no heap reaches, so that no heap holds anything temporary.
#[derive(Debug, Clone, Copy)]
enum Marker {
    Comma(backquote::Comma, Datum),
    /// A reference to a label whose object is not yet complete.
    Label(u64),
}

/// Index of the first marker. No heap has as many objects: that would take over a hundred gigabytes.
const FIRST_MARKER: u32 = 1 << 31;

impl Scratch {
    fn reset(&mut self) {
        self.elements.clear();
        self.markers.clear();
        self.labels.clear();
        self.expansions.clear();
    }

    fn mark(&mut self, marker: Marker) -> Datum {
        let index = self.markers.len() as u32;
        self.markers.push(marker);
        Datum::Object(ObjectId(FIRST_MARKER + index))
    }

    fn marker(&self, datum: Datum) -> Option<Marker> {
        match datum {
            Datum::Object(ObjectId(index)) => self.markers.get(index.checked_sub(FIRST_MARKER)? as usize).copied(),
            _ => None,
        }
    }
}

impl<'t> Reader<'t> {
    /// Makes a reader at the start of a text. A byte order mark and a first line that starts with `#!` are skipped.
    pub fn new(text: &'t str, file: FileId) -> Self {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = match text[start..].starts_with("#!") {
            true => text[start..].find('\n').map_or(text.len(), |end| start + end),
            false => start,
        };
        Self {
            text,
            file,
            position: start,
            form: Span::NONE,
            base: 10,
            float_format: FloatFormat::Single,
            features: Vec::new(),
            left_open: 0,
            scratch: Scratch::default(),
        }
    }

    /// Sets `*read-base*`; values outside of 2 to 36 are brought to the nearer end.
    pub fn set_base(&mut self, base: u32) {
        self.base = base.clamp(2, 36);
    }

    /// Sets `*read-default-float-format*`.
    pub fn set_float_format(&mut self, format: FloatFormat) {
        self.float_format = format;
    }

    /// Sets the features that `#+` and `#-` ask for, normally keywords.
    pub fn set_features(&mut self, features: Vec<Symbol>) {
        self.features = features;
    }

    /// Offset in octets of what has not been read yet.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Goes on at an offset in octets: for whoever reads part of the text by other means. One inside of a character, or beyond
    /// the end, is brought to the nearest one before.
    pub fn set_position(&mut self, position: usize) {
        self.position = self.text.floor_char_boundary(position);
    }

    /// The span of the form read last, atoms included; [`Span::NONE`] before the first.
    pub fn form_span(&self) -> Span {
        self.form
    }

    /// Reads the next toplevel form; none at the end of the text.
    ///
    /// # Errors
    /// When the text is malformed. The next call goes on with the next toplevel form.
    pub fn read(
        &mut self,
        heap: &mut Heap,
        symbols: &mut Symbols,
        eval: &mut dyn ReadEval,
    ) -> Result<Option<Datum>, ReadError> {
        self.scratch.reset();
        let mut parser = Parser {
            text: self.text,
            bytes: self.text.as_bytes(),
            file: self.file,
            position: self.position,
            base: self.base,
            float_format: self.float_format,
            features: &self.features,
            scratch: &mut self.scratch,
            form_start: self.position,
            depth: 0,
            level: 0,
            suppress: false,
            heap,
            symbols,
            eval,
        };
        let result = parser.toplevel();
        let (start, end) = match &result {
            Ok((start, _)) | Err((start, _)) => (*start, parser.position),
        };
        self.form = parser.span(start, end);
        self.position = end;
        match result {
            Ok((_, form)) => Ok(form),
            Err((start, error)) => {
                self.recover(start, &error);
                Err(*error)
            }
        }
    }

    /// Moves to the toplevel form at which reading goes on.
    fn recover(&mut self, start: usize, error: &ReadError) {
        let from = match error.kind {
            ReadErrorKind::EndOfText { .. } if self.left_open < MAX_LEFT_OPEN => {
                self.left_open += 1;
                start
            }
            ReadErrorKind::EndOfText { .. } => self.text.len(),
            // One stray parenthesis says nothing about what follows it.
            ReadErrorKind::UnmatchedClose => return,
            _ => self.position,
        };
        self.position = next_toplevel(self.text, from).unwrap_or(self.text.len());
    }
}

/// The start of the next line that begins with an opening parenthesis.
fn next_toplevel(text: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    rest.windows(2).position(|pair| pair == b"\n(").map(|index| from + index + 1)
}

/// Errors are boxed: the reader is recursive, and results should be small on the stack.
type Parsed<T> = Result<T, Box<ReadError>>;

/// The state of one call to [`Reader::read`].
struct Parser<'r, 't> {
    text: &'t str,
    bytes: &'t [u8],
    file: FileId,
    position: usize,
    base: u32,
    float_format: FloatFormat,
    features: &'r [Symbol],
    scratch: &'r mut Scratch,
    form_start: usize,
    depth: usize,
    /// Backquotes around what is being read, minus commas.
    level: usize,
    /// Whether what is read will be thrown away (CLHS `*read-suppress*`).
    suppress: bool,
    heap: &'r mut Heap,
    symbols: &'r mut Symbols,
    eval: &'r mut dyn ReadEval,
}

impl Parser<'_, '_> {
    /// Reads a toplevel form and says where it starts.
    fn toplevel(&mut self) -> Result<(usize, Option<Datum>), (usize, Box<ReadError>)> {
        loop {
            self.skip_blank();
            let start = self.position;
            self.form_start = start;
            if self.peek().is_none() {
                return Ok((start, None));
            }
            let read = self.read_maybe().and_then(|form| form.map(|form| self.finish_labels(form)).transpose());
            match read {
                Ok(Some(form)) => return Ok((start, Some(form))),
                Ok(None) => {}
                Err(error) => return Err((start, error)),
            }
        }
    }

    /// Reads an object that must be there; `opened` is where the construct that needs it starts.
    fn read_object(&mut self, opened: usize) -> Parsed<Datum> {
        loop {
            self.skip_blank();
            match self.peek() {
                None => return Err(self.end_of_text(Inside::Prefix, opened)),
                Some(b')') => return Err(self.error_at(self.position, ReadErrorKind::MissingObject)),
                Some(_) => {}
            }
            if let Some(datum) = self.read_maybe()? {
                return Ok(datum);
            }
        }
    }

    /// Reads an object at the current position, where there is one or a macro character that may yield none (a comment, a
    /// false feature expression).
    fn read_maybe(&mut self) -> Parsed<Option<Datum>> {
        let start = self.position;
        let Some(first) = self.peek() else { return Ok(None) };
        match syntax::class(first) {
            Class::Whitespace => {
                self.position += 1;
                Ok(None)
            }
            Class::Terminating => self.nested(start, |parser| parser.terminating_macro(first)),
            _ if first == b'#' => self.nested(start, Self::dispatch),
            _ => self.read_token_datum().map(Some),
        }
    }

    #[inline]
    fn nested<T>(&mut self, start: usize, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.error_at(start, ReadErrorKind::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn terminating_macro(&mut self, character: u8) -> Parsed<Option<Datum>> {
        match character {
            b'(' => self.read_list().map(Some),
            b'"' => self.read_string().map(Some),
            b'\'' => self.read_quote(Symbol::QUOTE, 1).map(Some),
            b'`' => self.read_backquote().map(Some),
            b',' => self.read_comma().map(Some),
            b';' => {
                self.skip_line();
                Ok(None)
            }
            // The only other one. Lists look for it themselves.
            _ => {
                self.position += 1;
                Err(self.error(self.position - 1, ReadErrorKind::UnmatchedClose))
            }
        }
    }

    /// Reads the object after a prefix of some octets and makes `(symbol object)` of it.
    #[inline(never)]
    fn read_quote(&mut self, symbol: Symbol, prefix: usize) -> Parsed<Datum> {
        let start = self.position;
        self.position += prefix;
        self.skip_blank();
        let object_start = self.position;
        let object = self.read_object(start)?;
        let object_span = self.span(object_start, self.position);
        let rest = self.heap.cons(object, Datum::NIL, object_span);
        let span = self.span(start, self.position);
        Ok(self.heap.cons(symbol.into(), rest, span))
    }

    #[inline(never)]
    fn read_string(&mut self) -> Parsed<Datum> {
        let start = self.position;
        self.position += 1;
        let mut chunk = self.position;
        let mut text = String::new();
        loop {
            let rest = &self.bytes[self.position..];
            let Some(stop) = rest.iter().position(|octet| matches!(octet, b'"' | b'\\')) else {
                self.position = self.bytes.len();
                return Err(self.end_of_text(Inside::String, start));
            };
            text.push_str(&self.text[chunk..self.position + stop]);
            self.position += stop + 1;
            if rest[stop] == b'"' {
                break;
            }
            chunk = self.position;
            // The escaped character is part of the next chunk, whatever it is.
            self.position += self.text[chunk..].chars().next().map_or(0, char::len_utf8);
        }
        if self.suppress {
            return Ok(Datum::NIL);
        }
        Ok(self.heap.string(text))
    }

    /// Skips whitespace and line comments.
    fn skip_blank(&mut self) {
        while let Some(octet) = self.peek() {
            match syntax::class(octet) {
                Class::Whitespace => self.position += 1,
                Class::Terminating if octet == b';' => self.skip_line(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.position..];
        self.position += rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn peek_char(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |position| u32::try_from(position).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    /// An error about the text from `start` to the current position.
    #[cold]
    #[inline(never)]
    fn error(&self, start: usize, kind: ReadErrorKind) -> Box<ReadError> {
        Box::new(ReadError { kind, span: self.span(start, self.position) })
    }

    /// An error about the character at a position.
    #[cold]
    #[inline(never)]
    fn error_at(&self, start: usize, kind: ReadErrorKind) -> Box<ReadError> {
        let length = self.text[start..].chars().next().map_or(0, char::len_utf8);
        Box::new(ReadError { kind, span: self.span(start, start + length) })
    }

    #[cold]
    #[inline(never)]
    fn end_of_text(&self, inside: Inside, opened: usize) -> Box<ReadError> {
        let end = self.text.len();
        let suspect = next_toplevel(self.text, opened).map(|start| self.span(start, start + 1));
        let opener = self.text[opened..].chars().next().map_or(0, char::len_utf8);
        let kind = ReadErrorKind::EndOfText { inside, opened: self.span(opened, opened + opener), suspect };
        Box::new(ReadError { kind, span: self.span(end, end) })
    }
}
