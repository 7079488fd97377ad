//! Answers that are kept so that a repeated request is done once: a row in the transaction of what it did.

use crate::record::{row, stored_as_is};
use crate::table::{Condition, Key, Transaction};
use kb_domain::Timestamp;
use serde::{Deserialize, Serialize};

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

stored_as_is!(Replay = "replay");

/// Keeps an answer for a day, if the caller's key is still free.
pub fn insert_replay(tx: &mut Transaction, key: Key, replay: &Replay, now: Timestamp) {
    let mut row = row(replay);
    row.expires_at = Some(now.unix_seconds() + KEPT_SECONDS);
    tx.put(key, row, Condition::Absent);
}
