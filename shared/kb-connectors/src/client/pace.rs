//! How often we call: at most half of what they let the whole account do, and for work that nobody waits for what the rest leaves.
//!
//! Calls are counted by the minute in rows of the log, so that every process of ours shares one count. What they said of their limits,
//! and that they asked us to wait, is known to the process that heard it; another one hears it with its next call.

use super::waits::{header, retry_at};
use crate::port::Fault;
use crate::vendors::{Allowance, LimitHeaders};
use http::HeaderMap;
use kb_domain::{ConnectionId, Timestamp};
use kb_store::{Store, TableName, keys};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Whether somebody waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Somebody does.
    Live,
    /// Nobody does: it takes what is left, and never all of it.
    Bulk,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Bulk => "bulk",
        }
    }
}

/// What was heard of an allowance.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Calls a minute that are ours.
    calls: Option<u32>,
    /// They asked us to wait until then.
    busy_until: Option<Timestamp>,
}

/// The pace of one connection.
pub struct Pace {
    store: Store,
    connection: ConnectionId,
    allowances: &'static [Allowance],
    limits: LimitHeaders,
    heard: Mutex<BTreeMap<&'static str, Heard>>,
}

impl Pace {
    /// The pace of a connection to a system with these allowances.
    pub fn new(
        store: Store,
        connection: ConnectionId,
        allowances: &'static [Allowance],
        limits: LimitHeaders,
    ) -> Self {
        Self {
            store,
            connection,
            allowances,
            limits,
            heard: Mutex::default(),
        }
    }

    /// Takes one call. Errors: [`Fault::Busy`], as they asked us to wait or the minute is full.
    pub(super) async fn take(
        &self,
        bucket: &'static str,
        class: Class,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let heard = self.heard(bucket);
        if let Some(until) = heard.busy_until.filter(|until| now < *until) {
            return Err(Fault::Busy(until));
        }
        let calls = heard.calls.unwrap_or_else(|| self.calls(bucket));
        let taken = self.count(bucket, class, now).await?;
        let most = match class {
            Class::Live => calls,
            Class::Bulk => {
                let live = self.counted(bucket, Class::Live, now).await?;
                (calls * 4 / 5).min(calls.saturating_sub(live))
            }
        };
        if taken <= most {
            return Ok(());
        }
        let next_minute = (now.unix_seconds().div_euclid(60) + 1) * 60;
        Err(Fault::Busy(Timestamp(next_minute * 1_000_000)))
    }

    /// Hears what an answer says of limits.
    pub(super) fn hear(&self, bucket: &'static str, headers: &HeaderMap, now: Timestamp) {
        let number = |name: &str| header(headers, name)?.parse::<u32>().ok();
        let limit = number(self.limits.limit);
        let is_spent = number(self.limits.remaining) == Some(0);
        let mut heard = self.heard.lock().expect("nobody panics while it is held");
        let heard = heard.entry(bucket).or_default();
        if let Some(limit) = limit {
            heard.calls = Some((limit / 2).max(1));
        }
        if is_spent {
            let seconds = number(self.limits.reset).map_or(60, i64::from);
            heard.busy_until = Some(now.plus_seconds(seconds.clamp(1, 60)));
        }
    }

    /// Hears that they ask us to wait.
    pub(super) fn wait(&self, bucket: &'static str, headers: &HeaderMap, now: Timestamp) {
        let mut heard = self.heard.lock().expect("nobody panics while it is held");
        heard.entry(bucket).or_default().busy_until = Some(retry_at(headers, now));
    }

    fn heard(&self, bucket: &'static str) -> Heard {
        let heard = self.heard.lock().expect("nobody panics while it is held");
        heard.get(bucket).copied().unwrap_or_default()
    }

    fn calls(&self, bucket: &str) -> u32 {
        let named = self.allowances.iter().find(|a| a.bucket == bucket);
        named.or(self.allowances.first()).map_or(1, |a| a.calls)
    }

    fn key(&self, bucket: &str, class: Class, now: Timestamp) -> (kb_store::Key, i64) {
        let minute = now.unix_seconds().div_euclid(60);
        let who = format!("{}#{bucket}", self.connection);
        (keys::rate(class.name(), &who, minute), (minute + 2) * 60)
    }

    async fn count(&self, bucket: &str, class: Class, now: Timestamp) -> Result<u32, Fault> {
        let (key, end) = self.key(bucket, class, now);
        let table = self.store.table();
        let count = table.add_get(TableName::Log, &key, 1, now.micros(), end);
        let count = count.await.map_err(|error| spared(&error, now))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn counted(&self, bucket: &str, class: Class, now: Timestamp) -> Result<u32, Fault> {
        let (key, _) = self.key(bucket, class, now);
        let table = self.store.table();
        let row = table.get(TableName::Log, &key, now.unix_seconds()).await;
        let row = row.map_err(|error| spared(&error, now))?;
        Ok(row.map_or(0, |row| u32::try_from(row.n).unwrap_or(u32::MAX)))
    }
}

/// While nobody can count, nobody calls. That is no fault of theirs.
fn spared(error: &kb_store::Error, now: Timestamp) -> Fault {
    tracing::warn!(
        error = kb_store::chain(error),
        "calls to another system cannot be counted"
    );
    Fault::Busy(now.plus_seconds(5))
}
