//! The feed: event rows in the order of their commits, each consumer with a place of its own.

use super::encode::{self, unavailable};
use super::{CONSUMERS, Embedded, FEED, ROWS, read};
use crate::error::Error;
use crate::feed::{Consumer, Feed, Outcome, Record, put_dead};
use crate::table::{Table, TableName, Transaction};
use async_trait::async_trait;
use kb_domain::Timestamp;
use redb::{Durability, ReadableDatabase, ReadableTable};
use serde_json::{Value, json};

/// A record whose handing-over ended the process this often is dead.
const ATTEMPTS_MAX: u32 = 5;

impl Embedded {
    fn place(&self, consumer: &str) -> Result<(u64, u32), Error> {
        let transaction = self.main.begin_read().map_err(unavailable)?;
        let consumers = transaction.open_table(CONSUMERS).map_err(unavailable)?;
        Ok(consumers
            .get(consumer)
            .map_err(unavailable)?
            .map_or((0, 0), |v| v.value()))
    }

    fn set_place(&self, consumer: &str, place: (u64, u32), durable: bool) -> Result<(), Error> {
        let mut transaction = self.main.begin_write().map_err(unavailable)?;
        transaction
            .set_durability(if durable {
                Durability::Immediate
            } else {
                Durability::None
            })
            .map_err(unavailable)?;
        transaction
            .open_table(CONSUMERS)
            .map_err(unavailable)?
            .insert(consumer, place)
            .map_err(unavailable)?;
        transaction.commit().map_err(unavailable)
    }

    fn records(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        let transaction = self.main.begin_read().map_err(unavailable)?;
        let (feed, rows) = (
            transaction.open_table(FEED).map_err(unavailable)?,
            transaction.open_table(ROWS).map_err(unavailable)?,
        );
        let mut records = Vec::new();
        for next in feed.range(after + 1..).map_err(unavailable)?.take(limit) {
            let (sequence, bytes) = next.map_err(unavailable)?;
            let key = encode::key_of(bytes.value())?;
            let Some(row) = read::row(&rows, &key, i64::MIN)? else {
                continue;
            };
            records.push(Record {
                sequence: sequence.value(),
                key,
                row,
            });
        }
        Ok(records)
    }

    async fn bury(
        &self,
        consumer: &str,
        record: &Record,
        error: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (id, subject) = (&record.key.sort, record.subject());
        tracing::error!(consumer, event.id = %id, event.subject = %subject, error, "an event is dead");
        let event = serde_json::from_str(&record.row.body)
            .unwrap_or_else(|_| Value::String(record.row.body.clone()));
        let mut transaction = Transaction::new(TableName::Main, now.micros());
        let body = json!({"event": event, "error": error, "at": now});
        put_dead(&mut transaction, consumer, id, &body);
        match self.commit(transaction).await {
            // It is buried already, by a hand-over that was repeated.
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether this is the first hand-over since the engine opened: the last process may have died of it.
    fn is_first(&self, consumer: &str) -> bool {
        self.handed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(consumer.to_owned())
    }
}

#[async_trait]
impl Feed for Embedded {
    async fn pump(
        &self,
        consumer: &dyn Consumer,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let name = consumer.name();
        let (place, attempts) = self.place(name)?;
        let first = self.is_first(name);
        let mut records = self.records(place, if attempts > 0 { 1 } else { limit })?;
        let Some(last) = records.last().map(|r| r.sequence) else {
            return Ok(0);
        };
        if first {
            self.set_place(name, (place, attempts + 1), true)?;
            if attempts >= ATTEMPTS_MAX {
                self.bury(
                    name,
                    &records[0],
                    "the process ended while it was handled",
                    now,
                )
                .await?;
                self.set_place(name, (records[0].sequence, 0), true)?;
                return Ok(1);
            }
        }
        let settled = records.len();
        if let Some(unrest) = &self.unrest {
            records = unrest.shuffle(records, self.records(place.saturating_sub(8), 8)?);
        }
        let outcomes = consumer.consume(&records).await;
        for (record, outcome) in records.iter().zip(&outcomes) {
            match outcome {
                Outcome::Done => {}
                Outcome::Failed(error) => self.bury(name, record, error, now).await?,
                Outcome::Unavailable(_) => break,
            }
        }
        let good = outcomes
            .iter()
            .take_while(|o| !matches!(o, Outcome::Unavailable(_)))
            .count();
        if good == records.len() {
            self.set_place(name, (last, 0), first)?;
            return Ok(settled);
        }
        // Shuffled records have no place to stop at in between: all of them come again.
        let reached = if self.unrest.is_some() {
            place
        } else {
            good.checked_sub(1).map_or(place, |n| records[n].sequence)
        };
        self.set_place(name, (reached, 0), first)?;
        Ok(if reached == place { 0 } else { good })
    }

    async fn wait(&self, consumer: &str) {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if self.pending(consumer).await.is_ok_and(|n| n > 0) {
                return;
            }
            news.await;
        }
    }

    async fn pending(&self, consumer: &str) -> Result<u64, Error> {
        let (place, _) = self.place(consumer)?;
        let transaction = self.main.begin_read().map_err(unavailable)?;
        let feed = transaction.open_table(FEED).map_err(unavailable)?;
        let last = feed
            .last()
            .map_err(unavailable)?
            .map_or(0, |(sequence, _)| sequence.value());
        Ok(last.saturating_sub(place))
    }
}
