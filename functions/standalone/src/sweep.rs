//! The daily sweep. The embedded engine keeps expired rows, though nobody sees them, until somebody takes them out.

use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_events::{Job, Ran, Timer};
use kb_store::sweep::sweep;
use kb_store::{Error, Table, TableName};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        let place = match &timer.state {
            Value::Null => Ok(Place::default()),
            state => Place::deserialize(state),
        };
        let place = match place {
            Ok(place) => place,
            Err(error) => return Ran::Failed(error.to_string()),
        };
        match self.go_on(place, now).await {
            Ok(None) => Ran::Done,
            Ok(Some(place)) => match serde_json::to_value(place) {
                Ok(state) => Ran::Again { at: now, state },
                Err(error) => Ran::Failed(error.to_string()),
            },
            Err(Error::Unavailable(error)) => Ran::Unavailable(error),
            Err(error) => Ran::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kb_store::{Condition, Embedded, Key, Row, Transaction};

    #[tokio::test]
    async fn a_sweep_of_many_rows_goes_on_where_it_stopped_and_ends_in_the_log() {
        let table = Embedded::in_memory(None).unwrap();
        let rows = BATCH * BATCHES_PER_RUN + 10;
        let put = async |name, n: usize| {
            let mut tx = Transaction::new(name, 1);
            for n in n..n + 100 {
                let row = Row {
                    kind: "thing.1".to_owned(),
                    body: "{}".to_owned(),
                    expires_at: Some(if n % 2 == 0 { 5 } else { 500 }),
                    ..Row::default()
                };
                tx.put(Key::new("S", format!("{n:06}")), row, Condition::Absent);
            }
            table.commit(tx).await.unwrap();
        };
        for n in (0..rows).step_by(100) {
            put(TableName::Main, n).await;
        }
        put(TableName::Log, 0).await;
        let (job, now) = (Sweep::new(table.clone()), Timestamp(50_000_000));
        let mut timer = Timer::new(job.name(), "", now);
        let Ran::Again { at, state } = job.run(&timer, now).await else {
            panic!("there is more")
        };
        assert_eq!(at, now);
        timer.state = state;
        assert_eq!(job.run(&timer, now).await, Ran::Done);
        for (name, left) in [
            (TableName::Main, rows.next_multiple_of(100)),
            (TableName::Log, 100),
        ] {
            let page = table.walk(name, 0, 1, 100_000, None).await.unwrap();
            assert_eq!(page.rows.len(), left / 2);
            assert!(page.rows.iter().all(|(_, r)| r.expires_at == Some(500)));
        }
    }
}
