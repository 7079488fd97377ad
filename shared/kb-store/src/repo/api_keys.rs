//! API keys: what a program presents instead of a person.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, stored_as_is};
use crate::store::Store;
use crate::table::{Key, Transaction};
use kb_domain::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// The ticket systems that it works for; every system when there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub systems: BTreeSet<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; absent when it does not.
    pub expires_at: Option<Timestamp>,
}

stored_as_is!(ApiKey = "api-key");

impl Keyed for ApiKey {
    fn key(&self) -> Key {
        keys::api_key(self.id)
    }
}

/// The key that a hash belongs to.
#[derive(Clone)]
pub(super) struct HashClaim(KeyId);

impl Record for HashClaim {
    type Form = KeyId;
    const KIND: &'static str = "api-key-hash";

    fn form(&self) -> KeyId {
        self.0
    }

    fn of(form: KeyId) -> Self {
        Self(form)
    }
}

/// The key whose secret has this hash.
pub async fn api_key_by_hash(store: &Store, hash: &str) -> Result<Option<ApiKey>, Error> {
    let claim = store.get::<HashClaim>(&keys::api_key_hash(hash)).await?;
    let Some(claim) = claim else { return Ok(None) };
    let found = store.get::<ApiKey>(&keys::api_key(claim.value.0)).await?;
    Ok(found.map(|found| found.value))
}

/// Adds a key with the claim on its hash.
pub fn insert_api_key(tx: &mut Transaction, key: &ApiKey) {
    tx.insert(key);
    tx.insert_at(keys::api_key_hash(&key.hash), &HashClaim(key.id));
}
