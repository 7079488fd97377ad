//! How often somebody may do something: counted in the table, so that all programs of a base count together, and leased in small
//! portions, so that few requests write.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use kb_domain::Clock;
use kb_store::{Table, TableName, keys};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A window is known for so long after its end, in seconds: programs whose clocks differ a little still count in it.
const KEPT_SECONDS: i64 = 60;
/// Leases that one program remembers; of those that it forgets the rest is lost, and nobody gets more.
const LEASES_MAX: usize = 10_000;
/// Portions in which a limit is leased, and the largest of them.
const PORTIONS: u32 = 20;
const PORTION_MAX: u32 = 50;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Tries of a secret: codes of links, bearers that nobody has. By address.
    Guess,
    /// Changes by somebody who is signed in. By person.
    Write,
    /// Requests of a program, by key; those of a frame that nobody is signed in to yet, by address.
    Key,
    /// What reads a whole collection at once. By whoever asks.
    Export,
    /// Changes by somebody who is not signed in. By address.
    AnonymousWrite,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 5] = [
        Self::Guess,
        Self::Write,
        Self::Key,
        Self::Export,
        Self::AnonymousWrite,
    ];

    /// Its name, in settings, headers and rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::Write => "write",
            Self::Key => "key",
            Self::Export => "export",
            Self::AnonymousWrite => "anonymous-write",
        }
    }
}

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: u32,
    /// In how many seconds.
    pub seconds: u32,
}

impl Limit {
    /// What one program takes at once: all of a small limit is counted one by one.
    fn portion(self, class: Class) -> u32 {
        match class {
            Class::Guess => 1,
            _ => (self.most / PORTIONS).clamp(1, PORTION_MAX),
        }
    }
}

/// The limits of a base; a class that is not in it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(Vec<(Class, Limit)>);

impl Limits {
    /// What holds when nobody says otherwise.
    pub const DEFAULT: &'static str =
        "guess=10/min write=120/min key=600/min export=5/h anonymous-write=10/h";

    /// Reads limits such as `key=600/min`, separated by spaces, above those of [`Limits::DEFAULT`]; `key=off` takes one away, and
    /// `off` alone all of them. Errors: every word that says nothing.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut limits = Self::default();
        if text.trim() == "off" {
            return Ok(limits);
        }
        let mut faults = Vec::new();
        for word in Self::DEFAULT.split(' ').chain(text.split_whitespace()) {
            match limit(word) {
                Some((class, limit)) => {
                    limits.0.retain(|(c, _)| *c != class);
                    limits.0.extend(limit.map(|limit| (class, limit)));
                }
                None => faults.push(format!(
                    "\"{word}\" is neither off nor a limit such as key=600/min, of {}, in s, min or h",
                    Class::ALL.map(Class::name).join(", ")
                )),
            }
        }
        if faults.is_empty() {
            Ok(limits)
        } else {
            Err(faults)
        }
    }

    fn of(&self, class: Class) -> Option<Limit> {
        let found = self.0.iter().find(|(c, _)| *c == class);
        found.map(|(_, limit)| *limit)
    }
}

fn limit(word: &str) -> Option<(Class, Option<Limit>)> {
    let (name, said) = word.split_once('=')?;
    let class = Class::ALL.into_iter().find(|c| c.name() == name)?;
    if said == "off" {
        return Some((class, None));
    }
    let (most, unit) = said.split_once('/')?;
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        _ => return None,
    };
    let most = most.parse().ok().filter(|n| (1..=1_000_000).contains(n))?;
    Some((class, Some(Limit { most, seconds })))
}

/// Where somebody stands in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    class: Class,
    limit: Limit,
    left: u32,
    reset_seconds: i64,
}

impl Standing {
    /// The headers that tell a program about it: `RateLimit-Policy` and `RateLimit`, as the draft of the HTTP working group names
    /// them.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let (name, Limit { most, seconds }) = (self.class.name(), self.limit);
        let policy = format!("\"{name}\";q={most};w={seconds}");
        let standing = format!("\"{name}\";r={};t={}", self.left, self.reset_seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", standing)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    /// The same, and when to come again.
    pub(crate) fn tell_to_wait(&self, headers: &mut HeaderMap) {
        self.tell(headers);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(self.reset_seconds));
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { most, seconds } = self.limit;
        let (n, unit) = match seconds {
            3_600 => (1, "hour"),
            60 => (1, "minute"),
            n => (n, "seconds"),
        };
        let wait = self.reset_seconds;
        write!(
            f,
            "at most {most} of these in {n} {unit}; try again in {wait} seconds"
        )
    }
}

/// What became of a wish to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nobody counts it.
    Free,
    /// It is counted, and may be done.
    Counted(Standing),
    /// There was too much of it.
    Over(Standing),
    /// The table does not answer.
    Unknown,
}

/// Counts what is done.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    leases: Mutex<HashMap<(Class, String), Lease>>,
}

