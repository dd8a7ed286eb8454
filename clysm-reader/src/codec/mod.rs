//! The octet codec between the compiler's data and the live image.
//!
//! A datum is one octet, its tag, and a payload. *n* is an unsigned LEB128 number of at most 64 bits, *object* any
//! encoded datum; numbers of fixed width are little-endian; text is UTF-8.
//!
//! | tag | datum | payload |
//! | --- | --- | --- |
//! | 0 | NIL | |
//! | 1 | T | |
//! | 2 | fixnum, -2^30 to 2^30-1 | zigzag LEB128 |
//! | 3 | character | code *n* |
//! | 4 | cons | car, cdr: *object*s |
//! | 5 | proper list | *n*, then *n* *object*s |
//! | 6 | dotted list | *n* ≥ 1, *n* *object*s, the tail: *object* |
//! | 7 | symbol both sides know | id *n* |
//! | 8 | symbol announced by the compiler | id *n*; name of its home package: length *n*, text, empty if it is uninterned; name: length *n*, text |
//! | 9 | simple string | length in octets *n*, text |
//! | 10, 11 | single-float, double-float | 4 or 8 octets |
//! | 12 | other integer | sign octet, 1 for negative; number of limbs *n*; limbs of 32 bits, least first |
//! | 13 | ratio | numerator, denominator: integers, tag 2 or 12 |
//! | 14 | complex | real and imaginary part: real numbers, tag 2 or 10 to 13 |
//! | 15 | simple vector | *n*, then *n* *object*s |
//! | 16 | simple bit-vector | *n*, then *n* octets 0 or 1 |
//! | 17 to 22 | simple vectors of u8, u16, u32, s32, f32, f64 | *n*, then *n* elements |
//! | 23 | symbol announced by the image | as 8 |
//! | 24 | any other array | rank *n*; each dimension *n*; the elements in row-major order: a vector, tag 9 or 15 to 22 |
//! | 25 | object of the image without syntax | handle *n* |
//! | 26 | pathname | namestring: length *n*, text |
//! | 27 | structure literal | its name, slot names and values: a list, tag 5 |
//! | 28 | label | *n*, then the *object* it labels, which is not another label |
//! | 29 | reference | label *n*, whose 28 came before; perhaps to an object that is not yet complete |
//! | 30 | setf symbol announced by the sender | id *n*; the symbol it belongs to: a symbol |
//! | 31 | list that came from the other side | ordinal *n* |
//! | 32 | simple string of the image, to which the compiler refers by tag 25 | handle *n*; length in octets *n*, text |
//!
//! **Symbols.** Ids are one numbering for both sides, each keeping a [`SymbolIds`] of its own. Whoever meets a symbol without
//! id gives it one and announces it; afterwards both know it. The compiler gives out even numbers, the image odd ones: a message
//! that is lost makes no number mean two symbols. NIL and T need none.
//!
//! **Labels** appear where the data are circular, or share so much that a tree would be huge.
//!
//! **Lists that come back.** The lists (tags 4, 5 and 6) of a message to the image are numbered from 0 in the order of
//! their tags. The image may answer with tag 31 for a cons that is one of these and was not modified; the compiler then
//! has the very list that it sent, with the source positions that its conses carry.
//!
//! ```
//! use clysm_reader::codec::{Decoder, Encoder, SymbolIds};
//! use clysm_reader::{Datum, Heap, Symbol, Symbols};
//! use clysm_report::Span;
//!
//! let (mut heap, mut symbols, mut ids) = (Heap::new(), Symbols::new(), SymbolIds::new(0));
//! let list = heap.list(&[Symbol::QUOTE.into(), Datum::Fixnum(-3)], Span::NONE);
//! let mut encoder = Encoder::new(&heap, &symbols, &mut ids);
//! encoder.datum(list);
//! let message = encoder.finish().octets;
//! let mut decoder = Decoder::new(&message, &mut heap, &mut symbols, &mut ids);
//! let decoded = decoder.datum()?;
//! decoder.end()?;
//! assert!(heap.equal(list, decoded));
//! # Ok::<(), clysm_reader::codec::DecodeError>(())
//! ```

