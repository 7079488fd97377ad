//! What becomes of a batch of the feed, equal on every engine: who is unavailable is asked again, what fails becomes a dead letter, and
//! what kills the process becomes a dead letter after five tries.

use crate::error::Error;
use crate::feed::{Consumer, FeedRecord, Outcome, put_dead_letter};
use crate::keys;
use crate::table::{Condition, Key, Op, Table, TableName, Transaction};
use futures::FutureExt;
use kb_domain::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

/// A record whose handing-over ended the process this often is dead.
pub const ATTEMPTS_MAX: i64 = 5;

/// What one process remembers of its hand-overs. The first one to a consumer is counted in the table, since the process
/// before it may have died of the same record; a process that outlived one has shown that it can.
#[derive(Debug, Default)]
pub struct Survivor(Mutex<HashSet<&'static str>>);

impl Survivor {
    /// Forgets everything, as the next process has.
    pub fn forget(&self) {
        let mut handed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handed.clear();
    }

    /// Whether nothing was handed to this consumer yet.
    pub fn is_new(&self, consumer: &str) -> bool {
        let handed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !handed.contains(consumer)
    }

    fn is_first(&self, consumer: &'static str) -> bool {
        let mut handed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handed.insert(consumer)
    }
}

/// Hands a batch to a consumer; answers how many of its records, from the first on, need not come again. What fails has a
/// dead letter by then. Errors: the table does not answer, and nothing is settled.
pub async fn deliver(
    table: &dyn Table,
    survivor: &Survivor,
    consumer: &dyn Consumer,
    batch: &[FeedRecord],
    now: Timestamp,
) -> Result<usize, Error> {
    let Some(first) = batch.first() else {
        return Ok(0);
    };
    let name = consumer.name();
    if !survivor.is_first(name) {
        return settle(table, consumer, batch, now).await;
    }
    let tries = keys::tries(name, &first.key.sort);
    let attempt = count(table, &tries, now).await?;
    let settled = if attempt > ATTEMPTS_MAX {
        let error = "the process ended while it was handled";
        dead_letter(table, name, first, error, now).await?;
        1
    } else {
        // One at a time after a death: else the first record would be blamed for any other one.
        let alone = if attempt > 1 { &batch[..1] } else { batch };
        settle(table, consumer, alone, now).await?
    };
    let mut tx = Transaction::new(TableName::Main, now.micros());
    tx.delete(tries, Condition::Any);
    table.commit(tx).await?;
    Ok(settled)
}

/// How often this was begun, this time included.
async fn count(table: &dyn Table, tries: &Key, now: Timestamp) -> Result<i64, Error> {
    let mut tx = Transaction::new(TableName::Main, now.micros());
    tx.push(Op::Add(tries.clone(), 1));
    table.commit(tx).await?;
    let row = table
        .get(TableName::Main, tries, now.unix_seconds())
        .await?;
    Ok(row.map_or(1, |row| row.n))
}

async fn settle(
    table: &dyn Table,
    consumer: &dyn Consumer,
    batch: &[FeedRecord],
    now: Timestamp,
) -> Result<usize, Error> {
    let taken = AssertUnwindSafe(consumer.consume(batch)).catch_unwind();
    let outcomes = match taken.await {
        Ok(outcomes) => outcomes,
        // Which of them it was shows when each comes alone.
        Err(_) if batch.len() > 1 => {
            for (n, record) in batch.iter().enumerate() {
                let alone = std::slice::from_ref(record);
                if Box::pin(settle(table, consumer, alone, now)).await? == 0 {
                    return Ok(n);
                }
            }
            return Ok(batch.len());
        }
        Err(_) => vec![Outcome::Failed("its handling panicked".to_owned())],
    };
    let mut settled = 0;
    for (record, outcome) in batch.iter().zip(outcomes) {
        match outcome {
            Outcome::Done => {}
            Outcome::Failed(error) => {
                dead_letter(table, consumer.name(), record, &error, now).await?;
            }
            Outcome::Unavailable(_) => break,
        }
        settled += 1;
    }
    Ok(settled)
}

async fn dead_letter(
    table: &dyn Table,
    consumer: &str,
    record: &FeedRecord,
    error: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let (id, subject) = (&record.key.sort, record.subject());
    tracing::error!(consumer, event.id = %id, event.subject = %subject, error, "an event is dead");
    let event = serde_json::from_str(&record.row.body)
        .unwrap_or_else(|_| Value::String(record.row.body.clone()));
    let mut transaction = Transaction::new(TableName::Main, now.micros());
    let body = json!({"event": event, "error": error, "at": now});
    put_dead_letter(&mut transaction, consumer, id, &body);
    match table.commit(transaction).await {
        // It is a dead letter already: this delivery is a repeat.
        Ok(_) | Err(Error::Condition { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
