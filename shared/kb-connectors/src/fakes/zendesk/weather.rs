//! How it is today: limits, outages, and things that are said and not so.

use super::FakeZendesk;
use super::answer::{Answer, refuse};
use std::collections::BTreeSet;

/// What it is like to call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// As it should be.
    #[default]
    Clear,
    /// It never answers.
    Silent,
    /// Everything is refused, with so many seconds to wait; without a word of them for `None`.
    Busy(Option<u32>),
    /// It is being mended.
    Down,
    /// It answers with pages that are no JSON.
    Broken,
}

/// Something that is said and not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// Listings lead back to where they came from.
    SamePageAgain,
    /// The first page of a listing is empty, and there is more.
    EmptyPage,
    /// The next page lies on another host.
    PageElsewhere,
    /// The export ends a year ahead.
    EndAhead,
    /// The export ends where it began a day before.
    EndBack,
    /// Every second article is missing in listings.
    HalfListed,
    /// There are more than there are.
    MoreCounted,
    /// A good answer that holds an error.
    GoodError,
    /// Articles do not say when they changed.
    NoTimes,
    /// One article of a hundred has no source.
    OneIllegible,
    /// Articles say that they change next year.
    TimesAhead,
}

/// What is kept of it.
#[derive(Default)]
pub(super) struct Skies {
    pub weather: Weather,
    pub lies: BTreeSet<Lie>,
    /// Calls of the account in this minute, and of the export.
    counted: (i64, u32, u32),
    /// Calls in all.
    pub calls: u64,
    /// Calls a minute of the account; 0 for the usual ones.
    pub limit: u32,
}

/// Calls a minute of an account on the smallest plan.
const CALLS: u32 = 200;
/// Calls a minute of the export.
const EXPORTS: u32 = 10;

impl FakeZendesk {
    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().skies.weather = weather;
    }

    /// The weather.
    pub fn weather(&self) -> Weather {
        self.state().skies.weather
    }

    /// Has it say what is not so.
    pub fn lie(&self, lie: Lie) {
        self.state().skies.lies.insert(lie);
    }

    /// Has it say what is so.
    pub fn tell_the_truth(&self) {
        self.state().skies.lies.clear();
    }

    /// How many calls it has answered or refused.
    pub fn calls(&self) -> u64 {
        self.state().skies.calls
    }

    /// Lets the account call so often a minute.
    pub fn set_limit(&self, calls: u32) {
        self.state().skies.limit = calls;
    }

    pub(super) fn lies(&self, lie: Lie) -> bool {
        self.state().skies.lies.contains(&lie)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.state().skies.weather == Weather::Silent
    }

    /// What the weather answers in place of what was asked. Consent pages are fair game as well.
    pub(super) fn under(&self, path: &str) -> Option<Answer> {
        let mut state = self.state();
        state.skies.calls += 1;
        match state.skies.weather {
            Weather::Clear | Weather::Silent => None,
            Weather::Busy(seconds) => {
                let mut answer = refuse(
                    429,
                    "TooManyRequests",
                    "Number of allowed API requests per minute exceeded",
                );
                let wait = seconds.map(|s| ("retry-after", s.to_string()));
                answer.headers.extend(wait);
                Some(answer)
            }
            Weather::Down => Some(refuse(503, "ServiceUnavailable", "Down for maintenance")),
            Weather::Broken => Some(super::answer::page(200, format!("<h1>{path}</h1>"))),
        }
    }

    /// Counts a call of the interface: the headers that say so, or that it is one too many.
    pub(super) fn count(&self, path: &str) -> Result<Vec<(&'static str, String)>, Answer> {
        let now = self.now().unix_seconds();
        let mut state = self.state();
        let skies = &mut state.skies;
        let limit = if skies.limit == 0 { CALLS } else { skies.limit };
        let minute = now.div_euclid(60);
        if skies.counted.0 != minute {
            skies.counted = (minute, 0, 0);
        }
        let is_export = path.starts_with("help_center/incremental/");
        skies.counted.1 += 1;
        skies.counted.2 += u32::from(is_export);
        let left = limit.saturating_sub(skies.counted.1);
        let mut headers = vec![
            ("x-rate-limit", limit.to_string()),
            ("x-rate-limit-remaining", left.to_string()),
            ("ratelimit-reset", (60 - now.rem_euclid(60)).to_string()),
        ];
        if is_export {
            // The export speaks of its own limit.
            headers[0].1 = EXPORTS.to_string();
            headers[1].1 = EXPORTS.saturating_sub(skies.counted.2).to_string();
        }
        let over = skies.counted.1 > limit || is_export && skies.counted.2 > EXPORTS;
        if !over {
            return Ok(headers);
        }
        let mut answer = refuse(
            429,
            "TooManyRequests",
            "Number of allowed API requests per minute exceeded",
        );
        headers.push(("retry-after", (60 - now.rem_euclid(60)).to_string()));
        answer.headers = headers;
        Err(answer)
    }
}
