//! Constants of a file that a module can't hold as they are (CLHS 3.2.4): they are described, and made when the module is loaded.

use clysm_ast::Node;
use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{Datum, ElementKind, Heap, Object, PackageId};
use clysm_report::Span;

use super::{Converter, Result};
use crate::error::CompileErrorKind;

impl Converter<'_> {
    /// A constant of the program.
    pub(super) fn quoted(&mut self, value: Datum) -> Result<Node> {
        // What is loaded as source stays the object that was read.
        if self.host.loads_source() || !Search::new(&self.cx.heap).needs_description(value) {
            return Ok(self.literal(value));
        }
        let description = self.description(value)?;
        let quote = Datum::Symbol(self.cx.standard("QUOTE"));
        let restore = Datum::Symbol(self.cx.system("%RESTORE-CONSTANT"));
        let heap = &mut self.cx.heap;
        let quoted = heap.list(&[quote, description], Span::NONE);
        let form = heap.list(&[restore, quoted], Span::NONE);
        self.load_time(form)
    }

    /// A vector that describes each part of a constant, as `lisp/runtime/constants.lisp` says.
    fn description(&mut self, value: Datum) -> Result<Datum> {
        let mut entries = Vec::new();
        let mut positions = Positions { numbers: NameMap::default(), order: Vec::new() };
        positions.of(value);
        let mut next = 0;
        while let Some(part) = positions.order.get(next).copied() {
            entries.push(self.entry_for(part, &mut positions)?);
            next += 1;
        }
        Ok(self.cx.heap.vector(entries))
    }

    fn entry_for(&mut self, part: Datum, positions: &mut Positions) -> Result<Datum> {
        if let Some((car, cdr)) = self.cx.heap.uncons(part) {
            return Ok(self.described("CONS", &[], &[car, cdr], positions));
        }
        match self.cx.heap.object(part).cloned() {
            Some(Object::Vector(elements)) => Ok(self.described("VECTOR", &[], &elements, positions)),
            Some(Object::Array { dimensions, elements, kind }) => {
                let dimensions: Vec<Datum> =
                    dimensions.into_iter().map(|extent| Datum::Fixnum(extent as i64)).collect();
                let fixed = [self.cx.heap.list(&dimensions, Span::NONE), self.element_type(kind)];
                Ok(self.described("ARRAY", &fixed, &elements, positions))
            }
            Some(Object::Pathname(name)) => {
                let name = self.cx.heap.string(name);
                Ok(self.described("PATHNAME", &[name], &[], positions))
            }
            Some(Object::Structure(elements)) => self.structure(&elements, positions),
            Some(Object::Foreign(_)) => self.described_by_image(part, positions),
            _ => Ok(self.described("OBJECT", &[part], &[], positions)),
        }
    }

    /// An object that only the image knows.
    fn described_by_image(&mut self, part: Datum, positions: &mut Positions) -> Result<Datum> {
        let answer = self.ask("%DESCRIBE-CONSTANT", &[part], |_| "a constant".to_owned())?;
        let answer = self.list(answer, "description of a constant")?;
        let (fixed, parts) = answer.split_at(answer.len().min(2));
        let numbers: Vec<Datum> = parts.iter().map(|part| positions.of(*part)).collect();
        let elements: Vec<Datum> = fixed.iter().copied().chain(numbers).collect();
        Ok(self.cx.heap.list(&elements, Span::NONE))
    }

    /// The slots are named by keywords, as constructors take them (CLHS 2.4.8.13).
    fn structure(&mut self, elements: &[Datum], positions: &mut Positions) -> Result<Datum> {
        let (name, slots) = elements.split_first().ok_or_else(|| self.no_structure())?;
        let (mut fixed, mut values) = (vec![*name], Vec::new());
        for pair in slots.chunks(2) {
            let [slot, value] = pair else { return Err(self.no_structure()) };
            let slot = match slot.as_symbol() {
                Some(symbol) => self.cx.symbols.name(symbol).to_owned(),
                None => self.cx.heap.text(*slot).ok_or_else(|| self.no_structure())?.to_owned(),
            };
            fixed.push(Datum::Symbol(self.cx.symbols.intern(PackageId::KEYWORD, &slot)));
            values.push(*value);
        }
        Ok(self.described("STRUCTURE", &fixed, &values, positions))
    }

    fn no_structure(&self) -> crate::error::CompileError {
        self.error(CompileErrorKind::Malformed {
            operator: "#S".to_owned(),
            reason: "not a structure name, slot names and values".to_owned(),
        })
    }

    /// `(kind fixed part…)` with the positions of the parts.
    fn described(&mut self, kind: &str, fixed: &[Datum], parts: &[Datum], positions: &mut Positions) -> Datum {
        let kind = Datum::Symbol(self.cx.symbols.intern(PackageId::KEYWORD, kind));
        let fixed = self.cx.heap.list(fixed, Span::NONE);
        let numbers = parts.iter().map(|part| positions.of(*part));
        let elements: Vec<Datum> = [kind, fixed].into_iter().chain(numbers).collect();
        self.cx.heap.list(&elements, Span::NONE)
    }

    fn element_type(&mut self, kind: ElementKind) -> Datum {
        let (name, bits) = match kind {
            ElementKind::T => ("T", None),
            ElementKind::Character => ("CHARACTER", None),
            ElementKind::Bit => ("BIT", None),
            ElementKind::U8 => ("UNSIGNED-BYTE", Some(8)),
            ElementKind::U16 => ("UNSIGNED-BYTE", Some(16)),
            ElementKind::U32 => ("UNSIGNED-BYTE", Some(32)),
            ElementKind::S32 => ("SIGNED-BYTE", Some(32)),
            ElementKind::F32 => ("SINGLE-FLOAT", None),
            ElementKind::F64 => ("DOUBLE-FLOAT", None),
        };
        let name = Datum::Symbol(self.cx.standard(name));
        match bits {
            None => name,
            Some(bits) => self.cx.heap.list(&[name, Datum::Fixnum(bits)], Span::NONE),
        }
    }
}

