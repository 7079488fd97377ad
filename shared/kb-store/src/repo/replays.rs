//! Answers that are kept so that a repeated request is done once: a row in the transaction of what it did.

use super::{Stored, get, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Key, Table, Transaction};
use kb_domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long an answer is kept, in seconds.
const KEPT_SECONDS: i64 = 86_400;

/// A request that was done, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Digest of the request; another request under the same key is refused.
    pub request: String,
    /// The status answered.
    pub status: u16,
    /// The ETag answered.
    pub etag: Option<String>,
    /// The Location answered.
    pub location: Option<String>,
    /// The body answered.
    pub body: String,
}

/// Kept answers by caller and key.
#[derive(Clone)]
pub struct Replays {
    table: Arc<dyn Table>,
}

impl Replays {
    /// Kept answers in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// What was answered to this caller under this key within a day.
    pub async fn get(
        &self,
        caller: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Replay>, Error> {
        let key = keys::idempotency(caller, key);
        let found: Option<Stored<Replay>> = get(&self.table, &key, now.unix_seconds()).await?;
        Ok(found.map(|f| f.value))
    }

    /// Keeps an answer, if the caller's key is still free; answers the row that is written.
    pub fn put(
        &self,
        tx: &mut Transaction,
        caller: &str,
        key: &str,
        replay: &Replay,
        now: Timestamp,
    ) -> Key {
        let key = keys::idempotency(caller, key);
        let mut row = row("replay.1", replay);
        row.expires_at = Some(now.unix_seconds() + KEPT_SECONDS);
        tx.put(key.clone(), row, Condition::Absent);
        key
    }
}
