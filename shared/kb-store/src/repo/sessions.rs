//! What a signed-in browser, a frame and a link are remembered by. Each is found by a hash; the secret itself is stored nowhere.

use crate::keys;
use crate::record::{Record, stored_as_is};
use crate::table::{IndexName, Transaction};
use kb_domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedInBy {
    /// By a link that was good once.
    Link,
    /// By setting up the base.
    Setup,
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its key: the hash of its secret. Empty in rows of before, which no secret opens any more.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// The person's number when it began; it is over once theirs has risen.
    pub epoch: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to half an hour.
    pub seen_at: Timestamp,
    /// How it began.
    pub by: SignedInBy,
    /// What the browser says it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub browser: String,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
}

impl Record for Session {
    type Form = Self;
    const KIND: &'static str = "session";
    const VERSION: u32 = 2;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        if self.id.is_empty() {
            return Vec::new();
        }
        vec![(
            IndexName::Person,
            keys::session_position(self.user, &self.id),
        )]
    }

    /// Its last second is a whole one.
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }

    /// The first version said neither when it began nor under which number.
    fn upgrade(version: u32, mut body: Value) -> Result<Value, String> {
        if version != 1 {
            return Err(format!("session.{version} was never written"));
        }
        for (name, value) in [
            ("id", json!("")),
            ("epoch", json!(0)),
            ("created_at", body["expires_at"].clone()),
            ("seen_at", body["expires_at"].clone()),
            ("by", json!(SignedInBy::Link)),
        ] {
            body[name] = value;
        }
        Ok(body)
    }
}

/// One bearer of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameBearer {
    /// The hash of its secret.
    pub hash: String,
    /// How long it is good.
    pub until: Timestamp,
}

/// A frame beside a ticket in which somebody works: its bearers, which are renewed for as long as they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its key.
    pub id: String,
    /// Who works in it.
    pub user: UserId,
    /// The session that it was opened by; it is over with that one.
    pub session: String,
    /// The person's number when it was opened.
    pub epoch: u32,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its bearer was last renewed.
    pub renewed_at: Timestamp,
    /// The bearers that are good: those of several tabs, and the ones before them for what is under way.
    pub bearers: Vec<FrameBearer>,
    /// The hash of the one secret that renews it. Any other one that was good before ends it.
    pub renewal: String,
    /// The hash of the secret that renews it out of a cookie of the frame, which no script reads and which stays the same.
    pub cookie: String,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
}

stored_as_is! { Frame = "frame"
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }
}

/// A frame that waits for a window of its own to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// How often the frame has asked.
    pub asked: u32,
    /// Who signed in for it, and the session they did it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<(UserId, String)>,
    /// When it is over.
    pub expires_at: Timestamp,
}

stored_as_is! { Pairing = "pairing"
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }
}

/// What a sign-in link stands for; it is taken once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInLink {
    /// Who is signed in by it.
    pub user: UserId,
    /// Where they go afterwards: a path of this server.
    pub target: String,
}

stored_as_is!(SignInLink = "sign-in-link");

/// The one link by which the first admin sets the base up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupLink {
    /// The hash of its secret.
    pub hash: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

stored_as_is! { SetupLink = "setup"
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }
}

/// Adds a sign-in link under the hash of its secret; it is good until `expires_at`.
pub fn insert_sign_in_link(
    tx: &mut Transaction,
    hash: &str,
    link: &SignInLink,
    expires_at: Timestamp,
) {
    let mut row = crate::record::row(link);
    row.expires_at = Some(expires_at.unix_seconds());
    tx.put(keys::state(hash), row, crate::table::Condition::Absent);
}
