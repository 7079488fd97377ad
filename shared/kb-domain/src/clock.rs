//! Time and ids come from outside: the traits that carry them in.

use crate::error::Error;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A moment: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// ArticleWithTexts seconds since 1970, as expiry times are stored.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Microseconds since 1970 as an unsigned number; a moment before 1970 is 0.
    pub fn micros(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// The moment `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The UTC day as `2026-11-24`, as event keys carry it.
    pub fn day(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment =
            jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let mut text = String::with_capacity(27);
        DateTimePrinter::new()
            .print_timestamp(&moment, &mut text)
            .map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|_| Error::Malformed {
                what: "time",
                detail: format!(
                    "\"{}\" is not an RFC 3339 time such as 2026-11-24T08:00:00Z",
                    clip(text)
                ),
            })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The first forty characters, for an error message that quotes input.
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Where a handler asks what time it is, once per request.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where new ids come from.
pub trait IdGen: Send + Sync {
    /// A new UUIDv7: sorts by the time it was made, and cannot be guessed.
    fn uuid(&self) -> uuid::Uuid;

    /// Sixteen bytes that cannot be guessed, for secrets.
    fn secret(&self) -> [u8; 32];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_read_and_write_rfc_3339() {
        let t: Timestamp = "2026-11-22T07:00:00Z".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-22T07:00:00Z");
        assert_eq!(t.day(), "2026-11-22");
        let u: Timestamp = "2026-11-22T15:00:00.25+08:00".parse().unwrap();
        assert_eq!(u.to_string(), "2026-11-22T07:00:00.25Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
