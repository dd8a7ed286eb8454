//! Vectors, bit-vectors and arrays: `#(`, `#*`, `#nA` (CLHS 2.4.8.3, 2.4.8.4, 2.4.8.12).

use super::dispatch::Dispatch;
use super::{Parsed, Parser};
use crate::error::{Inside, ReadErrorKind};
use crate::heap::{Datum, ElementKind, Object};

/// Arrays that syntax can make larger than the text that describes them have at most this many elements.
const SIZE_LIMIT: u64 = 1 << 24;
/// Dimensions of an array, at most: one less than the library's `array-rank-limit`.
const RANK_LIMIT: u64 = 255;

impl Parser<'_, '_> {
    /// Reads a vector, the `#(` of which has been read.
    #[inline(never)]
    pub(super) fn read_vector(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let base = self.scratch.elements.len();
        self.read_elements(dispatch.start, base, Inside::Vector)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        let mut elements = self.take_elements(base);
        self.fill(dispatch, &mut elements)?;
        Ok(self.heap.vector(elements))
    }

    /// Reads the bits after `#*`.
    #[inline(never)]
    pub(super) fn read_bits(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let from = self.position;
        self.scan_token(false)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        let text = &self.text[from..self.position];
        let mut bits = Vec::with_capacity(text.len());
        for (index, character) in text.char_indices() {
            match character {
                '0' => bits.push(false),
                '1' => bits.push(true),
                _ => return Err(self.error_at(from + index, ReadErrorKind::NotABit { character })),
            }
        }
        self.fill(dispatch, &mut bits)?;
        Ok(self.heap.push(Object::Bits(bits)))
    }

    /// Repeats the last element up to the length that the numeric argument gives.
    fn fill<T: Copy>(&self, dispatch: Dispatch, elements: &mut Vec<T>) -> Parsed<()> {
        let Some(declared) = dispatch.argument else { return Ok(()) };
        let found = elements.len();
        let kind = match elements.last() {
            _ if found as u64 > declared => ReadErrorKind::VectorTooLong { declared, found },
            _ if declared > SIZE_LIMIT => ReadErrorKind::ArrayTooLarge,
            None if declared > 0 => ReadErrorKind::VectorEmpty { declared },
            None => return Ok(()),
            Some(last) => {
                let last = *last;
                elements.resize(declared as usize, last);
                return Ok(());
            }
        };
        Err(self.error(dispatch.start, kind))
    }

    /// Reads the contents after `#nA`.
    #[inline(never)]
    pub(super) fn read_array(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let rank = self.argument(dispatch)?;
        let contents = self.read_separate(dispatch.start)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        if rank > RANK_LIMIT {
            return Err(self.error(dispatch.start, ReadErrorKind::ArrayTooLarge));
        }
        let shape = || self.error(dispatch.start, ReadErrorKind::BadArray { rank });
        let mut elements = vec![contents];
        let mut dimensions = Vec::new();
        for _ in 0..rank {
            // One level is taken apart at a time; all sequences of a level have one length.
            let mut inner = Vec::new();
            let mut length = None;
            for row in elements {
                let row = self.sequence(row).ok_or_else(shape)?;
                if *length.get_or_insert(row.len()) != row.len() {
                    return Err(shape());
                }
                inner.extend(row);
                if inner.len() as u64 > SIZE_LIMIT {
                    return Err(self.error(dispatch.start, ReadErrorKind::ArrayTooLarge));
                }
            }
            dimensions.push(length.unwrap_or(0));
            elements = inner;
        }
        Ok(match rank {
            1 => self.heap.vector(elements),
            _ => self.heap.push(Object::Array { dimensions, elements, kind: ElementKind::T }),
        })
    }

    /// The elements of a sequence; none if the datum is not one.
    fn sequence(&self, datum: Datum) -> Option<Vec<Datum>> {
        if self.scratch.marker(datum).is_some() {
            return None;
        }
        match self.heap.object(datum) {
            None => self.heap.proper_list(datum),
            Some(Object::Vector(elements)) => Some(elements.clone()),
            Some(Object::String(text)) => Some(text.chars().map(Datum::Char).collect()),
            Some(Object::Bits(bits)) => Some(bits.iter().map(|bit| Datum::Fixnum(i64::from(*bit))).collect()),
            Some(Object::Numbers(numbers)) => Some(numbers.elements()),
            Some(_) => None,
        }
    }
}
