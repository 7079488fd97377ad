//! How far a stream of a connection has come, and the full listing of its things.

use crate::keys;
use crate::record::{Keyed, stored_as_is};
use crate::table::Key;
use kb_domain::remote::{Cursor, RemoteId, RemoteVersion};
use kb_domain::{ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What last went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stumble {
    /// When.
    pub at: Timestamp,
    /// What, for an admin.
    pub what: String,
}

/// What a full listing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// When it was finished.
    pub at: Timestamp,
    /// So many more things were there than are here.
    pub ahead: i64,
}

/// How far a stream has come. It is written on condition of its version, so that whoever is late cannot move it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The connection.
    pub connection: ConnectionId,
    /// The stream, for example `articles`.
    pub stream: String,
    /// Where it began; where there is no cursor it begins there again.
    pub floor: Timestamp,
    /// Behind which page it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// When everything was in; the lag is measured from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caught_up_at: Option<Timestamp>,
    /// When a page was last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ok_at: Option<Timestamp>,
    /// What went wrong since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stumble: Option<Stumble>,
    /// Until when they have us wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Timestamp>,
    /// The last full listing that was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Things that pages named.
    pub seen: u64,
    /// Things that were written here.
    pub written: u64,
    /// Things that were put off.
    pub failed: u64,
    /// Versions of which a page left some out. While there are any, a full listing is owed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gaps: BTreeSet<RemoteVersion>,
}

impl Progress {
    /// A stream that begins at a moment.
    pub fn begin(connection: ConnectionId, stream: &str, floor: Timestamp) -> Self {
        Self {
            connection,
            stream: stream.to_owned(),
            floor,
            cursor: None,
            caught_up_at: None,
            last_ok_at: None,
            stumble: None,
            waits_until: None,
            compared: None,
            seen: 0,
            written: 0,
            failed: 0,
            gaps: BTreeSet::new(),
        }
    }
}

stored_as_is!(Progress = "progress");

impl Keyed for Progress {
    fn key(&self) -> Key {
        keys::progress(self.connection, &self.stream)
    }
}

/// A full listing that goes on. What its pages had lies in blobs, one for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The connection.
    pub connection: ConnectionId,
    /// The stream whose things are listed.
    pub stream: String,
    /// Names its blobs.
    pub run: String,
    /// When it began: what came in since is not missing.
    pub begun_at: Timestamp,
    /// Behind which page it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// Pages that were read.
    pub pages: u32,
    /// Things that they had.
    pub listed: u64,
    /// Things that were written here.
    pub written: u64,
    /// Whether every page was read.
    pub is_whole: bool,
    /// What is missing was looked at up to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<RemoteId>,
    /// Things that were taken away here.
    pub vanished: u64,
    /// The gaps of the stream when it began, which it closes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gaps: BTreeSet<RemoteVersion>,
}

stored_as_is!(Listing = "listing");

impl Keyed for Listing {
    fn key(&self) -> Key {
        keys::listing(self.connection, &self.stream)
    }
}
