//! Data to octets.

use num_bigint::{BigInt, Sign};

use super::{FIXNUMS, SymbolIds, tag};
use crate::hash::{NameMap, NameSet};
use crate::heap::{Datum, ElementKind, Heap, NumberVector, Object};
use crate::shared;
use crate::symbol::{Symbol, Symbols};

/// What an [`Encoder`] has made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The encoded data.
    pub octets: Vec<u8>,
    /// The lists in it by ordinal, to which the answer may refer: see [`Decoder::with_sources`](super::Decoder::with_sources).
    pub sources: Vec<Datum>,
}

/// Encodes data, one after the other, into one message.
#[derive(Debug)]
pub struct Encoder<'a> {
    heap: &'a Heap,
    symbols: &'a Symbols,
    ids: &'a mut SymbolIds,
    message: Message,
    labels: NameMap<Datum, u64>,
}

impl<'a> Encoder<'a> {
    /// Makes an encoder with an empty message. Symbols that get an id count as known to the image from then on: the message
    /// must be delivered.
    pub fn new(heap: &'a Heap, symbols: &'a Symbols, ids: &'a mut SymbolIds) -> Self {
        Self { heap, symbols, ids, message: Message::default(), labels: NameMap::default() }
    }

    /// Adds a single octet, for whatever frames the data.
    pub fn octet(&mut self, octet: u8) {
        self.message.octets.push(octet);
    }

