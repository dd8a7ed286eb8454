//! Labels, `#n=` and `#n#` (CLHS 2.4.8.15, 2.4.8.16).
//!
//! A reference to an object that is still being read is a marker; the markers are replaced in one walk when the toplevel
//! form is complete, so that no construct meets circular structure while it reads.

use super::{Marker, Parsed, Parser};
use crate::error::ReadErrorKind;
use crate::hash::{NameMap, NameSet};
use crate::heap::{Datum, Object};

/// The labels of the current toplevel form, each with its object once that is complete.
pub(super) type Labels = NameMap<u64, Option<Datum>>;

impl Parser<'_, '_> {
    /// Reads the object after `#n=`.
    #[inline(never)]
    pub(super) fn read_label(&mut self, start: usize, number: u64) -> Parsed<Datum> {
        if self.suppress {
            return self.read_object(start);
        }
        if self.scratch.labels.insert(number, None).is_some() {
            return Err(self.error(start, ReadErrorKind::DuplicateLabel { label: number }));
        }
        let object = self.read_object(start)?;
        if matches!(self.scratch.marker(object), Some(Marker::Label(label)) if label == number) {
            return Err(self.error(start, ReadErrorKind::SelfLabel { label: number }));
        }
        self.scratch.labels.insert(number, Some(object));
        Ok(object)
    }

    /// The object that `#n#` refers to.
    #[inline(never)]
    pub(super) fn read_reference(&mut self, start: usize, number: u64) -> Parsed<Datum> {
        if self.suppress {
            return Ok(Datum::NIL);
        }
        match self.scratch.labels.get(&number) {
            Some(Some(object)) => Ok(*object),
            Some(None) => Ok(self.scratch.mark(Marker::Label(number))),
            None => Err(self.error(start, ReadErrorKind::UnknownLabel { label: number })),
        }
    }

    /// Replaces the references in a complete toplevel form.
    pub(super) fn finish_labels(&mut self, form: Datum) -> Parsed<Datum> {
        if self.scratch.labels.is_empty() || self.scratch.markers.is_empty() {
            return Ok(form);
        }
        let mut seen = NameSet::default();
        let mut pending = vec![form];
        while let Some(datum) = pending.pop() {
            if !matches!(datum, Datum::Cons(_) | Datum::Object(_)) || !seen.insert(datum) {
                continue;
            }
            for part in self.resolved_parts(datum)? {
                pending.push(part);
            }
        }
        self.resolve(form)
    }

    /// Whether a datum contains a marker.
    pub(super) fn has_markers(&self, form: Datum) -> bool {
        if self.scratch.markers.is_empty() {
            return false;
        }
        let mut seen = NameSet::default();
        let mut pending = vec![form];
        while let Some(datum) = pending.pop() {
            if self.scratch.marker(datum).is_some() {
                return true;
            }
            match datum {
                Datum::Cons(_) if seen.insert(datum) => pending.extend([self.heap.car(datum), self.heap.cdr(datum)]),
                Datum::Object(id) if seen.insert(datum) => pending.extend(self.heap.get(id).parts()),
                _ => {}
            }
        }
        false
    }

    /// Replaces the references in one object; returns its parts.
    fn resolved_parts(&mut self, datum: Datum) -> Parsed<Vec<Datum>> {
        match datum {
            Datum::Cons(id) => {
                let (car, cdr) = (self.resolve(self.heap.car(datum))?, self.resolve(self.heap.cdr(datum))?);
                self.heap.set_car(id, car);
                self.heap.set_cdr(id, cdr);
                Ok(vec![car, cdr])
            }
            Datum::Object(id) if self.scratch.marker(datum).is_none() => {
                let mut parts = self.heap.get(id).parts().to_vec();
                for part in &mut parts {
                    *part = self.resolve(*part)?;
                }
                if let Object::Vector(elements) | Object::Array { elements, .. } | Object::Structure(elements) =
                    self.heap.get_mut(id)
                {
                    elements.copy_from_slice(&parts);
                }
                Ok(parts)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What a datum stands for. A label's object may be a reference to a label around it, so this may take several steps.
    fn resolve(&self, mut datum: Datum) -> Parsed<Datum> {
        loop {
            let number = match self.scratch.marker(datum) {
                None => return Ok(datum),
                Some(Marker::Label(number)) => number,
                // Only a label can carry a part of a template out of it.
                Some(Marker::Comma(..)) => return Err(self.error(self.form_start, ReadErrorKind::CircularTemplate)),
            };
            match self.scratch.labels.get(&number).copied().flatten() {
                Some(object) => datum = object,
                None => return Err(self.error(self.form_start, ReadErrorKind::UnknownLabel { label: number })),
            }
        }
    }
}
