//! Rust values to Lisp values and back.

use num_bigint::BigInt;
use num_rational::BigRational;
use thiserror::Error;

use crate::Value;
use crate::value::elements;

/// A value that is not of the type that a Rust type stands for.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{value} is not of type {expected}")]
pub struct ConversionError {
    /// The value.
    pub value: Box<Value>,
    /// The Lisp type that was expected, as a type specifier in standard syntax.
    pub expected: &'static str,
}

/// A Rust type that Lisp values convert to.
pub trait FromValue: Sized {
    /// Converts a value.
    ///
    /// # Errors
    /// It is not of the type.
    fn from_value(value: Value) -> Result<Self, ConversionError>;
}

fn mismatch<T>(value: Value, expected: &'static str) -> Result<T, ConversionError> {
    Err(ConversionError { value: Box::new(value), expected })
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        Ok(value)
    }
}

/// Integer types and the Lisp types of their ranges.
macro_rules! integers {
    ($($ty:ident $expected:literal;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::Integer(value.into())
            }
        }

        impl FromValue for $ty {
            fn from_value(value: Value) -> Result<Self, ConversionError> {
                match &value {
                    Value::Integer(integer) => match $ty::try_from(integer) {
                        Ok(integer) => Ok(integer),
                        Err(_) => mismatch(value, $expected),
                    },
                    _ => mismatch(value, $expected),
                }
            }
        }

        impl TryFrom<Value> for $ty {
            type Error = ConversionError;

            fn try_from(value: Value) -> Result<Self, ConversionError> {
                Self::from_value(value)
            }
        }
    )*};
}

integers! {
    i8 "(INTEGER -128 127)";
    i16 "(INTEGER -32768 32767)";
    i32 "(INTEGER -2147483648 2147483647)";
    i64 "(INTEGER -9223372036854775808 9223372036854775807)";
    u8 "(INTEGER 0 255)";
    u16 "(INTEGER 0 65535)";
    u32 "(INTEGER 0 4294967295)";
    u64 "(INTEGER 0 18446744073709551615)";
    usize "(INTEGER 0 18446744073709551615)";
}

/// Types that are those of a variant each.
macro_rules! variants {
    ($($ty:ty, $variant:ident, $expected:literal;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value)
            }
        }

        impl FromValue for $ty {
            fn from_value(value: Value) -> Result<Self, ConversionError> {
                match value {
                    Value::$variant(value) => Ok(value),
                    value => mismatch(value, $expected),
                }
            }
        }

        impl TryFrom<Value> for $ty {
            type Error = ConversionError;

            fn try_from(value: Value) -> Result<Self, ConversionError> {
                Self::from_value(value)
            }
        }
    )*};
}

variants! {
    BigInt, Integer, "INTEGER";
    BigRational, Ratio, "RATIO";
    f32, Single, "SINGLE-FLOAT";
    char, Char, "CHARACTER";
    String, String, "STRING";
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

/// From any real number, rounded to the nearest.
impl FromValue for f64 {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        use num_traits::ToPrimitive as _;
        let converted = match &value {
            Value::Double(value) => Some(*value),
            Value::Single(value) => Some((*value).into()),
            Value::Integer(value) => value.to_f64(),
            Value::Ratio(value) => value.to_f64(),
            _ => None,
        };
        converted.map_or_else(|| mismatch(value, "REAL"), Ok)
    }
}

impl TryFrom<Value> for f64 {
    type Error = ConversionError;

    fn try_from(value: Value) -> Result<Self, ConversionError> {
        Self::from_value(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        if value { Self::symbol("COMMON-LISP", "T") } else { Self::Nil }
    }
}

/// A generalized boolean: only `nil` is false.
impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        Ok(!value.is_nil())
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Nil
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// A list.
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        Self::list(elements.into_iter().map(Into::into))
    }
}

/// From a proper list or a vector.
impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        match value {
            Value::Nil => Ok(Self::new()),
            Value::List(elements, tail) if tail.is_nil() => elements.into_iter().map(T::from_value).collect(),
            Value::Vector(elements) => elements.into_iter().map(T::from_value).collect(),
            Value::Octets(octets) => octets.into_iter().map(|octet| T::from_value(octet.into())).collect(),
            Value::Numbers(numbers) => elements(&numbers).into_iter().map(T::from_value).collect(),
            Value::Bits(bits) => bits.into_iter().map(|bit| T::from_value(u8::from(bit).into())).collect(),
            value => mismatch(value, "SEQUENCE"),
        }
    }
}

/// `nil` for none.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}

/// None from `nil`.
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        if value.is_nil() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clysm_reader::NumberVector;

    use super::*;

    #[test]
    fn values_come_back() {
        fn back<T: FromValue + Into<Value> + Clone + PartialEq + std::fmt::Debug>(value: T) {
            assert_eq!(T::from_value(value.clone().into()).unwrap(), value);
        }
        back(-1_i8);
        back(u64::MAX);
        back(i64::MIN);
        back(BigInt::from(3).pow(100));
        back(BigRational::new(1.into(), 3.into()));
        back(1.5_f32);
        back(1e300);
        back('λ');
        back("λ".to_owned());
        back(true);
        back(false);
        back(vec![Some(1), None, Some(3)]);
        back(Vec::<String>::new());
        assert_eq!(Vec::<f64>::from_value(Value::Numbers(NumberVector::F64(vec![1.5, -0.0]))).unwrap(), [1.5, 0.0]);
        assert!(Vec::<u8>::from_value(Value::Numbers(NumberVector::S32(vec![-1]))).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(u8::from_value(Value::from(-1)).unwrap_err().expected, "(INTEGER 0 255)");
        assert_eq!(
            i64::try_from(Value::from(1.0)).unwrap_err().expected,
            i64::from_value(Value::Nil).unwrap_err().expected
        );
        assert_eq!(f64::from_value(Value::from(3)).unwrap(), 3.0);
        assert_eq!(f64::from_value("3".into()).unwrap_err().to_string(), "\"3\" is not of type REAL");
        let dotted = Value::List(vec![1.into()], Box::new(2.into()));
        assert_eq!(Vec::<i32>::from_value(dotted).unwrap_err().to_string(), "(1 . 2) is not of type SEQUENCE");
        assert_eq!(Vec::<i32>::from_value(vec!["x"].into()).unwrap_err().value, Box::new("x".into()));
    }

    #[test]
    fn values_are_displayed_as_they_are_read() {
        let values = Value::list([
            Value::Nil,
            true.into(),
            Value::keyword("TEST"),
            Value::symbol("COMMON-LISP-USER", "foo"),
            Value::symbol("OTHER", "FOO"),
            Value::Symbol(None, "G".to_owned()),
            Value::Vector(vec!['a'.into(), 1.5.into()]),
            Value::Bits(vec![true, false]),
            Value::Numbers(NumberVector::F64(vec![0.5])),
        ]);
        assert_eq!(values.to_string(), "(NIL T :TEST |foo| OTHER::FOO #:G #(#\\a 1.5d0) #*10 #(0.5d0))");
    }
}
