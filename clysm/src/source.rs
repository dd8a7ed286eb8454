//! Reading source texts: by the reader here while the image's syntax is standard, else by the image's own.

use clysm_compiler::context::{CompileTime, Context};
use clysm_reader::{Datum, FloatFormat, Heap, PackageId, ReadError, ReadEval, Reader, Symbol, Symbols};
use clysm_report::{FileId, Span};

use crate::Error;
use crate::live::{Live, Place, READ_EVAL};

/// The variables of an image that decide how its texts are read.
#[derive(Clone, Debug)]
pub struct ReaderState {
    /// `*package*`.
    pub package: PackageId,
    base: u32,
    float_format: FloatFormat,
    features: Vec<Symbol>,
    /// Whether the readtable is one that only the standard's syntax is in.
    standard: bool,
}

impl Default for ReaderState {
    fn default() -> Self {
        Self {
            package: PackageId::COMMON_LISP_USER,
            base: 10,
            float_format: FloatFormat::Single,
            features: Vec::new(),
            standard: true,
        }
    }
}

impl ReaderState {
    /// What the image's `%reader-state` says.
    pub fn decode(cx: &Context, state: Datum) -> Result<Self, Error> {
        let malformed = || Error::Protocol("a malformed reader state");
        let state = cx.heap.proper_list(state).unwrap_or_default();
        let [package, base, format, features, standard, _] = state[..] else { return Err(malformed()) };
        let package = cx.heap.text(package).and_then(|name| cx.symbols.find_package(name)).ok_or_else(malformed)?;
        let Datum::Fixnum(base) = base else { return Err(malformed()) };
        let format = format.as_symbol().map_or("", |format| cx.symbols.name(format));
        let features = cx.heap.proper_list(features).unwrap_or_default();
        Ok(Self {
            package,
            base: u32::try_from(base).map_err(|_| malformed())?,
            float_format: match format {
                "DOUBLE-FLOAT" | "LONG-FLOAT" => FloatFormat::Double,
                _ => FloatFormat::Single,
            },
            features: features.into_iter().filter_map(Datum::as_symbol).collect(),
            standard: !standard.is_nil(),
        })
    }
}

/// A reader whose `#.` is evaluated where the forms take effect.
pub struct FormReader<'t> {
    pub(crate) reader: Reader<'t>,
    /// Stands in for the symbols of the context while the reader has them.
    spare: Symbols,
}

impl<'t> FormReader<'t> {
    pub(crate) fn new(text: &'t str, file: FileId) -> Self {
        Self { reader: Reader::new(text, file), spare: Symbols::new() }
    }

    /// Reads the next form, none at the end.
    pub(crate) fn read(&mut self, cx: &mut Context, host: &mut dyn CompileTime) -> Result<Option<Datum>, ReadError> {
        let mut heap = std::mem::take(&mut cx.heap);
        std::mem::swap(&mut cx.symbols, &mut self.spare);
        let form = self.reader.read(&mut heap, &mut self.spare, &mut AtReadTime { cx, host });
        std::mem::swap(&mut cx.symbols, &mut self.spare);
        cx.heap = heap;
        form
    }
}

struct AtReadTime<'a> {
    cx: &'a mut Context,
    host: &'a mut dyn CompileTime,
}

impl ReadEval for AtReadTime<'_> {
    fn read_eval(&mut self, form: Datum, heap: &mut Heap, symbols: &mut Symbols) -> Result<Datum, String> {
        std::mem::swap(&mut self.cx.heap, heap);
        std::mem::swap(&mut self.cx.symbols, symbols);
        let value = self.host.call(self.cx, READ_EVAL, &[form]);
        std::mem::swap(&mut self.cx.heap, heap);
        std::mem::swap(&mut self.cx.symbols, symbols);
        value.map_err(|error| error.report)
    }
}

/// A text that is read form by form while the forms take effect.
pub struct Source<'t> {
    text: &'t str,
    file: FileId,
    reader: FormReader<'t>,
    stream: Option<Stream>,
}

/// The image's stream for the rest of a text.
struct Stream {
    handle: Datum,
    /// A place in the text: octets from its start, and characters from that of the stream.
    octets: usize,
    characters: usize,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str, file: FileId) -> Self {
        Self { text, file, reader: FormReader::new(text, file), stream: None }
    }

    /// Where what has not been read yet begins.
    pub(crate) fn place(&self) -> Span {
        self.span(self.reader.reader.position(), self.reader.reader.position())
    }

    /// Reads the next form, none at the end.
    pub(crate) fn next<P: Place>(&mut self, cx: &mut Context, live: &mut Live<'_, P>) -> Result<Option<Datum>, Error> {
        let state = live.image.lock().reader.clone();
        // Conversion made the package of any IN-PACKAGE in the last form the current one, whether that has run or not.
        cx.symbols.current = state.package;
        if !state.standard {
            return self.read_in_image(cx, live);
        }
        self.stream = None;
        let reader = &mut self.reader.reader;
        reader.set_base(state.base);
        reader.set_float_format(state.float_format);
        reader.set_features(state.features);
        Ok(self.reader.read(cx, live)?)
    }

    fn read_in_image<P: Place>(&mut self, cx: &mut Context, live: &mut Live<'_, P>) -> Result<Option<Datum>, Error> {
        // Macro characters may call what has just been defined.
        live.flush(cx)?;
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open(cx, live)?,
        };
        let answer = live.call_system(cx, "%READ-SOURCE", &[stream.handle])?;
        let answer = cx.heap.proper_list(answer.first().copied().unwrap_or(Datum::NIL)).unwrap_or_default();
        let [form, Datum::Fixnum(start), Datum::Fixnum(end)] = answer[..] else {
            self.reader.reader.set_position(self.text.len());
            return Ok(None);
        };
        let start = stream.advance(self.text, start);
        let end = stream.advance(self.text, end);
        if let Datum::Cons(cons) = form {
            cx.heap.set_span(cons, self.span(start, end));
        }
        self.reader.reader.set_position(end);
        self.stream = Some(stream);
        Ok(Some(form))
    }

    fn open<P: Place>(&self, cx: &mut Context, live: &mut Live<'_, P>) -> Result<Stream, Error> {
        let octets = self.reader.reader.position();
        let rest = cx.heap.string(self.text.get(octets..).unwrap_or_default());
        let stream = live.call_system(cx, "%OPEN-SOURCE", &[rest])?;
        let handle = stream.first().copied().ok_or(Error::Protocol("no stream"))?;
        Ok(Stream { handle, octets, characters: 0 })
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }
}

impl Stream {
    /// The offset in octets of a character of the stream that is not before the last one asked for.
    fn advance(&mut self, text: &str, character: i64) -> usize {
        let characters = usize::try_from(character).unwrap_or(self.characters);
        let rest = text.get(self.octets..).unwrap_or_default();
        let ahead = characters.saturating_sub(self.characters);
        self.octets += rest.char_indices().nth(ahead).map_or(rest.len(), |(offset, _)| offset);
        self.characters = characters;
        self.octets
    }
}