    /// Adds an unsigned number as LEB128, for whatever frames the data.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.octet(value as u8 | 0x80);
            value >>= 7;
        }
        self.octet(value as u8);
    }

    /// Adds a datum.
    pub fn datum(&mut self, datum: Datum) {
        let shared = shared::labelled(self.heap, datum);
        // Instead of recursion: data may be nested to any depth.
        let mut pending = vec![datum];
        while let Some(datum) = pending.pop() {
            self.step(datum, &shared, &mut pending);
        }
    }

    /// The message.
    pub fn finish(self) -> Message {
        self.message
    }

    /// Encodes the head of a datum; what follows goes on the stack, the first on top.
    fn step(&mut self, datum: Datum, shared: &NameSet<Datum>, pending: &mut Vec<Datum>) {
        if shared.contains(&datum) {
            let next = self.labels.len() as u64;
            let label = *self.labels.entry(datum).or_insert(next);
            self.octet(if label == next { tag::LABEL } else { tag::REFERENCE });
            self.number(label);
            if label != next {
                return;
            }
        }
        match datum {
            Datum::Symbol(symbol) => self.symbol(symbol),
            Datum::Fixnum(value) => self.small(value),
            Datum::Char(character) => {
                self.octet(tag::CHARACTER);
                self.number(u64::from(character));
            }
            Datum::Single(value) => {
                self.octet(tag::SINGLE);
                self.message.octets.extend(value.to_le_bytes());
            }
            Datum::Double(value) => {
                self.octet(tag::DOUBLE);
                self.message.octets.extend(value.to_le_bytes());
            }
            Datum::Cons(_) => self.list(datum, shared, pending),
            Datum::Object(id) => match self.heap.image_handle(id) {
                Some(handle) => self.foreign(handle),
                None => self.object(self.heap.get(id), pending),
            },
        }
    }

    fn list(&mut self, list: Datum, shared: &NameSet<Datum>, pending: &mut Vec<Datum>) {
        self.message.sources.push(list);
        let from = pending.len();
        let mut rest = list;
        while let Some((car, cdr)) = self.heap.uncons(rest) {
            pending.push(car);
            rest = cdr;
            // A labelled cons is an object of its own.
            if shared.contains(&rest) {
                break;
            }
        }
        let length = pending.len() - from;
        if rest.is_nil() {
            self.octet(tag::LIST);
        } else if length == 1 {
            self.octet(tag::CONS);
        } else {
            self.octet(tag::DOTTED);
        }
        if rest.is_nil() || length > 1 {
            self.number(length as u64);
        }
        if !rest.is_nil() {
            pending.push(rest);
        }
        pending[from..].reverse();
    }

    fn object(&mut self, object: &Object, pending: &mut Vec<Datum>) {
        match object {
            Object::Big(value) => self.integer(value),
            Object::Ratio(value) => {
                self.octet(tag::RATIO);
                self.integer(value.numer());
                self.integer(value.denom());
            }
            Object::Complex(real, imaginary) => {
                self.octet(tag::COMPLEX);
                pending.extend([*imaginary, *real]);
            }
            Object::String(text) => self.text(tag::STRING, text),
            Object::Pathname(namestring) => self.text(tag::PATHNAME, namestring),
            Object::Vector(elements) => self.vector(elements, pending),
            Object::Bits(bits) => self.bits(bits.iter().copied()),
            Object::Numbers(numbers) => self.numbers(numbers),
            Object::Array { dimensions, elements, kind } => {
                self.octet(tag::ARRAY);
                self.number(dimensions.len() as u64);
                for dimension in dimensions {
                    self.number(*dimension as u64);
                }
                self.elements(elements, *kind, pending);
            }
            Object::Structure(parts) => {
                self.octet(tag::STRUCTURE);
                self.octet(tag::LIST);
                self.number(parts.len() as u64);
                // The image numbers this list too.
                self.message.sources.push(Datum::NIL);
                pending.extend(parts.iter().rev());
            }
            Object::Foreign(handle) => self.foreign(*handle),
        }
    }

    fn foreign(&mut self, handle: u32) {
        self.octet(tag::FOREIGN);
        self.number(u64::from(handle));
    }

    fn vector(&mut self, elements: &[Datum], pending: &mut Vec<Datum>) {
        self.octet(tag::VECTOR);
        self.number(elements.len() as u64);
        pending.extend(elements.iter().rev());
    }

    /// The elements of an array, as a vector of its element type.
    fn elements(&mut self, elements: &[Datum], kind: ElementKind, pending: &mut Vec<Datum>) {
        let numbers = match kind {
            ElementKind::Character => {
                let text: Option<String> = elements.iter().map(|element| element.as_character()).collect();
                match text {
                    Some(text) => self.text(tag::STRING, &text),
                    None => self.vector(elements, pending),
                }
                return;
            }
            ElementKind::Bit if elements.iter().all(|bit| matches!(bit, Datum::Fixnum(0 | 1))) => {
                return self.bits(elements.iter().map(|bit| *bit == Datum::Fixnum(1)));
            }
            _ => NumberVector::from_elements(kind, elements),
        };
        match numbers {
            Some(numbers) => self.numbers(&numbers),
            None => self.vector(elements, pending),
        }
    }

    fn bits(&mut self, bits: impl ExactSizeIterator<Item = bool>) {
        self.octet(tag::BITS);
        self.number(bits.len() as u64);
        self.message.octets.extend(bits.map(u8::from));
    }

    fn numbers(&mut self, numbers: &NumberVector) {
        match numbers {
            NumberVector::U8(elements) => self.fixed(tag::U8, elements, |element| element.to_le_bytes()),
            NumberVector::U16(elements) => self.fixed(tag::U16, elements, |element| element.to_le_bytes()),
            NumberVector::U32(elements) => self.fixed(tag::U32, elements, |element| element.to_le_bytes()),
            NumberVector::S32(elements) => self.fixed(tag::S32, elements, |element| element.to_le_bytes()),
            NumberVector::F32(elements) => self.fixed(tag::F32, elements, |element| element.to_le_bytes()),
            NumberVector::F64(elements) => self.fixed(tag::F64, elements, |element| element.to_le_bytes()),
        }
    }

    fn fixed<T: Copy, const N: usize>(&mut self, tag: u8, elements: &[T], octets: impl Fn(T) -> [u8; N]) {
        self.octet(tag);
        self.number(elements.len() as u64);
        self.message.octets.extend(elements.iter().flat_map(|element| octets(*element)));
    }

    fn text(&mut self, tag: u8, text: &str) {
        self.octet(tag);
        self.bare_text(text);
    }

    fn bare_text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.message.octets.extend_from_slice(text.as_bytes());
    }

    fn small(&mut self, value: i64) {
        if FIXNUMS.contains(&value) {
            self.octet(tag::FIXNUM);
            self.number((value << 1 ^ value >> 63) as u64);
        } else {
            self.large(&BigInt::from(value));
        }
    }

    fn integer(&mut self, value: &BigInt) {
        match i64::try_from(value) {
            Ok(small) => self.small(small),
            Err(_) => self.large(value),
        }
    }

    fn large(&mut self, value: &BigInt) {
        let (sign, limbs) = value.to_u32_digits();
        self.octet(tag::INTEGER);
        self.octet(u8::from(sign == Sign::Minus));
        self.number(limbs.len() as u64);
        self.message.octets.extend(limbs.iter().flat_map(|limb| limb.to_le_bytes()));
    }

    fn symbol(&mut self, symbol: Symbol) {
        match symbol {
            Symbol::NIL => self.octet(tag::NIL),
            Symbol::T => self.octet(tag::T),
            _ => match (self.ids.id(symbol), self.symbols.setf_base(symbol)) {
                (Some(id), _) => {
                    self.octet(tag::SYMBOL);
                    self.number(u64::from(id));
                }
                (None, Some(base)) => {
                    let id = self.ids.allot(symbol);
                    self.octet(tag::SETF_SYMBOL);
                    self.number(u64::from(id));
                    // A setf symbol's base is no setf symbol.
                    self.symbol(base);
                }
                (None, None) => {
                    let id = self.ids.allot(symbol);
                    self.octet(tag::COMPILER_SYMBOL);
                    self.number(u64::from(id));
                    let package = self.symbols.package(symbol);
                    self.bare_text(package.map_or("", |package| self.symbols.package_name(package)));
                    self.bare_text(self.symbols.name(symbol));
                }
            },
        }
    }
}
