//! Data as the reader makes them: an arena, so that a [`Datum`] is a small `Copy` value.
//!
//! Conses and other compound objects live in a [`Heap`] and are named by index. A datum belongs to the heap (and the
//! [`Symbols`](crate::Symbols)) that made it. Nothing is freed before the heap is, except by [`Heap::release`].

use clysm_report::Span;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::layered::Layered;
use crate::symbol::Symbol;

/// Index of a cons in its [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsId(pub(crate) u32);

/// Index of an [`Object`] in its [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) u32);

/// A Lisp object. Equality is `eql` (CLHS 5.3), except that it is `eq` on integers beyond `i64`, ratios and complex numbers:
/// floats are equal when their bits are.
#[derive(Debug, Clone, Copy)]
pub enum Datum {
    /// A symbol, NIL included.
    Symbol(Symbol),
    /// Any integer that fits 64 bits; a larger one is an [`Object::Big`].
    Fixnum(i64),
    /// A character.
    Char(char),
    /// A single-float (and short-float).
    Single(f32),
    /// A double-float (and long-float).
    Double(f64),
    /// A cons.
    Cons(ConsId),
    /// Anything else.
    Object(ObjectId),
}

impl PartialEq for Datum {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Datum {}

impl std::hash::Hash for Datum {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl From<Symbol> for Datum {
    fn from(symbol: Symbol) -> Self {
        Datum::Symbol(symbol)
    }
}

impl Datum {
    /// The symbol NIL, which is the empty list and false.
    pub const NIL: Datum = Datum::Symbol(Symbol::NIL);
    /// The symbol T.
    pub const T: Datum = Datum::Symbol(Symbol::T);

    /// Variant and bits, by which equality and hashing go.
    fn identity(self) -> (u8, u64) {
        match self {
            Datum::Symbol(symbol) => (0, u64::from(symbol.0)),
            Datum::Fixnum(value) => (1, value as u64),
            Datum::Char(character) => (2, u64::from(character)),
            Datum::Single(value) => (3, u64::from(value.to_bits())),
            Datum::Double(value) => (4, value.to_bits()),
            Datum::Cons(id) => (5, u64::from(id.0)),
            Datum::Object(id) => (6, u64::from(id.0)),
        }
    }

    /// Whether this is NIL.
    pub fn is_nil(self) -> bool {
        self == Self::NIL
    }

    /// Whether this is a cons.
    pub fn is_cons(self) -> bool {
        matches!(self, Datum::Cons(_))
    }

    /// Whether this is a cons or NIL.
    pub fn is_list(self) -> bool {
        self.is_cons() || self.is_nil()
    }

    /// The character, if it is one.
    pub fn as_character(self) -> Option<char> {
        match self {
            Datum::Char(character) => Some(character),
            _ => None,
        }
    }

    /// The symbol, if it is one.
    pub fn as_symbol(self) -> Option<Symbol> {
        match self {
            Datum::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }
}

/// Element type of an array (CLHS 15.1.2.1): the upgraded types of this implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementKind {
    /// Any object.
    T,
    /// `character`.
    Character,
    /// `bit`.
    Bit,
    /// `(unsigned-byte 8)`.
    U8,
    /// `(unsigned-byte 16)`.
    U16,
    /// `(unsigned-byte 32)`.
    U32,
    /// `(signed-byte 32)`.
    S32,
    /// `single-float`.
    F32,
    /// `double-float`.
    F64,
}

/// A simple vector of numbers, unboxed. No reader syntax makes one; they come from the image.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberVector {
    /// Elements of type `(unsigned-byte 8)`.
    U8(Vec<u8>),
    /// Elements of type `(unsigned-byte 16)`.
    U16(Vec<u16>),
    /// Elements of type `(unsigned-byte 32)`.
    U32(Vec<u32>),
    /// Elements of type `(signed-byte 32)`.
    S32(Vec<i32>),
    /// Elements of type `single-float`.
    F32(Vec<f32>),
    /// Elements of type `double-float`.
    F64(Vec<f64>),
}

impl NumberVector {
    /// The elements as data.
    pub fn elements(&self) -> Vec<Datum> {
        fn integers<T: Copy + Into<i64>>(elements: &[T]) -> Vec<Datum> {
            elements.iter().map(|element| Datum::Fixnum((*element).into())).collect()
        }
        match self {
            NumberVector::U8(elements) => integers(elements),
            NumberVector::U16(elements) => integers(elements),
            NumberVector::U32(elements) => integers(elements),
            NumberVector::S32(elements) => integers(elements),
            NumberVector::F32(elements) => elements.iter().copied().map(Datum::Single).collect(),
            NumberVector::F64(elements) => elements.iter().copied().map(Datum::Double).collect(),
        }
    }

