//! People, their sessions, and the links by which they sign in once.

use super::{Stored, TIMELESS, get, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Table, TableName, Transaction};
use kb_domain::{Grant, Level, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// People.
#[derive(Clone)]
pub struct People {
    table: Arc<dyn Table>,
}

impl People {
    /// People in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// One person.
    pub async fn get(&self, id: UserId) -> Result<Option<Stored<Person>>, Error> {
        get(&self.table, &keys::person(id), TIMELESS).await
    }

    /// The person whom `issuer` calls `subject`.
    pub async fn by_subject(&self, issuer: &str, subject: &str) -> Result<Option<UserId>, Error> {
        Ok(get(&self.table, &keys::subject(issuer, subject), TIMELESS)
            .await?
            .map(|found: Stored<UserId>| found.value))
    }

    /// Adds a person with a claim on the sign-in name.
    pub fn put_new(&self, tx: &mut Transaction, person: &Person, issuer: &str, subject: &str) {
        tx.put(
            keys::person(person.id),
            row("person.1", person),
            Condition::Absent,
        );
        tx.put(
            keys::subject(issuer, subject),
            row("subject.1", &person.id),
            Condition::Absent,
        );
    }
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

/// What a sign-in link stands for; it is taken once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInLink {
    /// Who is signed in by it.
    pub user: UserId,
    /// Where they go afterwards: a path of this server.
    pub target: String,
}

/// Sessions and sign-in links, by the hash of their secret.
#[derive(Clone)]
pub struct Sessions {
    table: Arc<dyn Table>,
}

impl Sessions {
    /// Sessions in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// The session whose secret has this hash, unless it has ended.
    pub async fn get(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        let found: Option<Stored<Session>> =
            get(&self.table, &keys::session(hash), now.unix_seconds()).await?;
        Ok(found.map(|f| f.value).filter(|s| s.expires_at > now))
    }

    /// Adds a session.
    pub fn put(&self, tx: &mut Transaction, hash: &str, session: &Session) {
        let mut row = row("session.1", session);
        row.expires_at = Some(session.expires_at.unix_seconds() + 1);
        tx.put(keys::session(hash), row, Condition::Absent);
    }

    /// Ends a session; one that has ended is fine.
    pub fn delete(&self, tx: &mut Transaction, hash: &str) {
        tx.delete(keys::session(hash), Condition::Any);
    }

    /// What a link stands for, without taking it.
    pub async fn link(&self, hash: &str, now: Timestamp) -> Result<Option<SignInLink>, Error> {
        let found: Option<Stored<SignInLink>> =
            get(&self.table, &keys::state(hash), now.unix_seconds()).await?;
        Ok(found.map(|f| f.value))
    }

    /// Adds a sign-in link that is good until `expires_at`.
    pub fn put_link(
        &self,
        tx: &mut Transaction,
        hash: &str,
        link: &SignInLink,
        expires_at: Timestamp,
    ) {
        let mut row = row("sign-in-link.1", link);
        row.expires_at = Some(expires_at.unix_seconds());
        tx.put(keys::state(hash), row, Condition::Absent);
    }

    /// Takes a link: of two who try at once, one gets it. `None` when it is gone, used or over.
    pub async fn take_link(
        &self,
        tx: &mut Transaction,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<SignInLink>, Error> {
        let key = keys::state(hash);
        let Some(row) = self
            .table
            .get(TableName::Main, &key, now.unix_seconds())
            .await?
        else {
            return Ok(None);
        };
        let link: Stored<SignInLink> = read(&key, &row)?;
        tx.delete(key, Condition::Version(link.version));
        Ok(Some(link.value))
    }
}
