//! Declarations (CLHS 3.3): what a body declares, and which of it the compiler uses.

use clysm_ast::{FIXNUM_MAX, FIXNUM_MIN, Representation};
use clysm_gc_types::GcType;
use clysm_reader::{Datum, Symbol};

use super::{Converter, Result};

/// What is declared of a variable's use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ignore {
    /// Nothing: it is expected to be read.
    #[default]
    No,
    /// `ignorable`: it may be read or not.
    Maybe,
    /// `ignore`: it is not read.
    Yes,
}

/// What the declarations at the head of a body say.
#[derive(Debug, Default)]
pub struct Declarations {
    pub(super) specials: Vec<Symbol>,
    ignored: Vec<(Symbol, Ignore)>,
    representations: Vec<(Symbol, Representation)>,
    vectors: Vec<(Symbol, GcType)>,
    /// Functions declared `inline`, true, or `notinline`.
    pub(super) inlining: Vec<(Symbol, bool)>,
}

/// What is declared of one variable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared {
    /// The unboxed representation of its type.
    pub(super) representation: Option<Representation>,
    /// The kind of simple vector that it holds.
    pub(super) vector: Option<GcType>,
}

impl Declarations {
    pub(super) fn is_special(&self, name: Symbol) -> bool {
        self.specials.contains(&name)
    }

    pub(super) fn ignore(&self, name: Symbol) -> Ignore {
        find(&self.ignored, name).unwrap_or_default()
    }

    pub(super) fn of(&self, name: Symbol) -> Declared {
        Declared { representation: find(&self.representations, name), vector: find(&self.vectors, name) }
    }
}

fn find<T: Copy>(list: &[(Symbol, T)], name: Symbol) -> Option<T> {
    list.iter().find(|(declared, _)| *declared == name).map(|(_, value)| *value)
}

/// A body taken apart.
#[derive(Debug)]
pub struct Body {
    pub(super) declarations: Declarations,
    pub(super) forms: Vec<Datum>,
}

impl Converter<'_> {
    /// Splits a body into declarations, docstring (where one is allowed) and forms (CLHS 3.4.11).
    pub(super) fn parse_body(&mut self, body: Datum, docstring_allowed: bool) -> Result<Body> {
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

    fn declaration(&mut self, specifier: Datum, into: &mut Declarations) -> Result<()> {
        let known = self.cx.names.known;
        let parts = self.list(specifier, "a declaration specifier")?;
        let Some((head, operands)) = parts.split_first() else { return Ok(()) };
        if *head == Datum::Symbol(known.special) {
            into.specials.extend(operands.iter().filter_map(|operand| operand.as_symbol()));
        } else if *head == Datum::Symbol(known.ignore) || *head == Datum::Symbol(known.ignorable) {
            let ignore = if *head == Datum::Symbol(known.ignore) { Ignore::Yes } else { Ignore::Maybe };
            // Functions, written (FUNCTION name), are never reported as unused.
            into.ignored.extend(operands.iter().filter_map(|operand| Some((operand.as_symbol()?, ignore))));
        } else if *head == Datum::Symbol(known.inline) || *head == Datum::Symbol(known.notinline) {
            let inline = *head == Datum::Symbol(known.inline);
            for operand in operands {
                into.inlining.push((self.function_name(*operand)?.0, inline));
            }
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
        let symbols = || names.iter().filter_map(|name| name.as_symbol());
        if let Some(representation) = self.type_representation(specifier) {
            into.representations.extend(symbols().map(|name| (name, representation)));
        } else if let Some(vector) = self.vector_type(specifier) {
            into.vectors.extend(symbols().map(|name| (name, vector)));
        }
    }

    /// The representation of the simple vectors among the objects of a type, if all of them have the same.
    fn vector_type(&self, specifier: Datum) -> Option<GcType> {
        let known = self.cx.names.known;
        let parts = match specifier {
            Datum::Symbol(_) => vec![specifier],
            _ => self.cx.heap.proper_list(specifier)?,
        };
        let head = parts.first()?.as_symbol()?;
        if head == known.simple_vector {
            return Some(GcType::SimpleVector);
        }
        if [known.string, known.simple_string, known.base_string, known.simple_base_string].contains(&head) {
            return Some(GcType::String);
        }
        if head == known.bit_vector || head == known.simple_bit_vector {
            return Some(GcType::BitVector);
        }
        let dimensions = if head == known.vector {
            1
        } else if head == known.array || head == known.simple_array {
            self.rank(parts.get(2).copied())?
        } else {
            return None;
        };
        if dimensions == 1 { self.vector_of(*parts.get(1)?) } else { None }
    }

    /// The rank that an array type's dimensions give; those left open may be one.
    fn rank(&self, dimensions: Option<Datum>) -> Option<usize> {
        match dimensions {
            Some(Datum::Fixnum(rank)) => usize::try_from(rank).ok(),
            Some(list) if list.is_nil() || list.is_cons() => self.cx.heap.proper_list(list).map(|list| list.len()),
            _ => Some(1),
        }
    }

    /// The simple vectors whose elements are of a type.
    fn vector_of(&self, element: Datum) -> Option<GcType> {
        let known = self.cx.names.known;
        match self.type_representation(element) {
            Some(Representation::F64) => return Some(GcType::F64Vector),
            Some(Representation::F32) => return Some(GcType::F32Vector),
            _ => {}
        }
        match element {
            Datum::Symbol(Symbol::T) => Some(GcType::SimpleVector),
            Datum::Symbol(name) if name == known.bit => Some(GcType::BitVector),
            Datum::Symbol(name) if [known.character, known.base_char].contains(&name) => Some(GcType::String),
            Datum::Cons(_) => match self.cx.heap.proper_list(element)?[..] {
                [Datum::Symbol(head), Datum::Fixnum(8)] if head == known.unsigned_byte => Some(GcType::U8Vector),
                [Datum::Symbol(head), Datum::Fixnum(16)] if head == known.unsigned_byte => Some(GcType::U16Vector),
                _ => None,
            },
            _ => None,
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
