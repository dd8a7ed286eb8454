//! The literals of a unit: each object once, in the order of first use.

use clysm_gc_types::{GcType, TypeSet};
use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{Datum, Heap, NumberVector, Object, Symbol};

/// One literal.
#[derive(Clone, Debug)]
pub enum Literal {
    /// An object of the program.
    Datum(Datum),
    /// A simple-vector of symbols.
    Symbols(Vec<Symbol>),
}

impl Literal {
    /// Calls `visit` with the objects that the literal consists of, itself included; with those in `visited` no more.
    pub fn for_each_part(&self, heap: &Heap, visited: &mut NameSet<Datum>, visit: &mut dyn FnMut(Datum)) {
        match self {
            Self::Datum(datum) => for_each_part(heap, *datum, visited, visit),
            Self::Symbols(symbols) => symbols.iter().for_each(|symbol| visit(Datum::Symbol(*symbol))),
        }
    }
}

fn for_each_part(heap: &Heap, datum: Datum, visited: &mut NameSet<Datum>, visit: &mut dyn FnMut(Datum)) {
    let mut rest = datum;
    while let Some((car, cdr)) = heap.uncons(rest) {
        if !visited.insert(rest) {
            return;
        }
        visit(rest);
        for_each_part(heap, car, visited, visit);
        rest = cdr;
    }
    if matches!(rest, Datum::Object(_)) && !visited.insert(rest) {
        return;
    }
    visit(rest);
    if let Some(Object::Vector(elements) | Object::Array { elements, .. }) = heap.object(rest) {
        elements.iter().for_each(|element| for_each_part(heap, *element, visited, visit));
    }
}

/// The types that an object is made of, its parts not counted.
#[must_use]
pub fn types_of(heap: &Heap, datum: Datum) -> TypeSet {
    let types: &[GcType] = match datum {
        Datum::Cons(_) => &[GcType::Cons],
        Datum::Symbol(_) => &[GcType::Symbol],
        Datum::Char(_) => &[GcType::Character],
        Datum::Single(_) => &[GcType::Single],
        Datum::Double(_) => &[GcType::Double],
        Datum::Fixnum(clysm_ast::FIXNUM_MIN..=clysm_ast::FIXNUM_MAX) => &[],
        Datum::Fixnum(_) => &[GcType::Bignum],
        Datum::Object(_) => match heap.object(datum) {
            Some(Object::Big(_)) => &[GcType::Bignum],
            Some(Object::Ratio(_)) => &[GcType::Ratio, GcType::Bignum],
            Some(Object::Complex(..)) => &[GcType::Complex, GcType::Ratio, GcType::Bignum],
            Some(Object::String(_)) => &[GcType::String],
            Some(Object::Vector(_)) => &[GcType::SimpleVector],
            Some(Object::Bits(_)) => &[GcType::BitVector],
            Some(Object::Numbers(numbers)) => match numbers {
                NumberVector::U8(_) => &[GcType::U8Vector],
                NumberVector::U16(_) => &[GcType::U16Vector],
                NumberVector::U32(_) => &[GcType::U32Vector],
                NumberVector::S32(_) => &[GcType::S32Vector],
                NumberVector::F32(_) => &[GcType::F32Vector],
                NumberVector::F64(_) => &[GcType::F64Vector],
            },
            Some(Object::Array { .. }) => &[GcType::Array, GcType::SimpleVector],
            _ => &[],
        },
    };
    types.iter().copied().collect()
}

/// Literals and the functions referred to by name.
#[derive(Clone, Debug, Default)]
pub struct LiteralPool {
    objects: Vec<Literal>,
    numbers: NameMap<Datum, u32>,
    similar: NameMap<Vec<u8>, u32>,
    coalesces: bool,
    symbol_vectors: NameMap<Vec<Symbol>, u32>,
    functions: FirstUse,
    mentions: FirstUse,
}

/// Symbols in the order of their first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstUse {
    pub(crate) order: Vec<Symbol>,
    seen: NameSet<Symbol>,
}

impl FirstUse {
    pub(crate) fn note(&mut self, symbol: Symbol) {
        if self.seen.insert(symbol) {
            self.order.push(symbol);
        }
    }
}

impl LiteralPool {
    /// From now on similar objects share one literal, as a file compiler may have it but not the evaluation of source
    /// (CLHS 3.2.4.4). What a module holds then does not depend on how often macros copied a form.
    pub fn coalesce(&mut self) {
        self.coalesces = true;
    }

