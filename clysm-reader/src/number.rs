//! Exact conversion of numbers: rationals to floats, rounded to the nearest, ties to even.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::reader::FloatFormat;

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

/// What a token that has the syntax of a number denotes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Numeric {
    Fixnum(i64),
    Integer(BigInt),
    Ratio(BigRational),
    Single(f32),
    Double(f64),
    ZeroDenominator,
    Overflow(FloatFormat),
    Underflow(FloatFormat),
}

/// Interprets a token without escapes as a number (CLHS 2.3.1); none if it hasn't the syntax of one.
pub(crate) fn parse(token: &str, radix: u32, format: FloatFormat) -> Option<Numeric> {
    let bytes = token.as_bytes();
    let first = *bytes.first()?;
    if !matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.') && !(first as char).is_digit(radix) {
        return None;
    }
    let digits = bytes.strip_prefix(b"+").or_else(|| bytes.strip_prefix(b"-")).unwrap_or(bytes);
    let negative = first == b'-';
    match digits.iter().position(|octet| !(*octet as char).is_digit(radix)) {
        _ if digits.is_empty() => None,
        None => Some(integer(digits, radix, negative)),
        Some(end) if digits[end] == b'/' && end > 0 => ratio(&digits[..end], &digits[end + 1..], radix, negative),
        Some(_) => decimal(token, digits, negative, format),
    }
}

fn integer(digits: &[u8], radix: u32, negative: bool) -> Numeric {
    /// Up to this many digits fit an i64 in every radix.
    const SHORT: usize = 12;
    if digits.len() <= SHORT {
        let value = |octet: &u8| (*octet as char).to_digit(radix).map_or(0, i64::from);
        let magnitude = digits.iter().fold(0, |sum, octet| sum * i64::from(radix) + value(octet));
        return Numeric::Fixnum(if negative { -magnitude } else { magnitude });
    }
    let magnitude = BigInt::parse_bytes(digits, radix).unwrap_or_default();
    Numeric::Integer(if negative { -magnitude } else { magnitude })
}

fn ratio(numerator: &[u8], denominator: &[u8], radix: u32, negative: bool) -> Option<Numeric> {
    if denominator.is_empty() || !denominator.iter().all(|octet| (*octet as char).is_digit(radix)) {
        return None;
    }
    let numerator = BigInt::parse_bytes(numerator, radix)?;
    let denominator = BigInt::parse_bytes(denominator, radix)?;
    if denominator.is_zero() {
        return Some(Numeric::ZeroDenominator);
    }
    let value = BigRational::new(numerator, denominator);
    Some(Numeric::Ratio(if negative { -value } else { value }))
}

/// An integer with a decimal point at its end, or a float.
fn decimal(token: &str, digits: &[u8], negative: bool, default: FloatFormat) -> Option<Numeric> {
    let run = |octets: &[u8]| octets.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let whole = run(digits);
    let point = digits.get(whole) == Some(&b'.');
    let fraction = if point { run(&digits[whole + 1..]) } else { 0 };
    let end = whole + usize::from(point) + fraction;
    let mantissa = &digits[..end];
    let Some(marker) = digits.get(end) else {
        // CLHS 2.3.1: a digit after the point makes a float; a point after the digits makes an integer decimal.
        return match (whole, fraction) {
            (_, 1..) => float(token, default, mantissa),
            (1.., 0) if point => Some(integer(&digits[..whole], 10, negative)),
            _ => None,
        };
    };
    let format = match marker {
        b'E' => default,
        b'S' | b'F' => FloatFormat::Single,
        b'D' | b'L' => FloatFormat::Double,
        _ => return None,
    };
    let exponent = &digits[end + 1..];
    let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
    let complete = !exponent.is_empty() && run(exponent) == exponent.len();
    if !complete || whole + fraction == 0 {
        return None;
    }
    let marker_at = token.len() - digits.len() + end;
    let text = format!("{}E{}", &token[..marker_at], &token[marker_at + 1..]);
    float(&text, format, mantissa)
}

/// Reads digits that are known to be well-formed, rounding correctly; tells overflow and underflow.
fn float(text: &str, format: FloatFormat, mantissa: &[u8]) -> Option<Numeric> {
    let (numeric, zero, infinite) = match format {
        FloatFormat::Single => {
            let value: f32 = text.parse().ok()?;
            (Numeric::Single(value), value == 0.0, value.is_infinite())
        }
        FloatFormat::Double => {
            let value: f64 = text.parse().ok()?;
            (Numeric::Double(value), value == 0.0, value.is_infinite())
        }
    };
    let vanished = zero && mantissa.iter().any(|octet| matches!(octet, b'1'..=b'9'));
    Some(match () {
        () if infinite => Numeric::Overflow(format),
        () if vanished => Numeric::Underflow(format),
        () => numeric,
    })
}
