//! API keys: what a program presents instead of a person.

use super::{Stored, TIMELESS, all, get, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Query, Table, Transaction};
use kb_domain::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Read what is public, and more only with another scope.
    Read,
    /// Ask for suggestions and see tickets, as an agent may.
    Suggest,
    /// Create and change articles and structure.
    Write,
    /// Publish and archive.
    Publish,
    /// Approve, hide and mark comments.
    Moderate,
    /// Change settings.
    Admin,
}

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The id.
    pub id: KeyId,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<KeyScope>,
    /// SHA-256 of the secret, in hexadecimal.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; absent when it does not.
    pub expires_at: Option<Timestamp>,
}

/// The API keys of a base.
#[derive(Clone)]
pub struct ApiKeys {
    table: Arc<dyn Table>,
}

impl ApiKeys {
    /// Keys in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Every key.
    pub async fn list(&self) -> Result<Vec<Stored<ApiKey>>, Error> {
        let rows = all(&self.table, Query::partition(keys::API_KEYS, TIMELESS)).await?;
        rows.iter().map(|(key, row)| read(key, row)).collect()
    }

    /// The key whose secret has this hash.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<ApiKey>, Error> {
        let claim: Option<Stored<KeyId>> =
            get(&self.table, &keys::api_key_hash(hash), TIMELESS).await?;
        let Some(claim) = claim else { return Ok(None) };
        Ok(get(&self.table, &keys::api_key(claim.value), TIMELESS)
            .await?
            .map(|found: Stored<ApiKey>| found.value))
    }

    /// Adds a key.
    pub fn put_new(&self, tx: &mut Transaction, key: &ApiKey) {
        tx.put(
            keys::api_key(key.id),
            row("api-key.1", key),
            Condition::Absent,
        );
        tx.put(
            keys::api_key_hash(&key.hash),
            row("api-key-hash.1", &key.id),
            Condition::Absent,
        );
    }
}
