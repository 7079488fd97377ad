//! How long they ask us to wait, in whatever way they say it.

use http::HeaderMap;
use jiff::fmt::rfc2822::DateTimeParser;
use kb_domain::Timestamp;

/// What is waited when they say nothing.
const UNSAID_SECONDS: i64 = 60;
/// The longest wait; then they are asked again, whatever they said.
const LONGEST_SECONDS: i64 = 3_600;

/// The text of a header.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name).and_then(|v| v.to_str().ok());
    value.map(str::trim).filter(|v| !v.is_empty())
}

/// When the answer was made, by their clock (RFC 9110, 6.6.1).
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(header(headers, "date")?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    let parsed = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Timestamp(parsed.as_microsecond()))
}

/// Until when nothing is sent. `Retry-After` is whole seconds or a date (RFC 9110, 10.2.3), and in the wild a fraction as well. A date
/// is read by their clock, so that a difference between the clocks does not count.
pub(super) fn retry_at(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let said = header(headers, "retry-after").and_then(|text| {
        let seconds: Option<f64> = text.parse().ok().filter(|s: &f64| s.is_finite());
        seconds.map(|s| s.ceil() as i64).or_else(|| {
            let theirs = date(headers).unwrap_or(now);
            Some(http_date(text)?.unix_seconds() - theirs.unix_seconds())
        })
    });
    let seconds = said.unwrap_or(UNSAID_SECONDS).clamp(1, LONGEST_SECONDS);
    now.plus_seconds(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_795_507_200_000_000);

    fn wait(retry_after: Option<&str>, date: Option<&str>) -> i64 {
        let mut headers = HeaderMap::new();
        for (name, value) in [("retry-after", retry_after), ("date", date)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        retry_at(&headers, NOW).unix_seconds() - NOW.unix_seconds()
    }

    #[test]
    fn every_way_of_saying_it_is_read_and_none_is_a_minute() {
        for (said, seconds) in [
            (None, 60),
            (Some("7"), 7),
            (Some("0"), 1),
            (Some("-5"), 1),
            (Some("1.5"), 2),
            (Some("86400"), 3_600),
            (Some("soon"), 60),
            (Some("NaN"), 60),
            (Some("Tue, 24 Nov 2026 08:00:30 GMT"), 30),
            (Some("Tue, 24 Nov 2026 07:00:00 GMT"), 1),
        ] {
            assert_eq!(wait(said, None), seconds, "{said:?}");
        }
    }

    #[test]
    fn a_date_is_read_by_their_clock() {
        let ten_minutes_ahead = Some("Tue, 24 Nov 2026 08:10:00 GMT");
        let until = Some("Tue, 24 Nov 2026 08:10:45 GMT");
        assert_eq!(wait(until, ten_minutes_ahead), 45);
    }

    proptest! {
        #[test]
        fn whatever_they_say_the_wait_has_an_end(said in "[ -~]{0,40}", date in "[ -~]{0,40}") {
            prop_assert!((1..=3_600).contains(&wait(Some(&said), Some(&date))));
        }
    }
}
