//! Lisp values in Rust.

use std::fmt;

use clysm_reader::{Datum, Heap, NumberVector, Object, PackageId, Symbols, prin1};
use clysm_report::Span;
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::Error;

/// A Lisp value. Data travel by value; anything else, such as a function or a hash table, stays in the image and is known by a
/// handle.
///
/// Rust values become Lisp values with [`From`]; back they come with [`FromValue`](crate::FromValue). A value is displayed as `prin1` would
/// print it in the package COMMON-LISP-USER.
///
/// ```
/// use clysm::{FromValue, Value};
///
/// let value = Value::from(vec![1, 2, 3]);
/// assert_eq!(value.to_string(), "(1 2 3)");
/// assert_eq!(Vec::<u8>::from_value(value)?, [1, 2, 3]);
/// assert_eq!(Value::from("say \"a\"").to_string(), r#""say \"a\"""#);
/// assert_eq!(Option::<f64>::from_value(Value::Nil)?, None);
/// assert_eq!(u8::from_value(Value::from(256)).unwrap_err().to_string(), "256 is not of type (INTEGER 0 255)");
/// # Ok::<(), clysm::ConversionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `nil`: the empty list, and false.
    Nil,
    /// Any integer.
    Integer(BigInt),
    /// A ratio.
    Ratio(BigRational),
    /// A single-float.
    Single(f32),
    /// A double-float.
    Double(f64),
    /// A complex number.
    Complex(Box<Value>, Box<Value>),
    /// A character.
    Char(char),
    /// A string.
    String(String),
    /// A symbol: the name of its package, if it has one, and its own.
    Symbol(Option<String>, String),
    /// A list of at least one element, and what follows the last cons: `nil` after a proper list.
    List(Vec<Value>, Box<Value>),
    /// A vector of any objects.
    Vector(Vec<Value>),
    /// A vector of octets, `(simple-array (unsigned-byte 8) (*))`.
    Octets(Vec<u8>),
    /// A vector of numbers of another type, such as `(simple-array double-float (*))`.
    Numbers(NumberVector),
    /// A bit-vector.
    Bits(Vec<bool>),
    /// An object of the image. It stays there as long as the engine.
    Object(Handle),
}

/// The name that one engine gives to an object of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle(u32);

/// Values may be nested this deep, as texts may.
const MAX_DEPTH: usize = clysm_reader::reader::MAX_DEPTH;

/// Values are trees: how often as many parts they may have as there are objects of which they are made. Circles have no end.
const MAX_SHARING: usize = 16;

impl Value {
    /// The proper list of these elements.
    pub fn list(elements: impl IntoIterator<Item = Self>) -> Self {
        let elements: Vec<Self> = elements.into_iter().collect();
        if elements.is_empty() { Self::Nil } else { Self::List(elements, Box::new(Self::Nil)) }
    }

    /// The symbol with exactly this name in that package.
    pub fn symbol(package: impl Into<String>, name: impl Into<String>) -> Self {
        match (package.into().as_str(), name.into()) {
            ("COMMON-LISP", name) if name == "NIL" => Self::Nil,
            (package, name) => Self::Symbol(Some(package.to_owned()), name),
        }
    }

    /// The keyword with exactly this name, such as `"TEST"` for `:test`.
    pub fn keyword(name: impl Into<String>) -> Self {
        Self::symbol("KEYWORD", name)
    }

    /// Whether this is `nil`.
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn from_datum(heap: &Heap, symbols: &Symbols, datum: Datum) -> Result<Self, Error> {
        Decoding { heap, symbols, depth: 0, parts: heap.size().saturating_mul(MAX_SHARING) }.value(datum)
    }

    pub(crate) fn to_datum(&self, heap: &mut Heap, symbols: &mut Symbols) -> Datum {
        match self {
            Self::Nil => Datum::NIL,
            Self::Integer(value) => heap.integer(value.clone()),
            Self::Ratio(value) => heap.rational(value.clone()),
            Self::Single(value) => Datum::Single(*value),
            Self::Double(value) => Datum::Double(*value),
            Self::Complex(real, imaginary) => {
                let (real, imaginary) = (real.to_datum(heap, symbols), imaginary.to_datum(heap, symbols));
                heap.complex(real, imaginary).unwrap_or(real)
            }
            Self::Char(value) => Datum::Char(*value),
            Self::String(text) => heap.string(text.as_str()),
            Self::Symbol(package, name) => match package.as_ref().and_then(|package| symbols.find_package(package)) {
                Some(package) => Datum::Symbol(symbols.intern(package, name)),
                None => Datum::Symbol(symbols.make_uninterned(name)),
            },
            Self::List(elements, tail) => {
                let elements: Vec<Datum> = elements.iter().map(|element| element.to_datum(heap, symbols)).collect();
                let tail = tail.to_datum(heap, symbols);
                heap.list_star(&elements, tail, Span::NONE)
            }
            Self::Vector(elements) => {
                let elements = elements.iter().map(|element| element.to_datum(heap, symbols)).collect();
                heap.vector(elements)
            }
            Self::Octets(octets) => heap.push(Object::Numbers(NumberVector::U8(octets.clone()))),
            Self::Numbers(numbers) => heap.push(Object::Numbers(numbers.clone())),
            Self::Bits(bits) => heap.push(Object::Bits(bits.clone())),
            Self::Object(Handle(handle)) => heap.push(Object::Foreign(*handle)),
        }
    }

