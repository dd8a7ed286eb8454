//! The code in which the arguments and answers of tools travel. `lisp/runtime/tools.lisp` documents it; it refers to nothing outside
//! of a message, so that it is the same for images and for standalone modules.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use thiserror::Error;

use crate::value::elements;
use crate::{Failure, Value};

/// Octets that are no message of a program: those come from the library's own code, but a program may call that as it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the arguments of a tool are too large, or not encoded as they should be")]
pub struct Malformed;

/// Values may be nested this deep. The library's own limit is lower.
const MAX_DEPTH: usize = 1000;

/// A message may have this many octets and values: each value takes many times the room of its octets.
const MAX_OCTETS: usize = 64 << 20;
const MAX_VALUES: usize = 1 << 20;

/// The integers that are fixnums.
const FIXNUMS: std::ops::RangeInclusive<i64> = -(1 << 30)..=(1 << 30) - 1;

/// The arguments of a call.
///
/// # Errors
/// The octets are no list of arguments.
pub fn decode_arguments(octets: &[u8]) -> Result<Vec<Value>, Malformed> {
    if octets.len() > MAX_OCTETS {
        return Err(Malformed);
    }
    let mut decoder = Decoder { rest: octets, depth: 0, values: MAX_VALUES };
    let count = decoder.number()?;
    let arguments = decoder.values(count)?;
    if decoder.rest.is_empty() { Ok(arguments) } else { Err(Malformed) }
}

/// What a tool answers.
pub enum Answer<'a> {
    /// A value, or why there is none.
    Returned(&'a Result<Value, Failure>),
    /// The call is not permitted, and why.
    Denied(&'a str),
}

/// The octets of an answer.
#[must_use]
pub fn encode_answer(answer: &Answer<'_>) -> Vec<u8> {
    let mut encoder = Encoder { octets: Vec::with_capacity(256) };
    match answer {
        Answer::Returned(Ok(value)) => {
            encoder.octets.push(0);
            encoder.value(value);
        }
        Answer::Returned(Err(Failure::Error(text))) => {
            encoder.octets.push(1);
            encoder.string(text);
        }
        Answer::Returned(Err(Failure::Type(error))) => {
            encoder.octets.push(2);
            encoder.value(&error.value);
            encoder.value(&crate::functions::type_value(error.expected));
        }
        Answer::Denied(text) => {
            encoder.octets.push(3);
            encoder.string(text);
        }
    }
    encoder.octets
}

struct Encoder {
    octets: Vec<u8>,
}

impl Encoder {
    fn number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.octets.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.octets.push(number as u8);
    }

    fn string(&mut self, text: &str) {
        self.number(text.len());
        self.octets.extend_from_slice(text.as_bytes());
    }

    fn tagged(&mut self, tag: u8, count: usize) {
        self.octets.push(tag);
        self.number(count);
    }

    fn integer(&mut self, value: &BigInt) {
        if let Some(fixnum) = i64::try_from(value).ok().filter(|value| FIXNUMS.contains(value)) {
            let zigzag = (fixnum << 1) ^ (fixnum >> 63);
            return self.tagged(2, zigzag as usize);
        }
        let (sign, digits) = value.to_u32_digits();
        self.octets.extend([12, u8::from(sign == Sign::Minus)]);
        self.number(digits.len());
        for digit in digits {
            self.octets.extend(digit.to_le_bytes());
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.octets.push(0),
            Value::Integer(value) => self.integer(value),
            Value::Ratio(value) => {
                self.octets.push(13);
                self.integer(value.numer());
                self.integer(value.denom());
            }
            Value::Single(value) => {
                self.octets.push(10);
                self.octets.extend(value.to_bits().to_le_bytes());
            }
            Value::Double(value) => {
                self.octets.push(11);
                self.octets.extend(value.to_bits().to_le_bytes());
            }
            Value::Complex(real, imaginary) => {
                self.octets.push(14);
                self.value(real);
                self.value(imaginary);
            }
            Value::Char(value) => self.tagged(3, *value as usize),
            Value::String(text) => {
                self.octets.push(9);
                self.string(text);
            }
            Value::Symbol(package, name) => self.symbol(package.as_deref(), name),
            Value::List(elements, tail) => {
                self.tagged(if tail.is_nil() { 5 } else { 6 }, elements.len());
                elements.iter().for_each(|element| self.value(element));
                if !tail.is_nil() {
                    self.value(tail);
                }
            }
            Value::Vector(elements) => {
                self.tagged(15, elements.len());
                elements.iter().for_each(|element| self.value(element));
            }
            Value::Bits(bits) => {
                self.tagged(16, bits.len());
                self.octets.extend(bits.iter().map(|bit| u8::from(*bit)));
            }
            Value::Octets(octets) => {
                self.tagged(17, octets.len());
                self.octets.extend_from_slice(octets);
            }
            Value::Numbers(numbers) => self.value(&Value::Vector(elements(numbers))),
            // An object of an engine's image means nothing in this one: it arrives as what it is printed as.
            Value::Object(_) => {
                self.octets.push(9);
                self.string(&value.to_string());
            }
        }
    }

    fn symbol(&mut self, package: Option<&str>, name: &str) {
        match (package, name) {
            (Some("COMMON-LISP"), "T") => self.octets.push(1),
            (Some("KEYWORD"), name) => {
                self.octets.push(7);
                self.string(name);
            }
            (package, name) => {
                self.octets.push(8);
                self.string(package.unwrap_or_default());
                self.string(name);
            }
        }
    }
}

struct Decoder<'a> {
    rest: &'a [u8],
    depth: usize,
    /// How many values there may be yet.
    values: usize,
}