mod decode;
mod encode;

pub use decode::{DecodeError, DecodeErrorKind, Decoder};
pub use encode::{Encoder, Message};

use crate::hash::NameMap;
use crate::symbol::Symbol;

/// Declares the tags: the octet of each and its name.
macro_rules! tags {
    ($($octet:literal $name:ident)*) => {
        $(pub(super) const $name: u8 = $octet;)*
    };
}

/// The tags of the table above.
mod tag {
    tags! {
        0 NIL
        1 T
        2 FIXNUM
        3 CHARACTER
        4 CONS
        5 LIST
        6 DOTTED
        7 SYMBOL
        8 COMPILER_SYMBOL
        9 STRING
        10 SINGLE
        11 DOUBLE
        12 INTEGER
        13 RATIO
        14 COMPLEX
        15 VECTOR
        16 BITS
        17 U8
        18 U16
        19 U32
        20 S32
        21 F32
        22 F64
        23 IMAGE_SYMBOL
        24 ARRAY
        25 FOREIGN
        26 PATHNAME
        27 STRUCTURE
        28 LABEL
        29 REFERENCE
        30 SETF_SYMBOL
        31 SOURCE
        32 IMAGE_STRING
    }
}

/// The integers that have tag 2.
const FIXNUMS: std::ops::RangeInclusive<i64> = -(1 << 30)..=(1 << 30) - 1;

/// Which symbol has which id in the image; one for each image.
#[derive(Debug, Clone, Default)]
pub struct SymbolIds {
    /// By the symbol's index.
    to_image: Vec<Option<u32>>,
    from_image: NameMap<u32, Symbol>,
    next: u32,
    /// Symbols that were given ids by messages that may not have arrived yet.
    recent: Vec<Symbol>,
}

impl SymbolIds {
    /// Makes an empty map; ids below `next` are not given out.
    pub fn new(next: u32) -> Self {
        Self { next: even_from(next), ..Self::default() }
    }

    /// The symbol's id, if it has one.
    pub fn id(&self, symbol: Symbol) -> Option<u32> {
        self.to_image.get(symbol.index()).copied().flatten()
    }

    /// The symbol with this id, if both sides know it.
    pub fn symbol(&self, id: u32) -> Option<Symbol> {
        self.from_image.get(&id).copied()
    }

    /// The id that the next new symbol gets.
    pub fn next_id(&self) -> u32 {
        self.next
    }

    /// Records that the image knows the symbol by this id, whatever else it was known by; ids given out later are above it.
    /// Says whether that contradicts nothing known: the id of another symbol is not this one's.
    pub fn record(&mut self, symbol: Symbol, id: u32) -> bool {
        let consistent = self.symbol(id).is_none_or(|known| known == symbol);
        if consistent {
            if self.to_image.len() <= symbol.index() {
                self.to_image.resize(symbol.index() + 1, None);
            }
            self.to_image[symbol.index()] = Some(id);
            self.from_image.insert(id, symbol);
            self.next = self.next.max(even_from(id.saturating_add(1)));
        }
        consistent
    }

    /// Notes that the messages so far have arrived.
    pub fn confirm(&mut self) {
        self.recent.clear();
    }

    /// Notes that the messages since the last [`SymbolIds::confirm`] may not have arrived: their symbols are announced again.
    pub fn withdraw(&mut self) {
        for symbol in self.recent.drain(..) {
            self.to_image[symbol.index()] = None;
        }
    }

    /// Gives the symbol the next id.
    fn allot(&mut self, symbol: Symbol) -> u32 {
        let id = self.next;
        self.record(symbol, id);
        self.recent.push(symbol);
        id
    }
}

/// The first even number that is not below.
fn even_from(number: u32) -> u32 {
    number.checked_next_multiple_of(2).unwrap_or(u32::MAX)
}