    /// A vector of these elements; none if the type is not one of numbers, or an element is not of it.
    pub fn from_elements(kind: ElementKind, elements: &[Datum]) -> Option<Self> {
        fn integers<T: TryFrom<i64>>(elements: &[Datum]) -> Option<Vec<T>> {
            let integer = |element: &Datum| match element {
                Datum::Fixnum(value) => T::try_from(*value).ok(),
                _ => None,
            };
            elements.iter().map(integer).collect()
        }
        let single = |element: &Datum| if let Datum::Single(value) = element { Some(*value) } else { None };
        let double = |element: &Datum| if let Datum::Double(value) = element { Some(*value) } else { None };
        Some(match kind {
            ElementKind::U8 => NumberVector::U8(integers(elements)?),
            ElementKind::U16 => NumberVector::U16(integers(elements)?),
            ElementKind::U32 => NumberVector::U32(integers(elements)?),
            ElementKind::S32 => NumberVector::S32(integers(elements)?),
            ElementKind::F32 => NumberVector::F32(elements.iter().map(single).collect::<Option<_>>()?),
            ElementKind::F64 => NumberVector::F64(elements.iter().map(double).collect::<Option<_>>()?),
            ElementKind::T | ElementKind::Character | ElementKind::Bit => return None,
        })
    }

    /// The element type.
    pub fn kind(&self) -> ElementKind {
        match self {
            NumberVector::U8(_) => ElementKind::U8,
            NumberVector::U16(_) => ElementKind::U16,
            NumberVector::U32(_) => ElementKind::U32,
            NumberVector::S32(_) => ElementKind::S32,
            NumberVector::F32(_) => ElementKind::F32,
            NumberVector::F64(_) => ElementKind::F64,
        }
    }
}

/// A compound object other than a cons.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// An integer that doesn't fit 64 bits.
    Big(BigInt),
    /// A ratio in lowest terms, denominator above 1.
    Ratio(BigRational),
    /// A complex number: real and imaginary part, of one type; never an exact zero as imaginary part.
    Complex(Datum, Datum),
    /// A simple string.
    String(String),
    /// A simple vector.
    Vector(Vec<Datum>),
    /// An array that is not a simple vector of some kind, elements in row-major order.
    Array {
        /// Extent of each dimension; their product is the number of elements.
        dimensions: Vec<usize>,
        /// All elements.
        elements: Vec<Datum>,
        /// Element type; all elements are of it.
        kind: ElementKind,
    },
    /// A simple bit-vector.
    Bits(Vec<bool>),
    /// A simple vector specialised to numbers.
    Numbers(NumberVector),
    /// A pathname, by its namestring.
    Pathname(String),
    /// A structure literal `#S(name slot value …)`: the elements of its list.
    Structure(Vec<Datum>),
    /// A live object of the image that has no reader syntax, by its handle.
    Foreign(u32),
}

