//! Backquote (CLHS 2.4.6): a template becomes the form that builds it, while it is being read.
//!
//! The Lisp-side reader makes the same forms; both follow these rules. A template is
//!
//! - *constant* if it contains no comma of its level; it becomes itself where it evaluates to itself (anything but a cons or a
//!   symbol; NIL, T and keywords), else `(quote template)`;
//! - `,form`: the form;
//! - a list. Its longest constant tail is quoted as a whole. Then, from the right, `rest` being the form for what follows (none
//!   at the end of a proper list):
//!   - a run of elements that are not spliced becomes `(list e …)` without a rest, `(cons e rest)` for a single one, and
//!     `(list* e … rest)` for more;
//!   - `,@form` becomes the form itself without a rest, else `(append form rest)`; adjacent ones share one call of `append`.
//!     `,.` is treated like `,@`, as the standard allows.
//! - a vector: `(vector e …)` if the list of its elements became `(list e …)`, else `(apply (function vector) list)`.
//!
//! Nested templates are expanded innermost first. What the commas of an outer level will splice into is an argument list of
//! the inner expansion; therefore a form that is itself a `,@` of an outer level is never an argument of `cons` and never
//! stands alone: `(list* e rest)` and `(append form)` are used.

use clysm_report::Span;

use super::{Marker, Parsed, Parser};
use crate::error::{ReadError, ReadErrorKind};
use crate::heap::{Datum, Object};
use crate::symbol::Symbol;

/// The kinds of comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comma {
    /// `,`
    Insert,
    /// `,@`
    Splice,
    /// `,.`
    Destroy,
}

impl Comma {
    fn text(self) -> &'static str {
        match self {
            Comma::Insert => ",",
            Comma::Splice => ",@",
            Comma::Destroy => ",.",
        }
    }
}

/// What a part of a template becomes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The template contains no comma.
    Constant(Datum),
    /// A form that gives the object.
    Form(Datum),
    /// A form that gives a list of objects.
    Splice(Datum),
}

/// The form for the rest of a list, while that is built from the right.
enum Rest {
    Nothing,
    Form(Datum),
    /// A call of `append` with these arguments, last first.
    Append(Vec<Datum>),
}

impl Parser<'_, '_> {
    #[inline(never)]
    pub(super) fn read_backquote(&mut self) -> Parsed<Datum> {
        let start = self.position;
        self.position += 1;
        self.level += 1;
        let template = self.read_object(start);
        self.level -= 1;
        let template = template?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        match self.expand(template, start)? {
            Part::Constant(datum) => Ok(self.quote(datum, self.span(start, self.position))),
            Part::Form(form) => Ok(form),
            Part::Splice(_) => Err(self.misplaced(template, start)),
        }
    }

    #[inline(never)]
    pub(super) fn read_comma(&mut self) -> Parsed<Datum> {
        let start = self.position;
        self.position += 1;
        let comma = match self.peek() {
            Some(b'@') => Comma::Splice,
            Some(b'.') => Comma::Destroy,
            _ => Comma::Insert,
        };
        self.position += usize::from(comma != Comma::Insert);
        if self.suppress {
            return self.read_object(start);
        }
        if self.level == 0 {
            return Err(self.error(start, ReadErrorKind::CommaOutside));
        }
        self.level -= 1;
        let form = self.read_object(start);
        self.level += 1;
        Ok(self.scratch.mark(Marker::Comma(comma, form?)))
    }

    /// Expands a template; `start` is the backquote's position, for errors.
    #[inline(never)]
    fn expand(&mut self, template: Datum, start: usize) -> Parsed<Part> {
        match template {
            Datum::Cons(_) if self.scratch.labels.is_empty() => self.expand_list(template, start),
            Datum::Cons(_) => {
                if let Some(part) = self.scratch.expansions.get(&template) {
                    return Ok(*part);
                }
                let part = self.expand_list(template, start)?;
                self.scratch.expansions.insert(template, part);
                Ok(part)
            }
            Datum::Object(id) => match self.scratch.marker(template) {
                Some(Marker::Comma(Comma::Insert, form)) => Ok(Part::Form(form)),
                Some(Marker::Comma(_, form)) => Ok(Part::Splice(form)),
                Some(Marker::Label(_)) => Ok(Part::Constant(template)),
                None => match self.heap.get(id) {
                    Object::Vector(elements) => {
                        let elements = elements.clone();
                        self.expand_vector(template, &elements, start)
                    }
                    _ => Ok(Part::Constant(template)),
                },
            },
            _ => Ok(Part::Constant(template)),
        }
    }

