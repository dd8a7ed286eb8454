//! Lisp values in Rust.

use clysm_compiler::context::Context;
use clysm_reader::{Datum, Object};
use clysm_report::Span;
use num_bigint::BigInt;
use num_rational::BigRational;

/// A Lisp value. Data travel by value; anything without read syntax, such as a function, is known by a handle.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `nil`, the empty list.
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
    /// A list with its elements, and what follows the last cons.
    List(Vec<Value>, Box<Value>),
    /// A vector.
    Vector(Vec<Value>),
    /// An object of the image.
    Object(u32),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl Value {
    pub(crate) fn from_datum(cx: &Context, datum: Datum) -> Self {
        match datum {
            Datum::Symbol(symbol) if datum.is_nil() => {
                let _ = symbol;
                Self::Nil
            }
            Datum::Symbol(symbol) => Self::Symbol(
                cx.symbols.package(symbol).map(|package| cx.symbols.package_name(package).to_owned()),
                cx.symbols.name(symbol).to_owned(),
            ),
            Datum::Fixnum(value) => Self::Integer(value.into()),
            Datum::Char(value) => Self::Char(value),
            Datum::Single(value) => Self::Single(value),
            Datum::Double(value) => Self::Double(value),
            Datum::Cons(_) => {
                let mut elements = Vec::new();
                let mut rest = datum;
                while let Some((car, cdr)) = cx.heap.uncons(rest) {
                    elements.push(Self::from_datum(cx, car));
                    rest = cdr;
                }
                Self::List(elements, Box::new(Self::from_datum(cx, rest)))
            }
            Datum::Object(id) => match cx.heap.get(id) {
                Object::Big(value) => Self::Integer(value.clone()),
                Object::Ratio(value) => Self::Ratio(value.clone()),
                Object::Complex(real, imaginary) => {
                    Self::Complex(Box::new(Self::from_datum(cx, *real)), Box::new(Self::from_datum(cx, *imaginary)))
                }
                Object::String(text) => Self::String(text.clone()),
                Object::Vector(elements) => {
                    Self::Vector(elements.iter().map(|element| Self::from_datum(cx, *element)).collect())
                }
                Object::Bits(bits) => Self::Vector(bits.iter().map(|bit| Self::from(i64::from(*bit))).collect()),
                Object::Numbers(numbers) => {
                    Self::Vector(numbers.elements().into_iter().map(|element| Self::from_datum(cx, element)).collect())
                }
                Object::Array { elements, .. } => {
                    Self::Vector(elements.iter().map(|element| Self::from_datum(cx, *element)).collect())
                }
                Object::Pathname(name) => Self::String(name.clone()),
                Object::Structure(elements) => {
                    Self::Vector(elements.iter().map(|element| Self::from_datum(cx, *element)).collect())
                }
                Object::Foreign(handle) => Self::Object(*handle),
            },
        }
    }

    pub(crate) fn to_datum(&self, cx: &mut Context) -> Datum {
        match self {
            Self::Nil => Datum::NIL,
            Self::Integer(value) => cx.heap.integer(value.clone()),
            Self::Ratio(value) => cx.heap.rational(value.clone()),
            Self::Single(value) => Datum::Single(*value),
            Self::Double(value) => Datum::Double(*value),
            Self::Complex(real, imaginary) => {
                let (real, imaginary) = (real.to_datum(cx), imaginary.to_datum(cx));
                cx.heap.complex(real, imaginary).unwrap_or(real)
            }
            Self::Char(value) => Datum::Char(*value),
            Self::String(text) => cx.heap.string(text.clone()),
            Self::Symbol(package, name) => {
                match package.as_ref().and_then(|package| cx.symbols.find_package(package)) {
                    Some(package) => Datum::Symbol(cx.symbols.intern(package, name)),
                    None => Datum::Symbol(cx.symbols.make_uninterned(name)),
                }
            }
            Self::List(elements, tail) => {
                let elements: Vec<Datum> = elements.iter().map(|element| element.to_datum(cx)).collect();
                let tail = tail.to_datum(cx);
                cx.heap.list_star(&elements, tail, Span::NONE)
            }
            Self::Vector(elements) => {
                let elements = elements.iter().map(|element| element.to_datum(cx)).collect();
                cx.heap.vector(elements)
            }
            Self::Object(handle) => cx.heap.push(Object::Foreign(*handle)),
        }
    }
}
