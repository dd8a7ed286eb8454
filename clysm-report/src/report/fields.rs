//! The constrained values in a report.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

/// The digits of a number.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A point in time as RFC 3339 writes it, such as `2026-01-02T03:04:05Z` (JSON Schema format `date-time`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(String);

/// A text that is no RFC 3339 date and time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a date and time of the form 2026-01-02T03:04:05Z")]
pub struct InvalidTimestamp(pub String);

impl Timestamp {
    /// Takes an RFC 3339 date and time.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTimestamp> {
        let text = text.into();
        if is_date_time(text.as_bytes()).is_some() { Ok(Self(text)) } else { Err(InvalidTimestamp(text)) }
    }

    /// The UTC time, to the second, that many seconds after 1970-01-01T00:00:00Z. Times after the year 9999 are given
    /// as its end.
    ///
    /// ```
    /// # use clysm_report::Timestamp;
    /// assert_eq!(Timestamp::from_unix_seconds(951_782_400).as_str(), "2000-02-29T00:00:00Z");
    /// ```
    #[must_use]
    pub fn from_unix_seconds(seconds: u64) -> Self {
        const END_OF_9999: u64 = 253_402_300_799;
        let seconds = seconds.min(END_OF_9999);
        let (year, month, day) = civil_date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        Self(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The Gregorian date a number of days after 1970-01-01. Years are counted from March, so that the leap day ends one.
const fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + (month <= 2) as u64, month, day)
}

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// RFC 3339, section 5.6: `date "T" time`, in either case.
fn is_date_time(text: &[u8]) -> Option<()> {
    let (date, rest) = text.split_at_checked(10)?;
    let (separator, time) = rest.split_first()?;
    (matches!(separator, b'T' | b't') && is_date(date).is_some()).then_some(())?;
    is_time(time)
}

fn is_date(text: &[u8]) -> Option<()> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let (year, month, day) = (number(year)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    ((1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day)).then_some(())
}

fn is_time(text: &[u8]) -> Option<()> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else { return None };
    let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
    let offset = offset_minutes(without_fraction(rest)?)?;
    // A leap second is inserted at 23:59:60 UTC, whatever that is in local time.
    let utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    let leap = second == 60 && utc == 24 * 60 - 1;
    (hour < 24 && minute < 60 && (second < 60 || leap)).then_some(())
}

fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { None } else { fraction.get(digits..) }
}

fn offset_minutes(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            (hours < 24 && minutes < 60).then_some(())?;
            let east = i64::from(hours * 60 + minutes);
            Some(if *sign == b'+' { east } else { -east })
        }
        _ => None,
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        Self::parse(text)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// The identifier of a stage: `stageN-vMAJOR.MINOR`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct StageVersion(String);

/// A text that is no stage identifier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a stage version of the form stage1-v0.1")]
pub struct InvalidStageVersion(pub String);

impl StageVersion {
    /// The pattern of a stage version, as in the JSON Schema.
    pub const PATTERN: &'static str = r"^stage[0-9]+-v[0-9]+\.[0-9]+$";

    /// Takes a text that matches [`StageVersion::PATTERN`].
    ///
    /// # Errors
    /// The text does not match.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidStageVersion> {
        let text = text.into();
        if is_stage_version(&text).is_some() { Ok(Self(text)) } else { Err(InvalidStageVersion(text)) }
    }

    /// The version of a stage.
    #[must_use]
    pub fn new(stage: u32, major: u32, minor: u32) -> Self {
        Self(format!("stage{stage}-v{major}.{minor}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_stage_version(text: &str) -> Option<()> {
    let (stage, version) = text.strip_prefix("stage")?.split_once("-v")?;
    let (major, minor) = version.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(stage) && digits(major) && digits(minor)).then_some(())
}

impl TryFrom<String> for StageVersion {
    type Error = InvalidStageVersion;

    fn try_from(text: String) -> Result<Self, InvalidStageVersion> {
        Self::parse(text)
    }
}

impl JsonSchema for StageVersion {
    fn schema_name() -> Cow<'static, str> {
        "StageVersion".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN })
    }
}

/// A number from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Percent(f64);

/// A number outside of 0 to 100, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{0} is not a percentage from 0 to 100")]
pub struct InvalidPercent(pub f64);

impl Percent {
    /// Takes a number from 0 to 100.
    ///
    /// # Errors
    /// The number is outside of that range, or NaN.
    pub fn new(value: f64) -> Result<Self, InvalidPercent> {
        if (0.0..=100.0).contains(&value) { Ok(Self(value)) } else { Err(InvalidPercent(value)) }
    }

    /// 100 · part / whole; 0 when the whole is 0, for where nothing was attempted nothing succeeded. A part greater
    /// than the whole counts as the whole.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of forms are far below 2^53")]
    pub fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 { Self(0.0) } else { Self(100.0 * (part.min(whole) as f64 / whole as f64)) }
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Percent {
    type Error = InvalidPercent;

    fn try_from(value: f64) -> Result<Self, InvalidPercent> {
        Self::new(value)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100 })
    }
}

/// Reads a JSON Schema `integer` of at least 0: `3.0` is one as well.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Count;

    impl de::Visitor<'_> for Count {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an integer from 0 to 2^64 - 1")
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
            u64::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
        }

        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be an integer in range"
        )]
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<u64, E> {
            const LIMIT: f64 = 18_446_744_073_709_551_616.0; // 2^64
            if value.fract() == 0.0 && (0.0..LIMIT).contains(&value) {
                return Ok(value as u64);
            }
            Err(E::invalid_value(de::Unexpected::Float(value), &self))
        }
    }

    deserializer.deserialize_any(Count)
}

/// Reads an optional property, which may be absent but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_seconds_become_dates() {
        let text = |seconds| Timestamp::from_unix_seconds(seconds).as_str().to_owned();
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(text(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(text(u64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn every_day_is_valid_and_follows_the_one_before() {
        let mut last = String::new();
        for day in (0..2_932_897).step_by(37) {
            let stamp = Timestamp::from_unix_seconds(day * 86_400 + 86_399);
            assert!(Timestamp::parse(stamp.as_str()).is_ok(), "{stamp:?}");
            assert!(stamp.as_str() > last.as_str());
            last = stamp.0;
        }
    }

    #[test]
    fn signs_are_no_digits() {
        assert!(Timestamp::parse("+026-01-02T03:04:05Z").is_err());
        assert!(Timestamp::parse("2026-01-02T+3:04:05Z").is_err());
    }

    #[test]
    fn ratios_never_divide_by_zero() {
        assert_eq!(Percent::ratio(0, 0).value(), 0.0);
        assert_eq!(Percent::ratio(3, 4).value(), 75.0);
        assert_eq!(Percent::ratio(9, 4).value(), 100.0);
        assert!(Percent::new(f64::NAN).is_err());
    }

    #[test]
    fn stage_versions_match_their_pattern() {
        assert_eq!(StageVersion::parse(StageVersion::new(1, 0, 12).as_str()), Ok(StageVersion::new(1, 0, 12)));
    }
}