/// The parts of a constant in the order in which they were met.
struct Positions {
    numbers: NameMap<Datum, i64>,
    order: Vec<Datum>,
}

impl Positions {
    fn of(&mut self, part: Datum) -> Datum {
        let next = self.order.len() as i64;
        let number = *self.numbers.entry(part).or_insert_with(|| {
            self.order.push(part);
            next
        });
        Datum::Fixnum(number)
    }
}

/// Looks through a constant.
struct Search<'a> {
    heap: &'a Heap,
    /// Conses and vectors that were seen to the end.
    done: NameSet<Datum>,
    /// Those that contain the current part.
    open: NameSet<Datum>,
}

impl<'a> Search<'a> {
    fn new(heap: &'a Heap) -> Self {
        Self { heap, done: NameSet::default(), open: NameSet::default() }
    }

    /// Whether a part can't be written into a module, or contains itself.
    fn needs_description(&mut self, datum: Datum) -> bool {
        let mut chain = Vec::new();
        let mut rest = datum;
        let mut found = false;
        while let Some((car, cdr)) = self.heap.uncons(rest).filter(|_| !found && !self.done.contains(&rest)) {
            found = !self.open.insert(rest);
            chain.push(rest);
            found = found || self.needs_description(car);
            rest = cdr;
        }
        found = found || !rest.is_cons() && self.object(rest);
        for cons in chain {
            self.open.remove(&cons);
            self.done.insert(cons);
        }
        found
    }

    fn object(&mut self, datum: Datum) -> bool {
        match self.heap.object(datum) {
            Some(Object::Array { .. } | Object::Pathname(_) | Object::Structure(_) | Object::Foreign(_)) => true,
            Some(Object::Vector(elements)) if !self.done.contains(&datum) => {
                let found = !self.open.insert(datum) || elements.iter().any(|part| self.needs_description(*part));
                self.open.remove(&datum);
                self.done.insert(datum);
                found
            }
            _ => false,
        }
    }
}
