//! The daily sweep. The embedded engine keeps expired rows, though nobody sees them, until somebody takes them out.

use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_events::{Job, Ran, Timer};
use kb_store::sweep::sweep;
use kb_store::{Error, Table, TableName};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Seconds between two sweeps: a day.
const EVERY_SECONDS: i64 = 86_400;
/// Rows that are looked at in one read.
const BATCH: usize = 500;
/// Reads of one run; what is left waits for the next minute.
const BATCHES_PER_RUN: usize = 40;

/// The job.
pub(crate) struct Sweep {
    table: Arc<dyn Table>,
}

/// How far a sweep came. It begins with the main table and ends with the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    in_log: bool,
    cursor: Option<String>,
}

impl Sweep {
    pub(crate) fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Sweeps on from a place; answers where to go on, `None` at the end.
    async fn go_on(&self, mut place: Place, now: Timestamp) -> Result<Option<Place>, Error> {
        let mut removed = 0;
        for _ in 0..BATCHES_PER_RUN {
            let name = if place.in_log {
                TableName::Log
            } else {
                TableName::Main
            };
            let now = now.unix_seconds();
            let swept = sweep(&*self.table, name, now, BATCH, place.cursor.take()).await?;
            removed += swept.removed;
            place = match swept.cursor {
                Some(cursor) => Place {
                    cursor: Some(cursor),
                    ..place
                },
                None if place.in_log => {
                    tracing::debug!(removed, "expired rows were swept out");
                    return Ok(None);
                }
                None => Place {
                    in_log: true,
                    cursor: None,
                },
            };
        }
        tracing::debug!(removed, "expired rows were swept out; there is more");
        Ok(Some(place))
    }
}

#[async_trait]
impl Job for Sweep {
    fn name(&self) -> &'static str {
        "store.sweep"
    }

    fn every(&self) -> Option<i64> {
        Some(EVERY_SECONDS)
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let place = match timer.state::<Place>() {
            Ok(place) => place,
            Err(error) => return Ran::Failed(error),
        };
        match self.go_on(place, now).await {
            Ok(None) => Ran::Done,
            Ok(Some(place)) => Ran::again(now, &place),
            Err(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
