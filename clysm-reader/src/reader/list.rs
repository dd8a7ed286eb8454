//! Lists and the elements of vectors.

use clysm_report::Span;

use super::{Parsed, Parser};
use crate::error::{Inside, ReadErrorKind};
use crate::heap::Datum;
use crate::syntax::{self, Class};

impl Parser<'_, '_> {
    /// Reads a list; the position is at its opening parenthesis.
    #[inline(never)]
    pub(super) fn read_list(&mut self) -> Parsed<Datum> {
        let start = self.position;
        self.position += 1;
        let base = self.scratch.elements.len();
        let tail = self.read_elements(start, base, Inside::List)?;
        let whole = self.span(start, self.position);
        Ok(self.build_list(base, tail, whole))
    }

    /// Reads elements up to the closing parenthesis onto the element stack, above `base`; returns what follows the dot, NIL
    /// if nothing does.
    pub(super) fn read_elements(&mut self, opened: usize, base: usize, inside: Inside) -> Parsed<Datum> {
        loop {
            self.skip_blank();
            let start = self.position;
            match self.peek() {
                None => return Err(self.end_of_text(inside, opened)),
                Some(b')') => {
                    self.position += 1;
                    return Ok(Datum::NIL);
                }
                Some(b'.') if self.is_lone_dot() => {
                    return self.read_tail(opened, base, inside);
                }
                Some(_) => {}
            }
            if let Some(element) = self.read_maybe()?
                && !self.suppress
            {
                let span = self.span(start, self.position);
                self.scratch.elements.push((element, span));
            }
        }
    }

    /// Whether the dot at the current position is a token of its own.
    fn is_lone_dot(&self) -> bool {
        self.bytes.get(self.position + 1).is_none_or(|octet| {
            // The next character is looked at by its first octet: all that delimit are ASCII.
            matches!(syntax::class(*octet), Class::Whitespace | Class::Terminating)
        })
    }

    /// Reads what follows a dot, and the closing parenthesis.
    #[inline(never)]
    fn read_tail(&mut self, opened: usize, base: usize, inside: Inside) -> Parsed<Datum> {
        let dot = self.position;
        if inside == Inside::Vector {
            return Err(self.error_at(dot, ReadErrorKind::DotOutsideList));
        }
        if self.scratch.elements.len() == base && !self.suppress {
            return Err(self.error_at(dot, ReadErrorKind::NothingBeforeDot));
        }
        self.position += 1;
        let mut tail = None;
        loop {
            self.skip_blank();
            let start = self.position;
            match self.peek() {
                None => return Err(self.end_of_text(inside, opened)),
                Some(b')') => {
                    self.position += 1;
                    return tail.ok_or_else(|| self.error_at(dot, ReadErrorKind::NothingAfterDot));
                }
                Some(_) => {}
            }
            if let Some(datum) = self.read_maybe()?
                && tail.replace(datum).is_some()
            {
                return Err(self.error(start, ReadErrorKind::TooMuchAfterDot));
            }
        }
    }

    /// Makes a list of the elements above `base`, which it takes off the stack. The first cons spans the whole list, each
    /// later one its element.
    pub(super) fn build_list(&mut self, base: usize, tail: Datum, whole: Span) -> Datum {
        let mut list = tail;
        while self.scratch.elements.len() > base
            && let Some((element, span)) = self.scratch.elements.pop()
        {
            let first = self.scratch.elements.len() == base;
            list = self.heap.cons(element, list, if first { whole } else { span });
        }
        list
    }

    /// Takes the elements above `base` off the stack.
    pub(super) fn take_elements(&mut self, base: usize) -> Vec<Datum> {
        self.scratch.elements.drain(base..).map(|(element, _)| element).collect()
    }
}
