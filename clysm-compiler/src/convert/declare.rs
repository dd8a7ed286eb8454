//! Declarations (CLHS 3.3): what a body declares, and which of it the compiler uses.

use clysm_ast::{FIXNUM_MAX, FIXNUM_MIN, Representation};
use clysm_reader::{Datum, Symbol};

use super::{Converter, Result};

/// What the declarations at the head of a body say.
#[derive(Debug, Default)]
pub struct Declarations {
    pub(super) specials: Vec<Symbol>,
    pub(super) representations: Vec<(Symbol, Representation)>,
}

impl Declarations {
    pub(super) fn is_special(&self, name: Symbol) -> bool {
        self.specials.contains(&name)
    }

    pub(super) fn representation(&self, name: Symbol) -> Option<Representation> {
        self.representations.iter().find(|(declared, _)| *declared == name).map(|(_, representation)| *representation)
    }
}

/// A body taken apart.
#[derive(Debug)]
pub struct Body {
    pub(super) declarations: Declarations,
    pub(super) forms: Vec<Datum>,
}

impl Converter<'_> {
    /// Splits a body into declarations, docstring (where one is allowed) and forms (CLHS 3.4.11).
    pub(super) fn parse_body(&self, body: Datum, docstring_allowed: bool) -> Result<Body> {
        let forms = self.list(body, "a body")?;
        let mut declarations = Declarations::default();
        let mut has_docstring = false;
        let mut start = 0;
        while let Some(form) = forms.get(start).copied() {
            let is_last = start + 1 == forms.len();
            if self.cx.heap.car(form) == Datum::Symbol(self.cx.names.known.declare) && form.is_cons() {
                for specifier in self.list(self.cx.heap.cdr(form), "DECLARE")? {
                    self.declaration(specifier, &mut declarations)?;
                }
            } else if docstring_allowed && !is_last && !has_docstring && self.cx.heap.text(form).is_some() {
                has_docstring = true;
            } else {
                break;
            }
            start += 1;
        }
        Ok(Body { declarations, forms: forms[start..].to_vec() })
    }

    /// The docstring at the head of a definition's body, if it has one.
    pub(super) fn docstring(&self, forms: &[Datum]) -> Option<Datum> {
        let is_declaration =
            |form: Datum| form.is_cons() && self.cx.heap.car(form) == Datum::Symbol(self.cx.names.known.declare);
        let start = forms.iter().position(|form| !is_declaration(*form))?;
        let is_last = start + 1 == forms.len();
        (!is_last && self.cx.heap.text(forms[start]).is_some()).then(|| forms[start])
    }

    fn declaration(&self, specifier: Datum, into: &mut Declarations) -> Result<()> {
        let known = self.cx.names.known;
        let parts = self.list(specifier, "a declaration specifier")?;
        let Some((head, operands)) = parts.split_first() else { return Ok(()) };
        if *head == Datum::Symbol(known.special) {
            into.specials.extend(operands.iter().filter_map(|operand| operand.as_symbol()));
        } else if *head == Datum::Symbol(known.type_) {
            if let Some((specifier, names)) = operands.split_first() {
                self.declare_type(*specifier, names, into);
            }
        } else {
            self.declare_type(*head, operands, into);
        }
        Ok(())
    }

    fn declare_type(&self, specifier: Datum, names: &[Datum], into: &mut Declarations) {
        if let Some(representation) = self.type_representation(specifier) {
            into.representations
                .extend(names.iter().filter_map(|name| name.as_symbol()).map(|name| (name, representation)));
        }
    }

    /// The unboxed representation of a type, if it has one.
    pub(super) fn type_representation(&self, specifier: Datum) -> Option<Representation> {
        let known = self.cx.names.known;
        match specifier {
            Datum::Symbol(name) if name == known.fixnum || name == known.bit => Some(Representation::Fixnum),
            Datum::Symbol(name) if name == known.double_float || name == known.long_float => Some(Representation::F64),
            Datum::Symbol(name) if name == known.single_float || name == known.short_float => Some(Representation::F32),
            Datum::Cons(_) => self.compound_representation(specifier),
            _ => None,
        }
    }

    fn compound_representation(&self, specifier: Datum) -> Option<Representation> {
        let known = self.cx.names.known;
        let parts = self.cx.heap.proper_list(specifier)?;
        let head = parts.first()?.as_symbol()?;
        let bound = |index: usize| match parts.get(index) {
            Some(Datum::Fixnum(value)) => Some(*value),
            _ => None,
        };
        let fits = if head == known.integer {
            bound(1)? >= FIXNUM_MIN && bound(2)? <= FIXNUM_MAX
        } else if head == known.mod_ {
            bound(1)? <= FIXNUM_MAX
        } else if head == known.unsigned_byte {
            bound(1)? <= 30
        } else if head == known.signed_byte {
            bound(1)? <= 31
        } else {
            false
        };
        fits.then_some(Representation::Fixnum)
    }
}