impl Object {
    /// The data that the object holds, that may be compound: those of vectors, arrays and structures.
    pub fn parts(&self) -> &[Datum] {
        match self {
            Object::Vector(elements) | Object::Array { elements, .. } | Object::Structure(elements) => elements,
            _ => &[],
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Cons {
    car: Datum,
    cdr: Datum,
    span: Span,
}

/// The arena that owns conses and compound objects.
///
/// ```
/// use clysm_reader::{Datum, Heap};
/// use clysm_report::Span;
///
/// let mut heap = Heap::new();
/// let list = heap.list(&[Datum::Fixnum(1), Datum::Fixnum(2)], Span::NONE);
/// assert_eq!(heap.car(heap.cdr(list)), Datum::Fixnum(2));
/// assert_eq!(heap.proper_list(list), Some(vec![Datum::Fixnum(1), Datum::Fixnum(2)]));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Heap {
    conses: Layered<Cons>,
    objects: Layered<Object>,
    /// Strings that are copies of objects of the image, with those objects' handles, in the order of their places.
    image_strings: Vec<(ObjectId, u32)>,
}

/// A moment of a heap, see [`Heap::mark`].
#[derive(Debug, Clone, Copy)]
pub struct HeapMark {
    conses: usize,
    objects: usize,
}

impl Heap {
    /// The present moment, to which [`Heap::release`] can return.
    pub fn mark(&self) -> HeapMark {
        HeapMark { conses: self.conses.len(), objects: self.objects.len() }
    }

    /// Forgets all data made since a moment. Nobody may have kept any of them: their places are used again.
    pub fn release(&mut self, mark: HeapMark) {
        self.conses.truncate(mark.conses);
        self.objects.truncate(mark.objects);
        let objects = &self.objects;
        self.image_strings.truncate(self.image_strings.partition_point(|(id, _)| (id.0 as usize) < objects.len()));
    }

    /// Has later clones share the data that there are.
    pub fn share(&mut self) {
        self.conses.share();
        self.objects.share();
    }

    /// Makes an empty heap.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a cons; `span` is the source text it stands for.
    pub fn cons(&mut self, car: Datum, cdr: Datum, span: Span) -> Datum {
        let id = ConsId(self.conses.len() as u32);
        self.conses.push(Cons { car, cdr, span });
        Datum::Cons(id)
    }

    /// The index that the next cons gets.
    pub(crate) fn next_cons(&self) -> ConsId {
        ConsId(self.conses.len() as u32)
    }

    /// The index that the next object gets.
    pub(crate) fn next_object(&self) -> ObjectId {
        ObjectId(self.objects.len() as u32)
    }

    /// Makes a proper list whose conses all carry `span`.
    pub fn list(&mut self, elements: &[Datum], span: Span) -> Datum {
        self.list_star(elements, Datum::NIL, span)
    }

    /// Makes a list that ends in `tail`, whose conses all carry `span`.
    pub fn list_star(&mut self, elements: &[Datum], tail: Datum, span: Span) -> Datum {
        elements.iter().rev().fold(tail, |tail, element| self.cons(*element, tail, span))
    }

    /// Adds an object as it is. Numbers are better made by [`Heap::integer`], [`Heap::rational`] and [`Heap::complex`],
    /// which keep them normalised.
    pub fn push(&mut self, object: Object) -> Datum {
        let id = ObjectId(self.objects.len() as u32);
        self.objects.push(object);
        Datum::Object(id)
    }

    /// Makes a simple string.
    pub fn string(&mut self, text: impl Into<String>) -> Datum {
        self.push(Object::String(text.into()))
    }

    /// Makes a copy of a string of the image, for which the codec sends back the handle.
    pub fn image_string(&mut self, text: impl Into<String>, handle: u32) -> Datum {
        self.image_strings.push((self.next_object(), handle));
        self.string(text)
    }

    /// The handle of the image's string that an object is a copy of.
    pub(crate) fn image_handle(&self, id: ObjectId) -> Option<u32> {
        let index = self.image_strings.binary_search_by_key(&id.0, |(known, _)| known.0).ok()?;
        Some(self.image_strings[index].1)
    }

    /// Makes a simple vector.
    pub fn vector(&mut self, elements: Vec<Datum>) -> Datum {
        self.push(Object::Vector(elements))
    }

    /// Makes an integer: a fixnum where it fits.
    pub fn integer(&mut self, value: BigInt) -> Datum {
        match value.to_i64() {
            Some(small) => Datum::Fixnum(small),
            None => self.push(Object::Big(value)),
        }
    }

    /// Makes a rational: an integer where the denominator is 1.
    pub fn rational(&mut self, value: BigRational) -> Datum {
        match value.is_integer() {
            true => self.integer(value.to_integer()),
            false => self.push(Object::Ratio(value)),
        }
    }

    /// Makes a complex number of two real parts (CLHS 12.1.5.3): if one is a float so becomes the other, and an exact zero
    /// imaginary part gives the real part alone. None when a part is not real, or is too large for the other's float format.
    pub fn complex(&mut self, real: Datum, imaginary: Datum) -> Option<Datum> {
        use Datum::{Double, Single};
        let (real, imaginary) = match (real, imaginary) {
            (Single(_), Single(_)) | (Double(_), Double(_)) => (real, imaginary),
            (Double(_), other) => (real, Double(self.to_f64(other)?)),
            (other, Double(_)) => (Double(self.to_f64(other)?), imaginary),
            (Single(_), other) => (real, Single(self.to_f32(other)?)),
            (other, Single(_)) => (Single(self.to_f32(other)?), imaginary),
            _ => {
                let both = self.to_rational(real).zip(self.to_rational(imaginary));
                if both?.1.is_zero() {
                    return Some(real);
                }
                (real, imaginary)
            }
        };
        Some(self.push(Object::Complex(real, imaginary)))
    }

    /// Whether the datum is an integer or a ratio.
    pub fn is_rational(&self, datum: Datum) -> bool {
        match datum {
            Datum::Fixnum(_) => true,
            Datum::Object(id) => matches!(self.get(id), Object::Big(_) | Object::Ratio(_)),
            _ => false,
        }
    }

    /// The value of a rational number, none for other data.
    pub fn to_rational(&self, datum: Datum) -> Option<BigRational> {
        match datum {
            Datum::Fixnum(value) => Some(BigRational::from_integer(value.into())),
            Datum::Object(id) => match self.get(id) {
                Object::Big(value) => Some(BigRational::from_integer(value.clone())),
                Object::Ratio(value) => Some(value.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The double-float nearest to a real number, none for other data and for what is too large.
    pub fn to_f64(&self, datum: Datum) -> Option<f64> {
        match datum {
            Datum::Single(value) => Some(f64::from(value)),
            Datum::Double(value) => Some(value),
            _ => self.to_rational(datum).as_ref().and_then(crate::number::rational_to_f64),
        }
    }

    /// The single-float nearest to a real number, none for other data and for what is too large.
    pub fn to_f32(&self, datum: Datum) -> Option<f32> {
        match datum {
            Datum::Single(value) => Some(value),
            Datum::Double(value) => Some(value as f32).filter(|value| value.is_finite()),
            _ => self.to_rational(datum).as_ref().and_then(crate::number::rational_to_f32),
        }
    }

    /// The car of a cons. NIL for NIL and, as an atom has no parts, for every other atom.
    pub fn car(&self, datum: Datum) -> Datum {
        self.uncons(datum).map_or(Datum::NIL, |(car, _)| car)
    }

    /// The cdr of a cons. NIL for NIL and, as an atom has no parts, for every other atom.
    pub fn cdr(&self, datum: Datum) -> Datum {
        self.uncons(datum).map_or(Datum::NIL, |(_, cdr)| cdr)
    }

    /// The car and cdr of a cons; none for an atom.
    pub fn uncons(&self, datum: Datum) -> Option<(Datum, Datum)> {
        match datum {
            Datum::Cons(id) => {
                let cons = &self.conses[id.0 as usize];
                Some((cons.car, cons.cdr))
            }
            _ => None,
        }
    }

    /// Replaces the car of a cons.
    pub fn set_car(&mut self, cons: ConsId, car: Datum) {
        self.conses[cons.0 as usize].car = car;
    }

    /// Replaces the cdr of a cons.
    pub fn set_cdr(&mut self, cons: ConsId, cdr: Datum) {
        self.conses[cons.0 as usize].cdr = cdr;
    }

    /// Where a cons was read: the first cons of a list spans the whole list, each later one the element it holds. Other
    /// data carry no position: [`Span::NONE`].
    pub fn span(&self, datum: Datum) -> Span {
        match datum {
            Datum::Cons(id) => self.conses[id.0 as usize].span,
            _ => Span::NONE,
        }
    }

    /// Gives a cons another span.
    pub fn set_span(&mut self, cons: ConsId, span: Span) {
        self.conses[cons.0 as usize].span = span;
    }

    /// The object with this index.
    pub fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// The object with this index, to be changed.
    pub fn get_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0 as usize]
    }

    /// The compound object that a datum is, if it is one.
    pub fn object(&self, datum: Datum) -> Option<&Object> {
        match datum {
            Datum::Object(id) => Some(self.get(id)),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn text(&self, datum: Datum) -> Option<&str> {
        match self.object(datum)? {
            Object::String(text) => Some(text),
            _ => None,
        }
    }

    /// The cars of a list, whatever it ends with. Never ends on a circular list: see [`Heap::proper_list`].
    pub fn list_iter(&self, list: Datum) -> ListIter<'_> {
        ListIter { heap: self, rest: list }
    }

    /// The elements of a proper list; none if the datum is an atom other than NIL, a dotted list or a circular one.
    pub fn proper_list(&self, list: Datum) -> Option<Vec<Datum>> {
        let mut elements = Vec::new();
        let mut iter = self.list_iter(list);
        for element in iter.by_ref() {
            elements.push(element);
            if elements.len() > self.conses.len() {
                return None;
            }
        }
        iter.rest().is_nil().then_some(elements)
    }

    /// The number of conses and objects made so far.
    pub fn size(&self) -> usize {
        self.conses.len() + self.objects.len()
    }

    /// Whether two data of this heap have the same structure and equal leaves. Shared or circular structure is fine: two
    /// compound objects met before as a pair count as equal.
    pub fn equal(&self, left: Datum, right: Datum) -> bool {
        let mut seen = crate::hash::NameSet::default();
        let mut pending = vec![(left, right)];
        while let Some((left, right)) = pending.pop() {
            if left == right || !seen.insert((left, right)) {
                continue;
            }
            let same = match (left, right) {
                (Datum::Cons(_), Datum::Cons(_)) => {
                    pending.push((self.car(left), self.car(right)));
                    pending.push((self.cdr(left), self.cdr(right)));
                    true
                }
                (Datum::Object(left), Datum::Object(right)) => {
                    self.same_shape(self.get(left), self.get(right), &mut pending)
                }
                _ => false,
            };
            if !same {
                return false;
            }
        }
        true
    }

    /// Compares two objects except for the data in them, which it adds to `pending`.
    fn same_shape(&self, left: &Object, right: &Object, pending: &mut Vec<(Datum, Datum)>) -> bool {
        let mut pair = |left: &[Datum], right: &[Datum]| {
            pending.extend(left.iter().copied().zip(right.iter().copied()));
            left.len() == right.len()
        };
        match (left, right) {
            (Object::Complex(real, imaginary), Object::Complex(real2, imaginary2)) => {
                pair(&[*real, *imaginary], &[*real2, *imaginary2])
            }
            (Object::Vector(left), Object::Vector(right)) | (Object::Structure(left), Object::Structure(right)) => {
                pair(left, right)
            }
            (
                Object::Array { dimensions, elements, kind },
                Object::Array { dimensions: dimensions2, elements: elements2, kind: kind2 },
            ) => dimensions == dimensions2 && kind == kind2 && pair(elements, elements2),
            (Object::Numbers(left), Object::Numbers(right)) => {
                left.kind() == right.kind() && left.elements() == right.elements()
            }
            _ => left == right,
        }
    }
}

/// Iterator over the cars of a list; afterwards [`ListIter::rest`] is what the list ends with.
#[derive(Debug, Clone)]
pub struct ListIter<'a> {
    heap: &'a Heap,
    rest: Datum,
}

impl ListIter<'_> {
    /// What has not been visited yet; after the last element, NIL for a proper list.
    pub fn rest(&self) -> Datum {
        self.rest
    }
}

impl Iterator for ListIter<'_> {
    type Item = Datum;

    fn next(&mut self) -> Option<Datum> {
        let (car, cdr) = self.heap.uncons(self.rest)?;
        self.rest = cdr;
        Some(car)
    }
}
