//! People, their sessions, and the links by which they sign in once.

use crate::keys;
use crate::record::{Keyed, Record, row, stored_as_is};
use crate::table::{Condition, Key, Transaction};
use kb_domain::{Grant, Level, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// How far inside they stand.
    pub level: Level,
    /// The roles they were given.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Segments they belong to.
    #[serde(default)]
    pub segments: BTreeSet<String>,
}

impl Record for Person {
    type Form = Self;
    const KIND: &'static str = "person";
    const VERSION: u32 = 2;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    /// The first version named one of seven kinds of person.
    fn upgrade(version: u32, mut body: Value) -> Result<Value, String> {
        if version != 1 {
            return Err(format!("person.{version} was never written"));
        }
        let kind = body["principal"].as_str().unwrap_or_default().to_owned();
        let (level, roles): (&str, &[&str]) = match kind.as_str() {
            "customer" => ("customer", &[]),
            "employee" => ("employee", &[]),
            "agent" => ("agent", &["agent"]),
            "editor" => ("agent", &["agent", "editor"]),
            "publisher" => ("agent", &["agent", "publisher"]),
            "admin" => ("agent", &["agent", "admin"]),
            other => return Err(format!("nobody is of the kind \"{other}\"")),
        };
        let everywhere = |role| json!({"role": role, "area": "everything"});
        body["level"] = json!(level);
        body["grants"] = roles.iter().map(everywhere).collect();
        Ok(body)
    }
}

impl Keyed for Person {
    fn key(&self) -> Key {
        keys::person(self.id)
    }
}

/// The person whom an issuer calls by a name.
#[derive(Clone, Copy, Debug)]
pub struct SubjectClaim(pub UserId);

impl Record for SubjectClaim {
    type Form = UserId;
    const KIND: &'static str = "subject";

    fn form(&self) -> UserId {
        self.0
    }

    fn of(form: UserId) -> Self {
        Self(form)
    }
}

/// Adds a person with a claim on the sign-in name.
pub fn insert_person(tx: &mut Transaction, person: &Person, issuer: &str, subject: &str) {
    tx.insert(person);
    tx.insert_at(keys::subject(issuer, subject), &SubjectClaim(person.id));
}

/// A signed-in browser, or a frame beside a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// Whether it is a frame's bearer, which is no cookie and ends after a quarter of an hour.
    pub frame: bool,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Record for Session {
    type Form = Self;
    const KIND: &'static str = "session";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    /// Its last second is a whole one.
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }
}

/// Adds a session under the hash of its secret.
pub fn insert_session(tx: &mut Transaction, hash: &str, session: &Session) {
    tx.insert_at(keys::session(hash), session);
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

/// Adds a sign-in link under the hash of its secret; it is good until `expires_at`.
pub fn insert_sign_in_link(
    tx: &mut Transaction,
    hash: &str,
    link: &SignInLink,
    expires_at: Timestamp,
) {
    let mut row = row(link);
    row.expires_at = Some(expires_at.unix_seconds());
    tx.put(keys::state(hash), row, Condition::Absent);
}
