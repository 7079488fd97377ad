//! API keys: what a program presents instead of a person.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored};
use crate::store::Store;
use crate::table::{Condition, Key, Transaction};
use kb_domain::{Area, KeyId, Level, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
    /// Invite and remove people, and change segments.
    People,
    /// Change settings.
    Admin,
}

/// One secret of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySecret {
    /// Its SHA-256 in hexadecimal.
    pub hash: String,
    /// Its first characters, by which people tell keys apart; empty for one of before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// How long it is still good after a newer one was made; absent for the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A key without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The id.
    pub id: KeyId,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<KeyScope>,
    /// How far inside it stands.
    pub level: Level,
    /// Where it may do what its scopes say.
    pub areas: Vec<Area>,
    /// Its secrets, the newest last.
    pub secrets: Vec<KeySecret>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; absent when it does not.
    pub expires_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether a secret with this hash opens it at `now`.
    pub fn opens(&self, hash: &str, now: Timestamp) -> bool {
        let is_good = |end: Option<Timestamp>| end.is_none_or(|end| end > now);
        let mut secrets = self.secrets.iter();
        is_good(self.expires_at) && secrets.any(|s| s.hash == hash && is_good(s.until))
    }
}

impl Record for ApiKey {
    type Form = Self;
    const KIND: &'static str = "api-key";
    const VERSION: u32 = 2;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    /// The first version had one secret, and stood where its scopes put it.
    fn upgrade(version: u32, mut body: Value) -> Result<Value, String> {
        if version != 1 {
            return Err(format!("api-key.{version} was never written"));
        }
        let suggest = json!(KeyScope::Suggest);
        let scopes = body["scopes"].as_array();
        let suggests = scopes.is_some_and(|s| s.contains(&suggest));
        body["level"] = json!(if suggests {
            Level::Agent
        } else {
            Level::Public
        });
        body["areas"] = json!([Area::Everything]);
        body["secrets"] = json!([{"hash": body["hash"]}]);
        Ok(body)
    }
}

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

/// A key by its id, with its version.
pub async fn api_key(store: &Store, id: KeyId) -> Result<Option<Stored<ApiKey>>, Error> {
    store.get::<ApiKey>(&keys::api_key(id)).await
}

/// Every key.
pub async fn api_keys(store: &Store) -> Result<Vec<Stored<ApiKey>>, Error> {
    store.all::<ApiKey>(keys::API_KEYS).await
}

/// Adds a key with the claims on its secrets.
pub fn insert_api_key(tx: &mut Transaction, key: &ApiKey) {
    tx.insert(key);
    claim(tx, key, &[]);
}

/// Replaces a key; claims go and come with its secrets.
pub fn replace_api_key(tx: &mut Transaction, before: &Stored<ApiKey>, after: &ApiKey) {
    tx.replace(before, after);
    claim(tx, after, &before.value.secrets);
    for gone in &before.value.secrets {
        if after.secrets.iter().all(|s| s.hash != gone.hash) {
            tx.delete(keys::api_key_hash(&gone.hash), Condition::Any);
        }
    }
}

/// Removes a key with the claims on its secrets: none of them opens anything from then on.
pub fn remove_api_key(tx: &mut Transaction, before: &Stored<ApiKey>) {
    tx.remove(before);
    for secret in &before.value.secrets {
        tx.delete(keys::api_key_hash(&secret.hash), Condition::Any);
    }
}

fn claim(tx: &mut Transaction, key: &ApiKey, claimed: &[KeySecret]) {
    for secret in &key.secrets {
        if claimed.iter().all(|s| s.hash != secret.hash) {
            tx.insert_at(keys::api_key_hash(&secret.hash), &HashClaim(key.id));
        }
    }
}
