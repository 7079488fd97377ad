//! Lanes whose partner does not answer: their timers wait together, so that nobody else waits for that partner.

use crate::plan::{Lane, Passage};
use kb_domain::Timestamp;
use kb_store::record::{Stored, read, row};
use kb_store::{Condition, Error, Key, Row, Table, TableName, Transaction, Version, keys};
use std::collections::HashMap;

/// Rows that are read at once.
const READ_MAX: usize = 1_000;
/// Days after which a lane of which nothing was heard since is forgotten.
const FORGOTTEN_DAYS: i64 = 7;

/// What the table says of these lanes. A lane without a row is well.
pub(crate) async fn load(
    table: &dyn Table,
    lanes: impl Iterator<Item = &String>,
    now: Timestamp,
) -> Result<HashMap<String, (Lane, Version)>, Error> {
    let named: Vec<(&String, Key)> = lanes.map(|l| (l, keys::lane(l))).collect();
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
            found.insert((*lane).clone(), (known.value, known.version));
        }
    }
    Ok(found)
}

/// Whoever a lane asks has spoken by itself: nothing of the lane waits for it any longer.
pub async fn alive(table: &dyn Table, lane: &str, now: Timestamp) -> Result<(), Error> {
    let lane = lane.to_owned();
    let known = load(table, std::iter::once(&lane), now)
        .await?
        .remove(&lane);
    LaneState::new(known, lane).answered(table, now).await
}

/// A lane, and what is known of it.
pub(crate) struct LaneState {
    /// Its name.
    pub name: String,
    known: Option<(Lane, Version)>,
}

impl LaneState {
    pub(crate) fn new(known: Option<(Lane, Version)>, name: String) -> Self {
        Self { name, known }
    }

    /// What becomes of a timer of this lane.
    pub(crate) fn passage(&self, now: Timestamp) -> Passage {
        let known = self.known.as_ref();
        known.map_or(Passage::Run, |(known, _)| known.passage(now))
    }

    /// Takes the one probe of a lane whose wait is over. `false` when another clock was first.
    pub(crate) async fn probe(&mut self, table: &dyn Table, now: Timestamp) -> Result<bool, Error> {
        let probing = self.known().probing(now);
        self.write(table, probing, now).await
    }

    /// A job of the lane met something that did not answer.
    pub(crate) async fn silent(&mut self, table: &dyn Table, now: Timestamp) -> Result<(), Error> {
        let next = self.known().silent(now);
        if let Some(until) = next.open_until {
            tracing::warn!(lane = self.name, %until, "a lane is held: its partner does not answer");
        }
        self.write(table, next, now).await.map(|_| ())
    }

    /// A job of the lane came to an end: whoever it asks answers.
    pub(crate) async fn answered(
        &mut self,
        table: &dyn Table,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((known, version)) = self.known.take() else {
            return Ok(());
        };
        if known.open_until.is_some() {
            tracing::info!(
                lane = self.name,
                "a lane goes on: its partner answers again"
            );
        }
        let mut tx = Transaction::new(TableName::Main, now.micros());
        tx.delete(keys::lane(&self.name), Condition::Version(version));
        match table.commit(tx).await {
            // Another clock heard something later.
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Until when the lane is held if a job of it meets something that does not answer now; `None` when it is not yet.
    pub(crate) fn would_hold(&self, now: Timestamp) -> Option<Timestamp> {
        self.known().silent(now).open_until
    }

    fn known(&self) -> Lane {
        let known = self.known.as_ref();
        known.map_or_else(Lane::default, |(known, _)| known.clone())
    }

    /// Writes what a lane is now, unless another clock did since it was read; whether it was so.
    async fn write(
        &mut self,
        table: &dyn Table,
        next: Lane,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let seen = self.known.as_ref().map(|(_, version)| *version);
        let row = Row {
            expires_at: Some(now.plus_seconds(FORGOTTEN_DAYS * 86_400).unix_seconds()),
            ..row(&next)
        };
        let mut tx = Transaction::new(TableName::Main, now.micros());
        let condition = seen.map_or(Condition::Absent, Condition::Version);
        tx.put(keys::lane(&self.name), row, condition);
        match table.commit(tx).await {
            Ok(version) => {
                self.known = Some((next, version));
                Ok(true)
            }
            Err(Error::Condition { .. }) => {
                // What the other one wrote is kept; this run goes by what it saw itself.
                self.known = Some((next, seen.unwrap_or_default()));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
