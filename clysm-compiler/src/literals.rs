//! The literals of a unit: each object once, in the order of first use.

use std::collections::{BTreeSet, HashMap, HashSet};

use clysm_gc_types::{GcType, TypeSet};
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
    pub fn for_each_part(&self, heap: &Heap, visited: &mut HashSet<Datum>, visit: &mut dyn FnMut(Datum)) {
        match self {
            Self::Datum(datum) => for_each_part(heap, *datum, visited, visit),
            Self::Symbols(symbols) => symbols.iter().for_each(|symbol| visit(Datum::Symbol(*symbol))),
        }
    }
}

fn for_each_part(heap: &Heap, datum: Datum, visited: &mut HashSet<Datum>, visit: &mut dyn FnMut(Datum)) {
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
    numbers: HashMap<Datum, u32>,
    strings: HashMap<String, u32>,
    coalesces_strings: bool,
    symbol_vectors: HashMap<Vec<Symbol>, u32>,
    functions: BTreeSet<Symbol>,
    mentions: BTreeSet<Symbol>,
}

impl LiteralPool {
    /// From now on equal strings share one literal, as a file compiler may have it but not the evaluation of source
    /// (CLHS 3.2.4).
    pub fn coalesce_strings(&mut self) {
        self.coalesces_strings = true;
    }

    /// The number of a literal. Equal numbers share one.
    pub fn add(&mut self, heap: &Heap, datum: Datum) -> u32 {
        if let Some(text) = heap.text(datum).filter(|_| self.coalesces_strings) {
            if let Some(number) = self.strings.get(text) {
                return *number;
            }
            let number = self.push(Literal::Datum(datum));
            self.strings.insert(text.to_owned(), number);
            return number;
        }
        if let Some(number) = self.numbers.get(&datum) {
            return *number;
        }
        let number = self.push(Literal::Datum(datum));
        self.numbers.insert(datum, number);
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
        self.functions.insert(symbol);
    }

    /// Notes that the code needs what is defined for a symbol, though it does not refer to it.
    pub fn note_mention(&mut self, datum: Datum) {
        self.mentions.extend(datum.as_symbol());
    }

    /// The symbols that are only mentioned.
    pub fn mentions(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.mentions.iter().copied()
    }

    /// The literals by number.
    #[must_use]
    pub fn objects(&self) -> &[Literal] {
        &self.objects
    }

    /// The symbols whose function cells the code reads.
    pub fn functions(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.functions.iter().copied()
    }
}