    #[inline(never)]
    fn expand_list(&mut self, template: Datum, start: usize) -> Parsed<Part> {
        let mut parts = Vec::new();
        let mut cell = template;
        while let Some((car, cdr)) = self.heap.uncons(cell) {
            parts.push((cell, self.expand(car, start)?));
            cell = cdr;
        }
        let tail = match self.expand(cell, start)? {
            Part::Splice(_) => return Err(self.misplaced(cell, start)),
            tail => tail,
        };
        // Everything after the last comma is shared with the template.
        let constant = |part: &Part| matches!(part, Part::Constant(_));
        let (kept, rest) = match tail {
            Part::Constant(tail) => {
                let trailing = parts.iter().rev().take_while(|(_, part)| constant(part)).count();
                let kept = parts.len() - trailing;
                (kept, parts.get(kept).map_or(tail, |(cell, _)| *cell))
            }
            _ => (parts.len(), Datum::NIL),
        };
        if kept == 0 && constant(&tail) {
            return Ok(Part::Constant(template));
        }
        let span = self.heap.span(template);
        let rest = match tail {
            Part::Constant(_) if rest.is_nil() => Rest::Nothing,
            Part::Constant(_) => Rest::Form(self.quote(rest, span)),
            Part::Form(form) | Part::Splice(form) => Rest::Form(form),
        };
        let parts = parts.iter().take(kept).map(|(_, part)| *part);
        Ok(Part::Form(self.build(parts, rest, span)))
    }

    #[inline(never)]
    fn expand_vector(&mut self, template: Datum, elements: &[Datum], start: usize) -> Parsed<Part> {
        let mut parts = Vec::with_capacity(elements.len());
        for element in elements {
            parts.push(self.expand(*element, start)?);
        }
        if parts.iter().all(|part| matches!(part, Part::Constant(_))) {
            return Ok(Part::Constant(template));
        }
        let span = self.span(start, self.position);
        let spliced = parts.iter().any(|part| matches!(part, Part::Splice(_)));
        let list = self.build(parts.into_iter(), Rest::Nothing, span);
        if !spliced {
            let arguments = self.heap.cdr(list);
            return Ok(Part::Form(self.heap.cons(Symbol::VECTOR.into(), arguments, span)));
        }
        let function = self.heap.list(&[Symbol::FUNCTION.into(), Symbol::VECTOR.into()], span);
        Ok(Part::Form(self.heap.list(&[Symbol::APPLY.into(), function, list], span)))
    }

    /// The form that builds a list of the parts, followed by the rest.
    #[inline(never)]
    fn build(&mut self, parts: impl DoubleEndedIterator<Item = Part>, mut rest: Rest, span: Span) -> Datum {
        // Elements between two splices, last first.
        let mut run = Vec::new();
        for part in parts.rev() {
            match part {
                Part::Constant(datum) => run.push(self.quote(datum, span)),
                Part::Form(form) => run.push(form),
                Part::Splice(form) => {
                    rest = self.flush(&mut run, rest, span);
                    rest = match rest {
                        Rest::Nothing if self.is_splice(form) => Rest::Append(vec![form]),
                        Rest::Nothing => Rest::Form(form),
                        Rest::Form(rest) => Rest::Append(vec![rest, form]),
                        Rest::Append(mut arguments) => {
                            arguments.push(form);
                            Rest::Append(arguments)
                        }
                    };
                }
            }
        }
        let rest = self.flush(&mut run, rest, span);
        self.rest_form(rest, span).unwrap_or(Datum::NIL)
    }

    /// Puts a run of elements, last first, before the rest, and empties it.
    fn flush(&mut self, run: &mut Vec<Datum>, rest: Rest, span: Span) -> Rest {
        if run.is_empty() {
            return rest;
        }
        let operator = match self.rest_form(rest, span) {
            None => Symbol::LIST,
            Some(rest) => {
                run.insert(0, rest);
                let single = run.len() == 2 && !run.iter().any(|form| self.is_splice(*form));
                if single { Symbol::CONS } else { Symbol::LIST_STAR }
            }
        };
        let arguments = run.drain(..).fold(Datum::NIL, |list, form| self.heap.cons(form, list, span));
        Rest::Form(self.heap.cons(operator.into(), arguments, span))
    }

    fn rest_form(&mut self, rest: Rest, span: Span) -> Option<Datum> {
        match rest {
            Rest::Nothing => None,
            Rest::Form(form) => Some(form),
            Rest::Append(arguments) => {
                let list = arguments.into_iter().fold(Datum::NIL, |list, form| self.heap.cons(form, list, span));
                Some(self.heap.cons(Symbol::APPEND.into(), list, span))
            }
        }
    }

    /// Whether a form is a `,@` or `,.` of an outer level, which may become any number of forms.
    fn is_splice(&self, form: Datum) -> bool {
        matches!(self.scratch.marker(form), Some(Marker::Comma(Comma::Splice | Comma::Destroy, _)))
    }

    /// The form that gives a constant.
    fn quote(&mut self, datum: Datum, span: Span) -> Datum {
        let evaluates_to_itself = match datum {
            Datum::Symbol(symbol) => symbol == Symbol::NIL || symbol == Symbol::T || self.symbols.is_keyword(symbol),
            Datum::Cons(_) => false,
            // A label may turn out to name anything.
            _ => self.scratch.marker(datum).is_none(),
        };
        if evaluates_to_itself {
            return datum;
        }
        self.heap.list(&[Symbol::QUOTE.into(), datum], span)
    }

    fn misplaced(&self, marker: Datum, start: usize) -> Box<ReadError> {
        let comma = match self.scratch.marker(marker) {
            Some(Marker::Comma(comma, _)) => comma.text(),
            _ => Comma::Splice.text(),
        };
        self.error(start, ReadErrorKind::MisplacedSplice { comma })
    }
}
