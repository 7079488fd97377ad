//! What a partner has granted us. Tokens and secrets are sealed; what they are bound to is said where they are (kb-identity).

use crate::error::Error;
use crate::keys;
use crate::record::{Stored, read, stored_as_is};
use crate::store::Store;
use crate::table::{Key, Query};
use kb_domain::{ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that only the vault opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The number of the data key.
    pub key: u32,
    /// Nonce, ciphertext and tag, in base 64.
    pub text: String,
}

/// Why a grant is over for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantEnd {
    /// The partner does not take its refresh token.
    Refused,
    /// We take it back.
    Withdrawn,
}

/// What a partner has granted. Each pair of tokens is a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Counts the pairs, across consents.
    pub generation: u64,
    /// The pair.
    pub tokens: Sealed,
    /// Whether there is a refresh token in it.
    pub renewable: bool,
    /// What it covers, as far as the partner says.
    pub scopes: BTreeSet<String>,
    /// When the pair was asked for.
    pub issued_at: Timestamp,
    /// When the access token ends; `None` for never.
    pub access_until: Option<Timestamp>,
    /// When the refresh token ends, where the partner says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_until: Option<Timestamp>,
    /// The refresh token was shown to the partner at this moment, and nobody knows what came of it. Written before the request, so
    /// that what is unsure after a crash is known to be unsure, and a table that does not write stops the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_at: Option<Timestamp>,
    /// It was shown once more, after every process that may have had the first answer was over.
    #[serde(default)]
    pub shown_again: bool,
    /// Why it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<GrantEnd>,
}

stored_as_is!(Grant = "grant");

/// Who renews a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// A name that nobody else has.
    pub holder: String,
    /// When it is over.
    pub until: Timestamp,
}

stored_as_is! { Lease = "lease"
    fn expires_at(&self) -> Option<i64> {
        Some(self.until.unix_seconds() + 1)
    }
}

/// A secret of a connection, such as the one by which we are known to the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSecret {
    /// Counts what was kept under this name.
    pub generation: u64,
    /// The secret.
    pub secret: Sealed,
    /// When it was kept.
    pub kept_at: Timestamp,
}

stored_as_is!(KeptSecret = "kept-secret");

/// A consent that has begun and is not answered yet. It is taken once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectFlow {
    /// The partner's kind; the callback of another one does not take it.
    pub vendor: String,
    /// For which connection.
    pub connection: ConnectionId,
    /// The hash of the cookie of the browser that began it.
    pub cookie: String,
    /// The verifier of the code (RFC 7636).
    pub verifier: Sealed,
    /// Where the partner sends the browser back, exactly.
    pub redirect: String,
    /// What is asked for.
    pub scopes: BTreeSet<String>,
    /// When it is over.
    pub expires_at: Timestamp,
}

stored_as_is! { ConnectFlow = "connect-flow"
    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.unix_seconds() + 1)
    }
}

/// The secrets of a connection, with their keys.
pub async fn secrets_of(
    store: &Store,
    connection: ConnectionId,
) -> Result<Vec<(Key, Stored<KeptSecret>)>, Error> {
    let partition = Query::partition(keys::connection_partition(connection), 0);
    let of_secrets = Query {
        prefix: keys::SECRET.to_owned(),
        ..partition
    };
    let rows = store.rows(of_secrets).await?;
    let secrets = rows.into_iter().map(|(key, row)| {
        let secret = read(&key, &row)?;
        Ok((key, secret))
    });
    secrets.collect()
}
