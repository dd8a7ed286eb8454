//! Octets to data. The octets come from a program: nothing about them is trusted.

use clysm_report::Span;
use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use num_traits::Zero;
use thiserror::Error;

use super::{FIXNUMS, SymbolIds, tag};
use crate::hash::NameMap;
use crate::heap::{ConsId, Datum, ElementKind, Heap, NumberVector, Object, ObjectId};
use crate::symbol::{Symbol, Symbols};

/// Why a message can't be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("malformed message at octet {offset}: {kind}")]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Offset of the octet before which it was noticed.
    pub offset: usize,
}

/// The kinds of malformed messages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeErrorKind {
    /// The message ends inside of a datum, or claims to be longer than it is.
    #[error("the message ends too early")]
    Truncated,
    /// Octets after the last datum.
    #[error("octets are left over")]
    LeftOver,
    /// A tag that is not in the table.
    #[error("unknown tag {tag}")]
    UnknownTag {
        /// The octet.
        tag: u8,
    },
    /// A datum of another kind was expected here.
    #[error("tag {tag} is not {expected}")]
    Unexpected {
        /// The tag.
        tag: u8,
        /// What was expected.
        expected: &'static str,
    },
    /// A number beyond its range.
    #[error("number out of range")]
    OutOfRange,
    /// A code that is no Unicode scalar value.
    #[error("{code} is not the code of a character")]
    NotACharacter {
        /// The code.
        code: u64,
    },
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// An element of a bit-vector that is not 0 or 1, or a sign that is not.
    #[error("{octet} is not a bit")]
    NotABit {
        /// The octet.
        octet: u8,
    },
    /// An id that no symbol has.
    #[error("no symbol has the id {id}")]
    UnknownSymbol {
        /// The id.
        id: u64,
    },
    /// An announcement of a symbol that contradicts an earlier one.
    #[error("symbol {name} is announced with the id {id}, which contradicts what is known")]
    Contradiction {
        /// The id.
        id: u32,
        /// Name of the symbol.
        name: String,
    },
    /// A symbol of a package that doesn't exist here.
    #[error("symbol {name} is in package {package}, which is not known")]
    UnknownPackage {
        /// Name of the package.
        package: String,
        /// Name of the symbol.
        name: String,
    },
    /// A ratio with denominator zero, or a complex number whose parts don't fit together.
    #[error("not a number")]
    NotANumber,
    /// A dotted list without elements.
    #[error("a dotted list without elements")]
    EmptyDotted,
    /// Dimensions that don't fit the number of elements.
    #[error("the dimensions of an array don't fit its elements")]
    BadArray,
    /// A structure literal that is not a list starting with a symbol.
    #[error("a structure literal is not a list that starts with a name")]
    BadStructure,
    /// A reference to a label that was not defined before it.
    #[error("label {label} is not defined")]
    UnknownLabel {
        /// The label.
        label: u64,
    },
    /// A label defined twice, or of a label.
    #[error("label {label} is defined twice, or labels a label")]
    BadLabel {
        /// The label.
        label: u64,
    },
    /// An ordinal that no list of the message to the image had.
    #[error("no list was sent with the ordinal {ordinal}")]
    UnknownSource {
        /// The ordinal.
        ordinal: u64,
    },
}

type Decoded<T> = Result<T, DecodeError>;

/// An object whose parts are still being decoded; instead of recursion, as messages may be nested to any depth.
#[derive(Debug)]
enum Frame {
    /// A list; `last` is its last cons so far, whose car is yet to come at the start.
    List {
        first: ConsId,
        last: ConsId,
        started: bool,
        remaining: usize,
        dotted: bool,
    },
    Vector {
        id: ObjectId,
        remaining: usize,
    },
    Array {
        id: ObjectId,
        dimensions: Vec<usize>,
    },
    Structure {
        id: ObjectId,
    },
}

/// Decodes the data of one message, one after the other.
#[derive(Debug)]
pub struct Decoder<'a> {
    octets: &'a [u8],
    position: usize,
    heap: &'a mut Heap,
    symbols: &'a mut Symbols,
    ids: &'a mut SymbolIds,
    labels: NameMap<u64, Datum>,
    sources: &'a [Datum],
}

impl<'a> Decoder<'a> {
    /// Makes a decoder at the start of a message.
    pub fn new(octets: &'a [u8], heap: &'a mut Heap, symbols: &'a mut Symbols, ids: &'a mut SymbolIds) -> Self {
        Self { octets, position: 0, heap, symbols, ids, labels: NameMap::default(), sources: &[] }
    }

