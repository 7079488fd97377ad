//! Counts that are answered and expire.

use super::Embedded;
use crate::check::check_count;
use crate::error::Error;
use crate::table::{COUNTER, Condition, Key, Row, Table, TableName, Transaction};

/// Adds, and answers the count after it. One process owns the files, so that few come in between; who is late tries again.
pub(super) async fn add_get(
    engine: &Embedded,
    table: TableName,
    key: &Key,
    n: i64,
    now_us: u64,
    expires_at: i64,
) -> Result<i64, Error> {
    check_count(key, n)?;
    let now = i64::try_from(now_us / 1_000_000).unwrap_or(i64::MAX);
    loop {
        let before = engine.get(table, key, now).await?;
        let found = before.as_ref().map(|row| row.version);
        if before.as_ref().is_some_and(|row| row.kind != COUNTER) {
            let key = key.clone();
            return Err(Error::Condition { key, found });
        }
        let count = before.map_or(0, |row| row.n) + n;
        let row = Row {
            kind: COUNTER.to_owned(),
            body: "{}".to_owned(),
            n: count,
            expires_at: Some(expires_at),
            ..Row::default()
        };
        let mut transaction = Transaction::new(table, now_us);
        transaction.put(
            key.clone(),
            row,
            found.map_or(Condition::Absent, Condition::Version),
        );
        match engine.writer(table).commit(transaction).await {
            Err(Error::Condition { .. }) => {}
            done => return done.map(|_| count),
        }
    }
}
