//! Backquote (CLHS 2.4.6): a template becomes the form that builds it, while it is being read.
//!
//! The Lisp-side reader makes the same forms; both follow these rules. A template is
//!
//! - *constant* if it contains no comma of its level; it becomes itself where it evaluates to itself (anything but a cons or a
//!   symbol; NIL, T and keywords), else `(quote template)`;
//! - `,form`: the form;
//! - a list. Its longest constant tail is quoted as a whole, and is nothing if it is NIL. Then, from the right, `rest` being
//!   the form for what follows:
//!   - an element becomes `(list e)` before nothing, else `(cons e rest)`; `e` is added to the arguments if `rest` is a call of
//!     `list` or `list*`, and to those of `list*` if it is a call of `cons`;
//!   - `,@form` becomes the form itself before nothing, else `(append form rest)`; the form is added to the arguments if
//!     `rest` is a call of `append`. `,.form` is the same with `nconc`;
//! - a vector: `(vector e …)` if the list of its elements becomes `(list e …)`, else `(apply (function vector) list)`.
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
    /// A form that gives a list of objects, and the function that joins it with what follows.
    Splice(Symbol, Datum),
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
            Part::Splice(..) => Err(self.misplaced(template, start)),
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
                Some(Marker::Comma(Comma::Splice, form)) => Ok(Part::Splice(Symbol::APPEND, form)),
                Some(Marker::Comma(Comma::Destroy, form)) => Ok(Part::Splice(Symbol::NCONC, form)),
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
            Part::Splice(..) => return Err(self.misplaced(cell, start)),
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
            Part::Constant(_) => self.quote(rest, span),
            Part::Form(form) | Part::Splice(_, form) => form,
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
        let list = self.build(parts.into_iter(), Datum::NIL, span);
        if let Some((Symbol::LIST, arguments)) = self.call(list) {
            return Ok(Part::Form(self.heap.cons(Symbol::VECTOR.into(), arguments, span)));
        }
        let function = self.heap.list(&[Symbol::FUNCTION.into(), Symbol::VECTOR.into()], span);
        Ok(Part::Form(self.heap.list(&[Symbol::APPLY.into(), function, list], span)))
    }

    /// The form that builds a list of the parts, followed by what the form `rest` gives.
    fn build(&mut self, parts: impl DoubleEndedIterator<Item = Part>, mut rest: Datum, span: Span) -> Datum {
        for part in parts.rev() {
            rest = match part {
                Part::Constant(datum) => {
                    let form = self.quote(datum, span);
                    self.cons_form(form, rest, span)
                }
                Part::Form(form) => self.cons_form(form, rest, span),
                Part::Splice(operator, form) => self.splice_form(operator, form, rest, span),
            };
        }
        rest
    }

    /// The form that puts an element before the rest.
    fn cons_form(&mut self, form: Datum, rest: Datum, span: Span) -> Datum {
        let (operator, arguments) = match self.call(rest) {
            Some((operator @ (Symbol::LIST | Symbol::LIST_STAR), arguments)) => (operator, arguments),
            Some((Symbol::CONS, arguments)) => (Symbol::LIST_STAR, arguments),
            _ if rest.is_nil() => (Symbol::LIST, Datum::NIL),
            _ => {
                let operator = if self.is_splice(form) { Symbol::LIST_STAR } else { Symbol::CONS };
                (operator, self.heap.cons(rest, Datum::NIL, span))
            }
        };
        self.call_form(operator, form, arguments, span)
    }

    /// The form that puts the elements of a list before the rest.
    fn splice_form(&mut self, operator: Symbol, form: Datum, rest: Datum, span: Span) -> Datum {
        let arguments = match self.call(rest) {
            _ if rest.is_nil() && !self.is_splice(form) => return form,
            _ if rest.is_nil() => Datum::NIL,
            Some((same, arguments)) if same == operator => arguments,
            _ => self.heap.cons(rest, Datum::NIL, span),
        };
        self.call_form(operator, form, arguments, span)
    }

    /// `(operator first . arguments)`
    fn call_form(&mut self, operator: Symbol, first: Datum, arguments: Datum, span: Span) -> Datum {
        let arguments = self.heap.cons(first, arguments, span);
        self.heap.cons(operator.into(), arguments, span)
    }

    /// Operator and arguments of a form that is a call.
    fn call(&self, form: Datum) -> Option<(Symbol, Datum)> {
        let (operator, arguments) = self.heap.uncons(form)?;
        Some((operator.as_symbol()?, arguments))
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