impl<'a> Decoder<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    fn octet(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[octet]| octet)
    }

    fn number(&mut self) -> Result<usize, Malformed> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let octet = self.octet()?;
            number |= u64::from(octet & 0x7f) << shift;
            if octet < 0x80 {
                return usize::try_from(number).map_err(|_| Malformed);
            }
        }
        Err(Malformed)
    }

    fn string(&mut self) -> Result<String, Malformed> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).map(str::to_owned).map_err(|_| Malformed)
    }

    fn values(&mut self, count: usize) -> Result<Vec<Value>, Malformed> {
        // Each takes an octet at least.
        let mut values = Vec::with_capacity(count.min(self.rest.len()));
        for _ in 0..count {
            values.push(self.value()?);
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<Value, Malformed> {
        self.values = self.values.checked_sub(1).ok_or(Malformed)?;
        if self.depth == MAX_DEPTH {
            return Err(Malformed);
        }
        self.depth += 1;
        let value = self.nested();
        self.depth -= 1;
        value
    }

    fn nested(&mut self) -> Result<Value, Malformed> {
        Ok(match self.octet()? {
            0 => Value::Nil,
            1 => Value::symbol("COMMON-LISP", "T"),
            2 => {
                let zigzag = self.number()? as u64;
                Value::Integer(((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)).into())
            }
            3 => u32::try_from(self.number()?).ok().and_then(char::from_u32).map(Value::Char).ok_or(Malformed)?,
            tag @ (5 | 6) => {
                let count = self.number()?;
                let elements = self.values(count)?;
                let tail = if tag == 6 { self.value()? } else { Value::Nil };
                if elements.is_empty() { tail } else { Value::List(elements, Box::new(tail)) }
            }
            7 => Value::Symbol(Some("KEYWORD".to_owned()), self.string()?),
            8 => {
                let package = self.string()?;
                Value::Symbol(Some(package).filter(|package| !package.is_empty()), self.string()?)
            }
            9 => Value::String(self.string()?),
            10 => Value::Single(f32::from_le_bytes(self.array()?)),
            11 => Value::Double(f64::from_le_bytes(self.array()?)),
            12 => Value::Integer(self.bignum()?),
            13 => self.ratio()?,
            14 => Value::Complex(Box::new(self.value()?), Box::new(self.value()?)),
            15 => {
                let count = self.number()?;
                Value::Vector(self.values(count)?)
            }
            16 => {
                let count = self.number()?;
                Value::Bits(self.take(count)?.iter().map(|bit| *bit != 0).collect())
            }
            17 => {
                let count = self.number()?;
                Value::Octets(self.take(count)?.to_vec())
            }
            _ => return Err(Malformed),
        })
    }

    fn bignum(&mut self) -> Result<BigInt, Malformed> {
        let sign = if self.octet()? == 0 { Sign::Plus } else { Sign::Minus };
        let count = self.number()?;
        let octets = self.take(count.checked_mul(4).ok_or(Malformed)?)?;
        Ok(BigInt::from_bytes_le(sign, octets))
    }

    fn ratio(&mut self) -> Result<Value, Malformed> {
        match (self.value()?, self.value()?) {
            (Value::Integer(numerator), Value::Integer(denominator)) if denominator.sign() != Sign::NoSign => {
                Ok(Value::Ratio(BigRational::new(numerator, denominator)))
            }
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Nil),
            Just(Value::symbol("COMMON-LISP", "T")),
            any::<i32>().prop_map(Value::from),
            any::<i128>().prop_map(|value| Value::Integer(value.into())),
            (any::<i64>(), 2..1000_i64).prop_map(|(numerator, denominator)| {
                let ratio = BigRational::new(numerator.into(), denominator.into());
                if ratio.is_integer() { Value::Integer(ratio.to_integer()) } else { Value::Ratio(ratio) }
            }),
            prop::num::f32::NORMAL.prop_map(Value::Single),
            prop::num::f64::NORMAL.prop_map(Value::Double),
            any::<char>().prop_map(Value::Char),
            ".*".prop_map(Value::String),
            "[A-Z]{1,8}".prop_map(Value::keyword),
            "[A-Z]{1,8}".prop_map(|name| Value::symbol("P", name)),
            "[A-Z]{1,8}".prop_map(|name| Value::Symbol(None, name)),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Octets),
            prop::collection::vec(any::<bool>(), 0..9).prop_map(Value::Bits),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Vector),
                (prop::collection::vec(inner, 1..4), any::<i32>())
                    .prop_map(|(elements, tail)| Value::List(elements, Box::new(tail.into()))),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_come_back(value in values()) {
            let octets = encode_answer(&Answer::Returned(&Ok(value.clone())));
            prop_assert_eq!(octets[0], 0);
            let mut arguments = vec![1];
            arguments.extend_from_slice(&octets[1..]);
            prop_assert_eq!(decode_arguments(&arguments).unwrap(), [value]);
        }

        #[test]
        fn octets_that_are_no_arguments_are_refused(octets in prop::collection::vec(any::<u8>(), 0..60)) {
            // Whatever comes, there is an answer.
            let _ = decode_arguments(&octets);
        }
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        assert_eq!(decode_arguments(&[]), Err(Malformed));
        assert_eq!(decode_arguments(&[1, 9, 5, b'a']), Err(Malformed));
        assert_eq!(decode_arguments(&[0, 0]), Err(Malformed));
        let deep: Vec<u8> = [1].into_iter().chain([5, 1].repeat(2000)).chain([0]).collect();
        assert_eq!(decode_arguments(&deep), Err(Malformed));
    }
}
