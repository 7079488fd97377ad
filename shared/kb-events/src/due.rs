//! What is due, by lane.

use crate::timer::Timer;
use futures::future::try_join_all;
use kb_domain::Timestamp;
use kb_store::record::{Stored, read};
use kb_store::{
    Condition, Error, Key, Query, Row, Table, TableName, Transaction, keys, put_dead_letter,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Name of the clock in dead letters.
pub(crate) const CONSUMER: &str = "jobs";
/// Timers of a lane that a run takes or, while the lane is held, moves.
const LANE_READ_MAX: usize = 1_000;
/// Pages of due timers that a run looks through in one partition.
const PAGES_MAX: usize = 20;

/// A due timer with its key.
pub(crate) type Due = (Key, Stored<Timer>);

/// What is due of every lane, oldest first, no more of a lane than a run takes or moves.
pub(crate) async fn all(
    table: &dyn Table,
    now: Timestamp,
) -> Result<BTreeMap<String, VecDeque<Due>>, Error> {
    read_partitions(
        table,
        (0..keys::DUE_SHARDS).map(keys::due_shard),
        &|_| true,
        now,
    )
    .await
}

/// What is due of these lanes.
pub(crate) async fn of_lanes(
    table: &dyn Table,
    lanes: &BTreeSet<String>,
    now: Timestamp,
) -> Result<BTreeMap<String, VecDeque<Due>>, Error> {
    let partitions: BTreeSet<String> = lanes.iter().map(|l| keys::due_partition(l)).collect();
    read_partitions(table, partitions, &|lane| lanes.contains(lane), now).await
}

async fn read_partitions(
    table: &dyn Table,
    partitions: impl IntoIterator<Item = String>,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
    now: Timestamp,
) -> Result<BTreeMap<String, VecDeque<Due>>, Error> {
    let partitions = partitions.into_iter();
    let read = partitions.map(|partition| read_partition(table, partition, is_wanted, now));
    // A lane lies in one partition.
    Ok(try_join_all(read).await?.into_iter().flatten().collect())
}

async fn read_partition(
    table: &dyn Table,
    partition: String,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
    now: Timestamp,
) -> Result<BTreeMap<String, VecDeque<Due>>, Error> {
    let mut query = Query {
        below: Some(keys::due_end(now)),
        ..Query::partition(partition, now.unix_seconds())
    };
    let mut lanes: BTreeMap<String, VecDeque<Due>> = BTreeMap::new();
    for _ in 0..PAGES_MAX {
        let page = table.query(TableName::Main, &query).await?;
        for (key, row) in page.rows {
            let timer = match read::<Timer>(&key, &row) {
                Ok(timer) => timer,
                Err(error) => {
                    let name = key.sort.clone();
                    dead_letter_row(table, CONSUMER, &name, (key, &row), &error, now).await?;
                    continue;
                }
            };
            if !is_wanted(&timer.value.lane) {
                continue;
            }
            let due = lanes.entry(timer.value.lane.clone()).or_default();
            if due.len() < LANE_READ_MAX {
                due.push_back((key, timer));
            }
        }
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(lanes)
}

/// Takes a row that cannot be read out of the way, and keeps it with the error.
pub(crate) async fn dead_letter_row(
    table: &dyn Table,
    consumer: &str,
    name: &str,
    (key, row): (Key, &Row),
    error: &Error,
    now: Timestamp,
) -> Result<(), Error> {
    tracing::error!(consumer, %error, "a row cannot be read and is dead");
    let body = serde_json::from_str(&row.body).unwrap_or(Value::Null);
    let body = json!({"row": body, "error": error.to_string(), "at": now});
    let mut tx = Transaction::new(TableName::Main, now.micros());
    put_dead_letter(&mut tx, consumer, name, &body);
    tx.delete(key, Condition::Version(row.version));
    match table.commit(tx).await {
        Ok(_) | Err(Error::Condition { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
