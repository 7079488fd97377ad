//! Expired rows are absent everywhere, but an engine without expiry of its own keeps them until they are swept out.

use crate::error::Error;
use crate::table::{Condition, Key, Table, TableName, Transaction, Version};

/// Rows that one transaction removes.
const REMOVED_AT_ONCE: usize = 100;

/// What one batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many rows went.
    pub removed: usize,
    /// Where to go on; `None` at the end of the table.
    pub cursor: Option<String>,
}

/// Looks at the next `limit` rows behind `cursor` and removes those that expired before `now` (seconds since 1970). A row
/// that somebody wrote anew meanwhile stays. Never in a request.
pub async fn sweep(
    table: &dyn Table,
    name: TableName,
    now: i64,
    limit: usize,
    cursor: Option<String>,
) -> Result<Swept, Error> {
    let page = table.walk(name, 0, 1, limit, cursor).await?;
    let expired: Vec<(Key, Version)> = page
        .rows
        .into_iter()
        .filter(|(_, row)| row.is_over(now))
        .map(|(key, row)| (key, row.version))
        .collect();
    let mut removed = 0;
    for batch in expired.chunks(REMOVED_AT_ONCE) {
        removed += remove(table, name, batch.to_vec()).await?;
    }
    Ok(Swept {
        removed,
        cursor: page.cursor,
    })
}

/// Removes the rows that still have these versions; answers how many.
async fn remove(
    table: &dyn Table,
    name: TableName,
    mut rows: Vec<(Key, Version)>,
) -> Result<usize, Error> {
    while !rows.is_empty() {
        // Begun at the beginning of time, when none of them was over: else they would be absent to its conditions.
        let mut tx = Transaction::new(name, 0);
        for (key, version) in &rows {
            tx.delete(key.clone(), Condition::Version(*version));
        }
        match table.commit(tx).await {
            Ok(_) => break,
            Err(Error::Condition { key, .. }) => rows.retain(|(k, _)| *k != key),
            Err(error) => return Err(error),
        }
    }
    Ok(rows.len())
}

#[cfg(test)]
mod tests;
