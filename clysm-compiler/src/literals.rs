//! The literals of a unit: each object once, in the order of first use.

use std::collections::{BTreeSet, HashMap};

use clysm_reader::{Datum, Heap, Symbol};

/// One literal.
#[derive(Clone, Debug)]
pub enum Literal {
    /// An object of the program.
    Datum(Datum),
    /// A simple-vector of symbols.
    Symbols(Vec<Symbol>),
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