/// What this program may still let somebody do in a window without asking the table.
#[derive(Clone, Copy, Default)]
struct Lease {
    window: i64,
    left: u32,
    /// What nobody has taken yet, when it was last asked for.
    untaken: u32,
}

impl Limiter {
    /// Counts in this table. Programs on one table count together.
    pub fn new(table: Arc<dyn Table>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            table,
            clock,
            limits,
            leases: Mutex::default(),
        }))
    }

    /// Takes one of what `who` may do.
    pub async fn take(&self, class: Class, who: &str) -> Taken {
        let Some(limit) = self.0.limits.of(class) else {
            return Taken::Free;
        };
        let at = self.0.clock.now();
        let (now, length) = (at.unix_seconds(), i64::from(limit.seconds));
        let window = now.div_euclid(length);
        let standing = |left: u32| Standing {
            class,
            limit,
            left,
            reset_seconds: (window + 1) * length - now,
        };
        let name = (class, who.to_owned());
        if let Some(lease) = self.known(&name, window) {
            if lease.left > 0 {
                return Taken::Counted(standing(lease.left - 1 + lease.untaken));
            }
            if lease.untaken == 0 {
                return Taken::Over(standing(0));
            }
        }
        let portion = limit.portion(class);
        let key = keys::rate(class.name(), who, window);
        let expires = (window + 1) * length + KEPT_SECONDS;
        let (table, now_us) = (TableName::Log, at.micros());
        let counted = self
            .0
            .table
            .add_get(table, &key, portion.into(), now_us, expires);
        let count = match counted.await {
            Ok(count) => u32::try_from(count).unwrap_or(u32::MAX),
            Err(error) => {
                tracing::warn!(%error, class = class.name(), "requests cannot be counted");
                return Taken::Unknown;
            }
        };
        let untaken = limit.most.saturating_sub(count);
        let mine = portion.min(limit.most.saturating_sub(count - portion.min(count)));
        self.lease(name, window, mine, untaken);
        if mine == 0 {
            return Taken::Over(standing(0));
        }
        Taken::Counted(standing(mine - 1 + untaken))
    }

    /// The lease of this window, of which one was taken if there was one.
    fn known(&self, name: &(Class, String), window: i64) -> Option<Lease> {
        let mut leases = self.leases();
        let lease = leases
            .get_mut(name)
            .filter(|lease| lease.window == window)?;
        let before = *lease;
        lease.left = lease.left.saturating_sub(1);
        Some(before)
    }

    /// Notes a portion of which the first is taken.
    fn lease(&self, name: (Class, String), window: i64, mine: u32, untaken: u32) {
        let mut leases = self.leases();
        if leases.len() >= LEASES_MAX && !leases.contains_key(&name) {
            leases.clear();
        }
        let lease = leases.entry(name).or_default();
        if lease.window != window {
            *lease = Lease::default();
        }
        lease.window = window;
        lease.left += mine.saturating_sub(1);
        lease.untaken = untaken;
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<(Class, String), Lease>> {
        self.0.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_above_those_that_hold_anyway() {
        let limits = Limits::parse("").unwrap();
        for class in Class::ALL {
            assert!(limits.of(class).is_some(), "{class:?}");
        }
        let key = |text: &str| Limits::parse(text).unwrap().of(Class::Key);
        let ten_a_second = Limit {
            most: 10,
            seconds: 1,
        };
        assert_eq!(key("key=10/s"), Some(ten_a_second));
        assert_eq!(key("key=off"), None);
        assert_eq!(key("guess=1/h"), key(""));
        assert_eq!(Limits::parse("off").unwrap(), Limits::default());
        for bad in [
            "key",
            "key=0/min",
            "key=5/day",
            "keys=5/min",
            "key=-1/s",
            "key=5",
            "on",
        ] {
            let faults = Limits::parse(bad).unwrap_err();
            assert!(
                faults[0].contains(bad) && faults[0].contains("anonymous-write"),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn the_headers_say_what_is_left_and_when_to_come_again() {
        let mut headers = HeaderMap::new();
        let limit = Limit {
            most: 600,
            seconds: 60,
        };
        let standing = Standing {
            class: Class::Key,
            limit,
            left: 7,
            reset_seconds: 12,
        };
        standing.tell_to_wait(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"key\";q=600;w=60");
        assert_eq!(headers["ratelimit"], "\"key\";r=7;t=12");
        assert_eq!(headers["retry-after"], "12");
        assert_eq!(
            standing.to_string(),
            "at most 600 of these in 1 minute; try again in 12 seconds"
        );
    }

    #[test]
    fn a_large_limit_is_leased_in_portions_and_guesses_one_by_one() {
        let portion = |class, most| Limit { most, seconds: 60 }.portion(class);
        assert_eq!(portion(Class::Key, 600), 30);
        assert_eq!(portion(Class::Key, 1_000_000), 50);
        assert_eq!(portion(Class::Write, 10), 1);
        assert_eq!(portion(Class::Guess, 1_000), 1);
    }
}