    /// The packages that symbols in it are in.
    fn packages<'a>(&'a self, found: &mut Vec<(&'a str, &'a str)>) {
        match self {
            Self::Symbol(Some(package), name) => found.push((package, name)),
            Self::List(elements, tail) => elements.iter().chain([&**tail]).for_each(|element| element.packages(found)),
            Self::Vector(elements) => elements.iter().for_each(|element| element.packages(found)),
            _ => {}
        }
    }
}

/// The elements of a vector of numbers.
pub(crate) fn elements(numbers: &NumberVector) -> Vec<Value> {
    fn values<T: Copy + Into<Value>>(elements: &[T]) -> Vec<Value> {
        elements.iter().map(|element| (*element).into()).collect()
    }
    match numbers {
        NumberVector::U8(elements) => values(elements),
        NumberVector::U16(elements) => values(elements),
        NumberVector::U32(elements) => values(elements),
        NumberVector::S32(elements) => values(elements),
        NumberVector::F32(elements) => values(elements),
        NumberVector::F64(elements) => values(elements),
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Object(Handle(handle)) = self {
            return write!(f, "#<object {handle}>");
        }
        let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
        let mut named = Vec::new();
        self.packages(&mut named);
        for (package, name) in named {
            let package = match symbols.find_package(package) {
                Some(package) => package,
                None => symbols.make_package(package, &[], &[]).map_err(|_| fmt::Error)?,
            };
            if package == PackageId::COMMON_LISP {
                let symbol = symbols.intern(package, name);
                symbols.export(package, &[symbol]).map_err(|_| fmt::Error)?;
            }
        }
        let datum = self.to_datum(&mut heap, &mut symbols);
        f.write_str(&prin1(&heap, &symbols, datum))
    }
}

struct Decoding<'a> {
    heap: &'a Heap,
    symbols: &'a Symbols,
    depth: usize,
    /// How many parts there may be yet.
    parts: usize,
}

impl Decoding<'_> {
    fn value(&mut self, datum: Datum) -> Result<Value, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep { limit: MAX_DEPTH });
        }
        self.count()?;
        self.depth += 1;
        let value = self.nested(datum);
        self.depth -= 1;
        value
    }

    fn count(&mut self) -> Result<(), Error> {
        self.parts = self.parts.checked_sub(1).ok_or(Error::Circular)?;
        Ok(())
    }

    fn nested(&mut self, datum: Datum) -> Result<Value, Error> {
        Ok(match datum {
            Datum::Symbol(_) if datum.is_nil() => Value::Nil,
            Datum::Symbol(symbol) => Value::Symbol(
                self.symbols.package(symbol).map(|package| self.symbols.package_name(package).to_owned()),
                self.symbols.name(symbol).to_owned(),
            ),
            Datum::Fixnum(value) => Value::Integer(value.into()),
            Datum::Char(value) => Value::Char(value),
            Datum::Single(value) => Value::Single(value),
            Datum::Double(value) => Value::Double(value),
            Datum::Cons(_) => {
                let mut elements = Vec::new();
                let mut rest = datum;
                while let Some((car, cdr)) = self.heap.uncons(rest) {
                    self.count()?;
                    elements.push(self.value(car)?);
                    rest = cdr;
                }
                Value::List(elements, Box::new(self.value(rest)?))
            }
            Datum::Object(id) => self.object(self.heap.get(id))?,
        })
    }

    fn object(&mut self, object: &Object) -> Result<Value, Error> {
        Ok(match object {
            Object::Big(value) => Value::Integer(value.clone()),
            Object::Ratio(value) => Value::Ratio(value.clone()),
            Object::Complex(real, imaginary) => {
                Value::Complex(Box::new(self.value(*real)?), Box::new(self.value(*imaginary)?))
            }
            Object::String(text) => Value::String(text.clone()),
            Object::Vector(elements) => Value::Vector(self.values(elements)?),
            Object::Bits(bits) => Value::Bits(bits.clone()),
            Object::Numbers(NumberVector::U8(octets)) => Value::Octets(octets.clone()),
            Object::Numbers(numbers) => Value::Numbers(numbers.clone()),
            Object::Foreign(handle) => Value::Object(Handle(*handle)),
            // What the image sends by value is listed above.
            Object::Array { .. } | Object::Pathname(_) | Object::Structure(_) => {
                return Err(Error::Protocol("an object that has no counterpart"));
            }
        })
    }

    fn values(&mut self, data: &[Datum]) -> Result<Vec<Value>, Error> {
        data.iter().map(|datum| self.value(*datum)).collect()
    }
}
