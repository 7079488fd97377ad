//! Lanes whose partner does not answer: their timers wait together, so that nobody else waits for that partner.

use crate::plan::{Lane, Passage};
use kb_domain::Timestamp;
use kb_store::record::{Stored, read, row};
use kb_store::{Condition, Error, Key, Row, Table, TableName, Transaction, Version, keys};
use std::collections::{BTreeSet, HashMap};

/// Rows that are read at once.
const READ_MAX: usize = 1_000;
/// Days after which a lane of which nothing was heard since is forgotten.
const FORGOTTEN_DAYS: i64 = 7;

/// What the table says of the lanes of a run. A lane without a row is well.
#[derive(Default)]
pub(crate) struct Lanes(HashMap<String, (Lane, Version)>);

impl Lanes {
    /// Of these lanes.
    pub(crate) async fn load(
        table: &dyn Table,
        lanes: &BTreeSet<&str>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let named: Vec<(&str, Key)> = lanes.iter().map(|l| (*l, keys::lane(l))).collect();
        let mut found = HashMap::new();
        for some in named.chunks(READ_MAX) {
            let asked: Vec<Key> = some.iter().map(|(_, key)| key.clone()).collect();
            let rows = table.get_many(TableName::Main, &asked, now.unix_seconds());
            for ((lane, key), row) in some.iter().zip(rows.await?) {
                let Some(row) = row else { continue };
                let known = read::<Lane>(key, &row).unwrap_or_else(|error| {
                    // It is well until something does not answer, and is then written anew.
                    tracing::error!(%error, "what was known of a lane is lost");
                    Stored {
                        value: Lane::default(),
                        version: row.version,
                    }
                });
                found.insert((*lane).to_owned(), (known.value, known.version));
            }
        }
        Ok(Self(found))
    }

    /// What becomes of a timer of this lane.
    pub(crate) fn passage(&self, lane: &str, now: Timestamp) -> Passage {
        let known = self.0.get(lane);
        known.map_or(Passage::Run, |(known, _)| known.passage(now))
    }

    /// Takes the one probe of a lane whose wait is over. `false` when another clock was first.
    pub(crate) async fn probe(
        &mut self,
        table: &dyn Table,
        lane: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let probing = self.known(lane).probing(now);
        self.write(table, lane, probing, now).await
    }

    /// A job of the lane met something that did not answer.
    pub(crate) async fn silent(
        &mut self,
        table: &dyn Table,
        lane: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let next = self.known(lane).silent(now);
        if let Some(until) = next.open_until {
            tracing::warn!(lane, %until, "a lane is held: its partner does not answer");
        }
        self.write(table, lane, next, now).await.map(|_| ())
    }

    /// A job of the lane came to an end: whoever it asks answers.
    pub(crate) async fn answered(
        &mut self,
        table: &dyn Table,
        lane: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((known, version)) = self.0.remove(lane) else {
            return Ok(());
        };
        if known.open_until.is_some() {
            tracing::info!(lane, "a lane goes on: its partner answers again");
        }
        let mut tx = Transaction::new(TableName::Main, now.micros());
        tx.delete(keys::lane(lane), Condition::Version(version));
        match table.commit(tx).await {
            // Another clock heard something later.
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Until when the lane is held if a job of it meets something that does not answer now; `None` when it is not yet.
    pub(crate) fn would_hold(&self, lane: &str, now: Timestamp) -> Option<Timestamp> {
        self.known(lane).silent(now).open_until
    }

    fn known(&self, lane: &str) -> Lane {
        let known = self.0.get(lane);
        known.map_or_else(Lane::default, |(known, _)| known.clone())
    }

    /// Writes what a lane is now, unless another clock did since it was read; whether it was so.
    async fn write(
        &mut self,
        table: &dyn Table,
        lane: &str,
        next: Lane,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let seen = self.0.get(lane).map(|(_, version)| *version);
        let row = Row {
            expires_at: Some(now.plus_seconds(FORGOTTEN_DAYS * 86_400).unix_seconds()),
            ..row(&next)
        };
        let mut tx = Transaction::new(TableName::Main, now.micros());
        let condition = seen.map_or(Condition::Absent, Condition::Version);
        tx.put(keys::lane(lane), row, condition);
        match table.commit(tx).await {
            Ok(version) => {
                self.0.insert(lane.to_owned(), (next, version));
                Ok(true)
            }
            Err(Error::Condition { .. }) => {
                // What the other one wrote is kept; this run goes by what it saw itself.
                self.0
                    .insert(lane.to_owned(), (next, seen.unwrap_or_default()));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
