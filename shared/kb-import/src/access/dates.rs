//! Days and times as people write them in the head of a text.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use kb_domain::Timestamp;
use std::sync::LazyLock;

/// What a spelling may mean: an instant, or a day that begins and ends in Greenwich.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct When {
    /// From when on it has surely begun.
    pub begun: Timestamp,
    /// From when on it may be over.
    pub over: Timestamp,
}

static ISO: LazyLock<regex::Regex> = LazyLock::new(|| {
    pattern(
        r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$",
    )
});
static EUROPEAN: LazyLock<regex::Regex> =
    LazyLock::new(|| pattern(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$"));
static WORDS: LazyLock<regex::Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})\.?\s*(\d{1,2})?(?:st|nd|rd|th)?,?\s+(\d{4})(?:\s.*)?$",
    )
});
static MONTH: LazyLock<regex::Regex> = LazyLock::new(|| pattern(r"^(\d{4})[-/年](\d{1,2})月?$"));

fn pattern(text: &str) -> regex::Regex {
    regex::Regex::new(text).expect("the pattern is a constant of this file")
}

/// What a spelling of a day or an instant means; `None` for what is neither.
pub(super) fn when(text: &str) -> Option<When> {
    let text = text.trim();
    if let Some(found) = ISO.captures(text) {
        let number = |n: usize| found.get(n).and_then(|m| m.as_str().parse::<i16>().ok());
        let date = date(number(1)?, number(2)?, number(3)?)?;
        let Some(hour) = number(4) else {
            return day(date);
        };
        let small = |n: usize| number(n).unwrap_or(0) as i8;
        let time = Time::new(hour as i8, small(5), small(6), 0).ok()?;
        return instant(date, time, found.get(7).map(|m| m.as_str()));
    }
    if let Some(found) = EUROPEAN.captures(text) {
        let number = |n: usize| found[n].parse::<i16>().ok();
        let (a, b, year) = (number(1)?, number(2)?, number(3)?);
        // Day and month stand in either order: the stricter of both holds.
        let both: Vec<When> = [date(year, b, a), date(year, a, b)]
            .into_iter()
            .flatten()
            .filter_map(day)
            .collect();
        let (first, last) = (both.first()?, both.last()?);
        return Some(When {
            begun: first.begun.max(last.begun),
            over: first.over.min(last.over),
        });
    }
    if let Some(found) = MONTH.captures(text) {
        return day(date(found[1].parse().ok()?, found[2].parse().ok()?, 1)?);
    }
    if let Some(found) = WORDS.captures(text) {
        let number = |n: usize| found.get(n).and_then(|m| m.as_str().parse::<i16>().ok());
        let month = month(&found[2])?;
        let of_month = number(1).or_else(|| number(3)).unwrap_or(1);
        return day(date(number(4)?, month, of_month)?);
    }
    if let Ok(year @ 1_970..=2_199) = text.parse::<i16>() {
        return day(date(year, 1, 1)?);
    }
    // Seconds or milliseconds since 1970, as exports have them.
    let number: i64 = text.parse().ok()?;
    let seconds = match number {
        100_000_000..=9_999_999_999 => number,
        100_000_000_000..=9_999_999_999_999 => number / 1_000,
        _ => return None,
    };
    let at = stamp(jiff::Timestamp::from_second(seconds).ok()?);
    Some(When {
        begun: at,
        over: at,
    })
}

fn month(word: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let short = word.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|m| *m == short)?;
    Some(at as i16 + 1)
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn day(date: Date) -> Option<When> {
    let begins = instant(date, Time::midnight(), None)?;
    let ends = instant(date, Time::new(23, 59, 59, 0).ok()?, None)?;
    Some(When {
        begun: begins.begun,
        over: ends.over,
    })
}

fn instant(date: Date, time: Time, zone: Option<&str>) -> Option<When> {
    let at = |offset: Offset| Some(stamp(offset.to_timestamp(date.to_datetime(time)).ok()?));
    let Some(zone) = zone else {
        let at = at(Offset::UTC)?;
        return Some(When {
            begun: at,
            over: at,
        });
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2).unwrap_or(("0", "0"));
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let at = at(Offset::from_seconds(sign * seconds).ok()?)?;
    Some(When {
        begun: at,
        over: at,
    })
}

fn stamp(at: jiff::Timestamp) -> Timestamp {
    Timestamp(at.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2031-02-03", "2031-02-03T00:00:00"),
            ("2031/2/3", "2031-02-03T00:00:00"),
            ("2031年2月3日", "2031-02-03T00:00:00"),
            ("3.2.2031", "2031-03-02T00:00:00"),
            ("Feb 3, 2031", "2031-02-03T00:00:00"),
            ("3rd February 2031", "2031-02-03T00:00:00"),
            ("Mon, 3 Feb 2031 10:00:00 GMT", "2031-02-03T00:00:00"),
            ("February 2031", "2031-02-01T00:00:00"),
            ("2031-02-03 10:00:00 +0800", "2031-02-03T02:00:00"),
            ("2031-02-03T10:00:00.123Z", "2031-02-03T10:00:00"),
            ("1927756800", "2031-02-02T00:00:00"),
            ("1927756800000", "2031-02-02T00:00:00"),
        ] {
            let found = when(text).unwrap_or_else(|| panic!("{text}"));
            assert!(
                found.begun.to_string().starts_with(expected),
                "{text}: {found:?}"
            );
        }
        for text in ["soon", "2031-13-01", "5", "true", "Version 3", "1.2.3"] {
            assert_eq!(when(text), None, "{text}");
        }
    }
}
