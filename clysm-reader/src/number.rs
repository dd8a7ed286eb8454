//! Exact conversion of numbers: rationals to floats, rounded to the nearest, ties to even.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// A binary float format: bits of the significand, and the exponents of its least bit.
struct Format {
    precision: i64,
    least_exponent: i64,
    greatest_exponent: i64,
}

const SINGLE: Format = Format { precision: 24, least_exponent: -149, greatest_exponent: 104 };
const DOUBLE: Format = Format { precision: 53, least_exponent: -1074, greatest_exponent: 971 };

/// The nearest double-float; none if the number is too large.
pub(crate) fn rational_to_f64(value: &BigRational) -> Option<f64> {
    let (significand, exponent) = round(value, &DOUBLE)?;
    Some(scale(significand as f64, exponent))
}

/// The nearest single-float; none if the number is too large.
pub(crate) fn rational_to_f32(value: &BigRational) -> Option<f32> {
    let (significand, exponent) = round(value, &SINGLE)?;
    Some(scale(significand as f64, exponent) as f32)
}

/// Multiplies by a power of two in steps that are exact: the result is known to be representable.
fn scale(mut value: f64, mut exponent: i64) -> f64 {
    while exponent > 0 {
        let step = exponent.min(1000);
        value *= 2f64.powi(step as i32);
        exponent -= step;
    }
    while exponent < 0 {
        let step = (-exponent).min(500);
        value /= 2f64.powi(step as i32);
        exponent += step;
    }
    value
}

/// The signed significand and binary exponent of the nearest float of a format; none if too large.
fn round(value: &BigRational, format: &Format) -> Option<(i64, i64)> {
    if value.is_zero() {
        return Some((0, 0));
    }
    let numerator = value.numer().abs();
    let denominator = value.denom();
    // The quotient gets `precision` bits or one more; the exponent never goes below that of the least denormal.
    let length = numerator.bits() as i64 - denominator.bits() as i64;
    let mut exponent = (length - format.precision).max(format.least_exponent);
    let mut significand = divide(&numerator, denominator, exponent);
    if significand.bits() as i64 > format.precision {
        exponent += 1;
        significand = divide(&numerator, denominator, exponent);
    }
    if significand.bits() as i64 > format.precision {
        exponent += 1;
        significand >>= 1;
    }
    if exponent > format.greatest_exponent {
        return None;
    }
    let magnitude = significand.to_i64()?;
    let negative = value.numer().sign() == Sign::Minus;
    Some((if negative { -magnitude } else { magnitude }, exponent))
}

/// numerator / (denominator · 2^exponent), rounded to the nearest integer, ties to even.
fn divide(numerator: &BigInt, denominator: &BigInt, exponent: i64) -> BigInt {
    let (numerator, denominator) = match exponent {
        0.. => (numerator.clone(), denominator << exponent),
        _ => (numerator << -exponent, denominator.clone()),
    };
    let (quotient, remainder) = numerator.div_rem(&denominator);
    match (remainder << 1u32).cmp(&denominator) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Equal if quotient.is_even() => quotient,
        _ => quotient + 1,
    }
}