    /// Lets the message refer to the lists of the message that it answers:
    /// [`Message::sources`](super::Message::sources).
    pub fn with_sources(mut self, sources: &'a [Datum]) -> Self {
        self.sources = sources;
        self
    }

    /// The symbols that the data are made with, for whoever must change them between two data of a message.
    pub fn symbols(&mut self) -> &mut Symbols {
        self.symbols
    }

    /// The heap that the data are in.
    pub fn heap(&self) -> &Heap {
        self.heap
    }

    /// Reads a single octet, of whatever frames the data.
    ///
    /// # Errors
    /// At the end of the message.
    pub fn octet(&mut self) -> Decoded<u8> {
        let octet = *self.octets.get(self.position).ok_or_else(|| self.error(DecodeErrorKind::Truncated))?;
        self.position += 1;
        Ok(octet)
    }

    /// Reads an unsigned LEB128 number, of whatever frames the data.
    ///
    /// # Errors
    /// When it exceeds 64 bits, or the message ends.
    pub fn number(&mut self) -> Decoded<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let octet = self.octet()?;
            let bits = u64::from(octet & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if octet < 0x80 {
                return Ok(value);
            }
        }
        Err(self.error(DecodeErrorKind::OutOfRange))
    }

    /// Checks that the whole message has been read.
    ///
    /// # Errors
    /// When octets are left over.
    pub fn end(&self) -> Decoded<()> {
        match self.position == self.octets.len() {
            true => Ok(()),
            false => Err(self.error(DecodeErrorKind::LeftOver)),
        }
    }

    /// Reads a datum.
    ///
    /// # Errors
    /// When the message is malformed. Symbols announced before that stay known.
    pub fn datum(&mut self) -> Decoded<Datum> {
        let mut frames = Vec::new();
        loop {
            let Some(mut value) = self.begin(&mut frames)? else { continue };
            loop {
                let Some(frame) = frames.last_mut() else { return Ok(value) };
                match self.deliver(frame, value)? {
                    Some(complete) => value = complete,
                    None => break,
                }
                frames.pop();
            }
        }
    }

    /// Reads the head of a datum: the datum, if it is complete, else a frame that waits for its parts.
    fn begin(&mut self, frames: &mut Vec<Frame>) -> Decoded<Option<Datum>> {
        let mut tag = self.octet()?;
        let mut label = None;
        if tag == tag::LABEL {
            label = Some(self.number()?);
            tag = self.octet()?;
        }
        let begun = frames.len();
        let datum = match tag {
            tag::CONS => self.begin_list(frames, 1, true),
            tag::LIST => match self.count(1)? {
                0 => Datum::NIL,
                length => self.begin_list(frames, length, false),
            },
            tag::DOTTED => match self.count(1)? {
                0 => return Err(self.error(DecodeErrorKind::EmptyDotted)),
                length => self.begin_list(frames, length, true),
            },
            tag::VECTOR => self.begin_vector(frames)?,
            tag::ARRAY => self.begin_array(frames)?,
            tag::STRUCTURE => self.begin_structure(frames)?,
            _ => self.leaf(tag)?,
        };
        if let Some(label) = label
            && (tag == tag::LABEL || self.labels.insert(label, datum).is_some())
        {
            return Err(self.error(DecodeErrorKind::BadLabel { label }));
        }
        Ok((frames.len() == begun).then_some(datum))
    }

    fn begin_list(&mut self, frames: &mut Vec<Frame>, length: usize, dotted: bool) -> Datum {
        let (datum, first) = self.new_cons(Datum::NIL);
        frames.push(Frame::List { first, last: first, started: false, remaining: length, dotted });
        datum
    }

    fn begin_vector(&mut self, frames: &mut Vec<Frame>) -> Decoded<Datum> {
        let length = self.count(1)?;
        // It grows as the elements come: nested vectors may each claim the whole rest of the message.
        let (datum, id) = self.shell(Object::Vector(Vec::new()));
        if length > 0 {
            frames.push(Frame::Vector { id, remaining: length });
        }
        Ok(datum)
    }

    fn begin_array(&mut self, frames: &mut Vec<Frame>) -> Decoded<Datum> {
        let rank = self.count(1)?;
        let mut dimensions = Vec::with_capacity(rank);
        for _ in 0..rank {
            let dimension = usize::try_from(self.number()?);
            dimensions.push(dimension.map_err(|_| self.error(DecodeErrorKind::OutOfRange))?);
        }
        let empty = Object::Array { dimensions: Vec::new(), elements: Vec::new(), kind: ElementKind::T };
        let (datum, id) = self.shell(empty);
        if !matches!(self.octets.get(self.position), Some(&(tag::STRING | tag::VECTOR..=tag::F64))) {
            return Err(self.error(DecodeErrorKind::BadArray));
        }
        frames.push(Frame::Array { id, dimensions });
        Ok(datum)
    }

    fn begin_structure(&mut self, frames: &mut Vec<Frame>) -> Decoded<Datum> {
        let (tag, length) = (self.octet()?, self.count(1)?);
        if tag != tag::LIST || length == 0 {
            return Err(self.error(DecodeErrorKind::BadStructure));
        }
        let (datum, id) = self.shell(Object::Structure(Vec::new()));
        frames.push(Frame::Structure { id });
        self.begin_list(frames, length, false);
        Ok(datum)
    }

    /// Gives an object the next of its parts; returns the object when it is complete.
    fn deliver(&mut self, frame: &mut Frame, value: Datum) -> Decoded<Option<Datum>> {
        match frame {
            Frame::List { first, last, remaining: 0, .. } => {
                self.heap.set_cdr(*last, value);
                Ok(Some(Datum::Cons(*first)))
            }
            Frame::List { first, last, started, remaining, dotted } => {
                if *started {
                    let (datum, next) = self.new_cons(value);
                    self.heap.set_cdr(*last, datum);
                    *last = next;
                } else {
                    self.heap.set_car(*first, value);
                    *started = true;
                }
                *remaining -= 1;
                Ok((*remaining == 0 && !*dotted).then_some(Datum::Cons(*first)))
            }
            Frame::Vector { id, remaining } => {
                if let Object::Vector(elements) = self.heap.get_mut(*id) {
                    elements.push(value);
                }
                *remaining -= 1;
                Ok((*remaining == 0).then_some(Datum::Object(*id)))
            }
            Frame::Array { id, dimensions } => {
                let dimensions = std::mem::take(dimensions);
                *self.heap.get_mut(*id) = self.array(dimensions, value)?;
                Ok(Some(Datum::Object(*id)))
            }
            Frame::Structure { id } => {
                let parts = self.heap.proper_list(value).unwrap_or_default();
                if parts.first().is_none_or(|name| name.as_symbol().is_none()) {
                    return Err(self.error(DecodeErrorKind::BadStructure));
                }
                *self.heap.get_mut(*id) = Object::Structure(parts);
                Ok(Some(Datum::Object(*id)))
            }
        }
    }

    /// An array with the elements of a vector.
    fn array(&self, dimensions: Vec<usize>, vector: Datum) -> Decoded<Object> {
        let (elements, kind) = match self.heap.object(vector) {
            Some(Object::Vector(elements)) => (elements.clone(), ElementKind::T),
            Some(Object::String(text)) => (text.chars().map(Datum::Char).collect(), ElementKind::Character),
            Some(Object::Bits(bits)) => {
                (bits.iter().map(|bit| Datum::Fixnum(i64::from(*bit))).collect(), ElementKind::Bit)
            }
            Some(Object::Numbers(numbers)) => (numbers.elements(), numbers.kind()),
            _ => return Err(self.error(DecodeErrorKind::BadArray)),
        };
        let size = dimensions.iter().try_fold(1usize, |size, dimension| size.checked_mul(*dimension));
        // An overflow of the product is harmless where a dimension is zero.
        let size = if dimensions.contains(&0) { Some(0) } else { size };
        if size != Some(elements.len()) {
            return Err(self.error(DecodeErrorKind::BadArray));
        }
        Ok(Object::Array { dimensions, elements, kind })
    }

    /// Reads a datum that has no parts of any kind.
    fn leaf(&mut self, tag: u8) -> Decoded<Datum> {
        match tag {
            tag::CHARACTER => {
                let code = self.number()?;
                let character = u32::try_from(code).ok().and_then(char::from_u32);
                let character = character.ok_or_else(|| self.error(DecodeErrorKind::NotACharacter { code }))?;
                Ok(Datum::Char(character))
            }
            tag::STRING => {
                let text = self.text()?.to_owned();
                Ok(self.heap.string(text))
            }
            tag::IMAGE_STRING => {
                let handle = self.id()?;
                let text = self.text()?.to_owned();
                Ok(self.heap.image_string(text, handle))
            }
            tag::PATHNAME => {
                let namestring = self.text()?.to_owned();
                Ok(self.heap.push(Object::Pathname(namestring)))
            }
            tag::COMPLEX => {
                let (real, imaginary) = (self.real()?, self.real()?);
                let complex = self.heap.complex(real, imaginary);
                complex.ok_or_else(|| self.error(DecodeErrorKind::NotANumber))
            }
            tag::BITS => self.bits(),
            tag::U8..=tag::F64 => {
                let numbers = self.numbers(tag)?;
                Ok(self.heap.push(Object::Numbers(numbers)))
            }
            tag::FOREIGN => {
                let handle = self.id()?;
                Ok(self.heap.push(Object::Foreign(handle)))
            }
            tag::REFERENCE => {
                let label = self.number()?;
                let datum = self.labels.get(&label).copied();
                datum.ok_or_else(|| self.error(DecodeErrorKind::UnknownLabel { label }))
            }
            tag::SOURCE => {
                let ordinal = self.number()?;
                let source = usize::try_from(ordinal).ok().and_then(|ordinal| self.sources.get(ordinal)).copied();
                let source = source.filter(|source| source.is_cons());
                source.ok_or_else(|| self.error(DecodeErrorKind::UnknownSource { ordinal }))
            }
            tag::FIXNUM | tag::SINGLE..=tag::RATIO => self.real_of(tag),
            tag::NIL | tag::T | tag::SYMBOL | tag::COMPILER_SYMBOL | tag::IMAGE_SYMBOL | tag::SETF_SYMBOL => {
                Ok(self.symbol(tag)?.into())
            }
            _ => Err(self.error(DecodeErrorKind::UnknownTag { tag })),
        }
    }

    fn real(&mut self) -> Decoded<Datum> {
        let tag = self.octet()?;
        self.real_of(tag)
    }

    /// Reads a real number with this tag.
    fn real_of(&mut self, tag: u8) -> Decoded<Datum> {
        match tag {
            tag::SINGLE => Ok(Datum::Single(f32::from_le_bytes(self.fixed()?))),
            tag::DOUBLE => Ok(Datum::Double(f64::from_le_bytes(self.fixed()?))),
            tag::RATIO => {
                let (numerator, denominator) = (self.integer()?, self.integer()?);
                if denominator.is_zero() {
                    return Err(self.error(DecodeErrorKind::NotANumber));
                }
                Ok(self.heap.rational(BigRational::new(numerator, denominator)))
            }
            tag::FIXNUM => Ok(Datum::Fixnum(self.fixnum()?)),
            _ => {
                let value = self.integer_of(tag)?;
                Ok(self.heap.integer(value))
            }
        }
    }

    fn integer(&mut self) -> Decoded<BigInt> {
        let tag = self.octet()?;
        self.integer_of(tag)
    }

    /// Reads an integer with this tag.
    fn integer_of(&mut self, tag: u8) -> Decoded<BigInt> {
        match tag {
            tag::FIXNUM => Ok(self.fixnum()?.into()),
            tag::INTEGER => {
                let sign = if self.bit()? { Sign::Minus } else { Sign::Plus };
                let length = self.count(4)?;
                let limbs = self.array_of(length, u32::from_le_bytes)?;
                Ok(BigInt::from_biguint(sign, BigUint::new(limbs)))
            }
            _ => Err(self.error(DecodeErrorKind::Unexpected { tag, expected: "a number of the kind needed" })),
        }
    }

    fn fixnum(&mut self) -> Decoded<i64> {
        let zigzag = self.number()?;
        let value = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
        match FIXNUMS.contains(&value) {
            true => Ok(value),
            false => Err(self.error(DecodeErrorKind::OutOfRange)),
        }
    }

    fn bits(&mut self) -> Decoded<Datum> {
        let length = self.count(1)?;
        let mut bits = Vec::with_capacity(length);
        for _ in 0..length {
            bits.push(self.bit()?);
        }
        Ok(self.heap.push(Object::Bits(bits)))
    }

    fn bit(&mut self) -> Decoded<bool> {
        match self.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            octet => Err(self.error(DecodeErrorKind::NotABit { octet })),
        }
    }

    /// Reads a vector of numbers with this tag.
    fn numbers(&mut self, tag: u8) -> Decoded<NumberVector> {
        let width = match tag {
            tag::U8 => 1,
            tag::U16 => 2,
            tag::F64 => 8,
            _ => 4,
        };
        let length = self.count(width)?;
        Ok(match tag {
            tag::U8 => NumberVector::U8(self.array_of(length, u8::from_le_bytes)?),
            tag::U16 => NumberVector::U16(self.array_of(length, u16::from_le_bytes)?),
            tag::U32 => NumberVector::U32(self.array_of(length, u32::from_le_bytes)?),
            tag::S32 => NumberVector::S32(self.array_of(length, i32::from_le_bytes)?),
            tag::F32 => NumberVector::F32(self.array_of(length, f32::from_le_bytes)?),
            _ => NumberVector::F64(self.array_of(length, f64::from_le_bytes)?),
        })
    }

    /// Reads numbers of fixed width.
    fn array_of<T, const N: usize>(&mut self, length: usize, number: impl Fn([u8; N]) -> T) -> Decoded<Vec<T>> {
        (0..length).map(|_| self.fixed().map(&number)).collect()
    }

    fn fixed<const N: usize>(&mut self) -> Decoded<[u8; N]> {
        let octets = self.octets.get(self.position..).and_then(|rest| rest.first_chunk());
        let octets = *octets.ok_or_else(|| self.error(DecodeErrorKind::Truncated))?;
        self.position += N;
        Ok(octets)
    }

    /// Reads a count of things that take at least `width` octets each: no more than the rest of the message has.
    fn count(&mut self, width: usize) -> Decoded<usize> {
        let count = self.number()?;
        let most = (self.octets.len() - self.position) / width;
        let count = usize::try_from(count).ok().filter(|count| *count <= most);
        count.ok_or_else(|| self.error(DecodeErrorKind::Truncated))
    }

    fn text(&mut self) -> Decoded<&'a str> {
        let length = self.count(1)?;
        let octets = &self.octets[self.position..self.position + length];
        let text = std::str::from_utf8(octets).map_err(|_| self.error(DecodeErrorKind::NotUtf8))?;
        self.position += length;
        Ok(text)
    }

    fn id(&mut self) -> Decoded<u32> {
        let id = u32::try_from(self.number()?);
        id.map_err(|_| self.error(DecodeErrorKind::OutOfRange))
    }

    /// Reads a symbol with this tag.
    fn symbol(&mut self, tag: u8) -> Decoded<Symbol> {
        match tag {
            tag::NIL => Ok(Symbol::NIL),
            tag::T => Ok(Symbol::T),
            tag::SYMBOL => {
                let id = self.id()?;
                let symbol = self.ids.symbol(id);
                symbol.ok_or_else(|| self.error(DecodeErrorKind::UnknownSymbol { id: id.into() }))
            }
            tag::COMPILER_SYMBOL | tag::IMAGE_SYMBOL => {
                let (id, package, name) = (self.id()?, self.text()?, self.text()?);
                let symbol = match (package, self.symbols.find_package(package)) {
                    // An uninterned symbol is the one known by this id, or a new one.
                    ("", _) => match self.ids.symbol(id) {
                        Some(known) if self.symbols.name(known) == name => known,
                        _ => self.symbols.make_uninterned(name),
                    },
                    // Home packages are those where symbols are present.
                    (_, Some(package)) => self.symbols.present(package, name),
                    (package, None) => {
                        let (package, name) = (package.to_owned(), name.to_owned());
                        return Err(self.error(DecodeErrorKind::UnknownPackage { package, name }));
                    }
                };
                self.record(symbol, id)
            }
            tag::SETF_SYMBOL => {
                let id = self.id()?;
                let base_tag = self.octet()?;
                if base_tag == tag::SETF_SYMBOL {
                    let expected = "a symbol other than a setf symbol";
                    return Err(self.error(DecodeErrorKind::Unexpected { tag: base_tag, expected }));
                }
                let base = self.symbol(base_tag)?;
                let symbol = self.symbols.setf_symbol(base);
                self.record(symbol, id)
            }
            _ => Err(self.error(DecodeErrorKind::Unexpected { tag, expected: "a symbol" })),
        }
    }

    fn record(&mut self, symbol: Symbol, id: u32) -> Decoded<Symbol> {
        if self.ids.record(symbol, id) {
            return Ok(symbol);
        }
        let name = self.symbols.qualified_name(symbol);
        Err(self.error(DecodeErrorKind::Contradiction { id, name }))
    }

    fn new_cons(&mut self, car: Datum) -> (Datum, ConsId) {
        let id = self.heap.next_cons();
        (self.heap.cons(car, Datum::NIL, Span::NONE), id)
    }

    /// Adds an object that is filled later.
    fn shell(&mut self, object: Object) -> (Datum, ObjectId) {
        let id = self.heap.next_object();
        (self.heap.push(object), id)
    }

    fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: self.position }
    }
}