    /// The number of a literal. Equal numbers share one.
    pub fn add(&mut self, heap: &Heap, datum: Datum) -> u32 {
        if let Some(number) = self.numbers.get(&datum) {
            return *number;
        }
        let key = if self.coalesces { similarity_key(heap, datum) } else { None };
        let known = key.as_ref().and_then(|key| self.similar.get(key)).copied();
        let number = known.unwrap_or_else(|| self.push(Literal::Datum(datum)));
        self.numbers.insert(datum, number);
        self.similar.extend(key.map(|key| (key, number)));
        number
    }

    /// The number of a simple-vector of symbols.
    pub fn add_symbols(&mut self, symbols: &[Symbol]) -> u32 {
        if let Some(number) = self.symbol_vectors.get(symbols) {
            return *number;
        }
        let number = self.push(Literal::Symbols(symbols.to_vec()));
        self.symbol_vectors.insert(symbols.to_vec(), number);
        number
    }

    fn push(&mut self, literal: Literal) -> u32 {
        self.objects.push(literal);
        u32::try_from(self.objects.len() - 1).unwrap_or(u32::MAX)
    }

    /// Notes that the code reads a symbol's function cell.
    pub fn note_function(&mut self, symbol: Symbol) {
        self.functions.note(symbol);
    }

    /// Notes that the code needs what is defined for a symbol, though it does not refer to it.
    pub fn note_mention(&mut self, datum: Datum) {
        datum.as_symbol().into_iter().for_each(|symbol| self.mentions.note(symbol));
    }

    /// The symbols that are only mentioned.
    pub fn mentions(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.mentions.order.iter().copied()
    }

    /// The literals by number.
    #[must_use]
    pub fn objects(&self) -> &[Literal] {
        &self.objects
    }

    /// The symbols whose function cells the code reads.
    pub fn functions(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.functions.order.iter().copied()
    }
}

/// Octets that are the same for two objects if they are similar (CLHS 3.2.4.2.2); none for an object that is circular, or
/// so large that it may be.
fn similarity_key(heap: &Heap, datum: Datum) -> Option<Vec<u8>> {
    let mut key = SimilarityKey { heap, octets: Vec::new(), left: SIMILARITY_LIMIT };
    key.add(datum)?;
    Some(key.octets)
}

/// The most parts of an object that is compared with others.
const SIMILARITY_LIMIT: usize = 100_000;

struct SimilarityKey<'a> {
    heap: &'a Heap,
    octets: Vec<u8>,
    left: usize,
}

impl SimilarityKey<'_> {
    fn add(&mut self, datum: Datum) -> Option<()> {
        let mut rest = datum;
        while let Some((car, cdr)) = self.heap.uncons(rest) {
            self.tag(b'(')?;
            self.add(car)?;
            rest = cdr;
        }
        match rest {
            Datum::Symbol(symbol) => self.number(b'y', symbol.index() as u64),
            Datum::Fixnum(value) => self.number(b'i', value as u64),
            Datum::Char(value) => self.number(b'c', u64::from(u32::from(value))),
            Datum::Single(value) => self.number(b's', u64::from(value.to_bits())),
            Datum::Double(value) => self.number(b'd', value.to_bits()),
            Datum::Cons(_) => None,
            Datum::Object(_) => self.object(self.heap.object(rest)?),
        }
    }

    fn object(&mut self, object: &Object) -> Option<()> {
        match object {
            Object::Big(value) => self.text(b'b', &value.to_string()),
            Object::Ratio(value) => self.text(b'r', &value.to_string()),
            Object::String(text) => self.text(b't', text),
            Object::Pathname(text) => self.text(b'p', text),
            Object::Foreign(handle) => self.number(b'f', u64::from(*handle)),
            Object::Complex(real, imaginary) => self.parts(b'x', &[*real, *imaginary]),
            Object::Vector(elements) => self.parts(b'v', elements),
            Object::Structure(elements) => self.parts(b'o', elements),
            Object::Array { dimensions, elements, kind } => {
                self.text(b'a', &format!("{kind:?} {dimensions:?}"))?;
                self.parts(b'v', elements)
            }
            Object::Bits(bits) => self.text(b'B', &format!("{bits:?}")),
            Object::Numbers(numbers) => self.text(b'n', &format!("{numbers:?}")),
        }
    }

    fn parts(&mut self, tag: u8, parts: &[Datum]) -> Option<()> {
        self.number(tag, parts.len() as u64)?;
        parts.iter().try_for_each(|part| self.add(*part))
    }

    fn text(&mut self, tag: u8, text: &str) -> Option<()> {
        self.number(tag, text.len() as u64)?;
        self.octets.extend_from_slice(text.as_bytes());
        Some(())
    }

    fn number(&mut self, tag: u8, number: u64) -> Option<()> {
        self.tag(tag)?;
        self.octets.extend_from_slice(&number.to_le_bytes());
        Some(())
    }

    fn tag(&mut self, tag: u8) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        self.octets.push(tag);
        Some(())
    }
}
