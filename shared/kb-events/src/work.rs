//! The one door by which anything is written: a verb prepares a transaction, says what happened, and commits.

use crate::actor::Actor;
use crate::boxes::{self, Repeated};
use crate::event::{Event, Happened};
use kb_domain::{EventId, Timestamp};
use kb_store::{Error, Key, Record, Store, TableName, Transaction, Version};
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// How long an event is kept, in days: it is the record of who changed what.
const KEPT_DAYS: i64 = 400;

/// A transaction in the making. Records go in by the methods of [`Transaction`].
pub struct Work {
    tx: Transaction,
    claims: Vec<(Key, kb_domain::Error)>,
    wakes: Vec<String>,
}

impl Work {
    /// An empty transaction on the main table, begun at `now`.
    pub fn begin(now: Timestamp) -> Self {
        Self::on(TableName::Main, now)
    }

    /// An empty transaction on a table.
    pub fn on(table: TableName, now: Timestamp) -> Self {
        Self {
            tx: Transaction::new(table, now.micros()),
            claims: Vec::new(),
            wakes: Vec::new(),
        }
    }

    /// Adds a record that may be there only once, such as the claim on a handle. If it is there already, the commit fails with
    /// `taken` and not as a stale write.
    pub fn claim<R: Record>(&mut self, key: Key, record: &R, taken: kb_domain::Error) {
        self.tx.insert_at(key.clone(), record);
        self.claims.push((key, taken));
    }

    /// Has a lane of timers looked at once this is written.
    pub fn wake(&mut self, lane: &str) {
        self.wakes.push(lane.to_owned());
    }

    /// Puts something into the box of a lane and has the lane looked at. The same id again stands for both.
    pub fn enqueue(&mut self, lane: &str, id: &str, payload: Value) {
        let now = Timestamp(i64::try_from(self.tx.now_us).unwrap_or(i64::MAX));
        boxes::put(&mut self.tx, lane, id, payload, now, Repeated::Replaces);
        self.wake(lane);
    }

    /// Ends the transaction with its one event.
    pub fn happened<T>(
        mut self,
        by: Author,
        what: Happened,
        value: impl FnOnce(Version) -> T,
    ) -> Prepared<T> {
        let version = self.tx.version();
        let event = Event {
            id: by.event,
            at: by.at,
            actor: by.actor,
            version,
            wakes: std::mem::take(&mut self.wakes),
            expires_at: Some(by.at.plus_seconds(KEPT_DAYS * 86_400)),
            what,
        };
        event.put(&mut self.tx);
        self.silently(value(version))
    }

    /// Ends the transaction without an event, for what nobody follows.
    pub fn silently<T>(self, value: T) -> Prepared<T> {
        Prepared {
            tx: Some(self.tx),
            claims: self.claims,
            value,
        }
    }
}

impl Deref for Work {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.tx
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.tx
    }
}

/// Whoever acts, and when; with the id that the event will have.
#[derive(Clone, Debug)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The id of the event.
    pub event: EventId,
}

/// A transaction that is complete and not written yet, with what it will have made. Dropping it writes nothing.
#[must_use = "nothing is written before it is committed"]
pub struct Prepared<T> {
    tx: Option<Transaction>,
    claims: Vec<(Key, kb_domain::Error)>,
    value: T,
}

impl<T> Prepared<T> {
    /// Nothing to write: things are so already.
    pub fn nothing(value: T) -> Self {
        Self {
            tx: None,
            claims: Vec::new(),
            value,
        }
    }

    /// What it will have made.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Takes the value off, to be answered once the rest is committed.
    pub fn split(self) -> (T, Prepared<()>) {
        let rest = Prepared {
            tx: self.tx,
            claims: self.claims,
            value: (),
        };
        (self.value, rest)
    }

    /// Adds more rows to it, as long as there is something to write at all.
    pub fn also(&mut self, add: impl FnOnce(&mut Transaction)) {
        if let Some(tx) = &mut self.tx {
            add(tx);
        }
    }

    /// Writes it. Errors: a claim is taken, which has an error of its own; a record is no longer the one that was read; the
    /// table does not answer.
    pub async fn commit(self, store: &Store) -> Result<T, Error> {
        let Some(tx) = self.tx else {
            return Ok(self.value);
        };
        match store.table().commit(tx).await {
            Ok(_) => Ok(self.value),
            Err(Error::Condition { key, found }) => {
                let mut claims = self.claims.into_iter();
                let taken = claims.find(|(claimed, _)| *claimed == key);
                Err(taken.map_or(Error::Condition { key, found }, |(_, e)| Error::Domain(e)))
            }
            Err(error) => Err(error),
        }
    }
}

/// How often a write begins again because another one came between: fifty times.
#[derive(Debug)]
pub struct Attempts(usize);

impl Default for Attempts {
    fn default() -> Self {
        Self(50)
    }
}

impl Attempts {
    /// Whether to read, decide and write once more, after a write that was stale or failed otherwise.
    pub fn again(&mut self, stale: bool) -> bool {
        self.0 = self.0.saturating_sub(1);
        stale && self.0 > 0
    }
}
