//! Webhooks that come in: proved over the raw bytes, then read for hints. Pure: no clock, no table.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use kb_domain::Timestamp;
use kb_domain::remote::{Gone, RemoteId, Thing};
use sha2::Sha256;

/// How far their clock may be from ours.
const WINDOW_SECONDS: i64 = 300;

/// Why a webhook is refused. Whoever sent it is told none of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproved {
    /// It has no signature.
    Unsigned,
    /// Its signature is not one of ours.
    Forged,
    /// It was signed too long ago, or in the future.
    Stale,
}

/// Something of theirs that may have changed: it is looked at, and nothing else is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What sort of thing.
    pub thing: Thing,
    /// Which one.
    pub id: RemoteId,
    /// How it went, if it did.
    pub gone: Option<Gone>,
}

/// What a webhook says. One that is understood in no part has no hints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedWebhook {
    /// Its own id: the same again is the same webhook.
    pub id: Option<String>,
    /// What it calls itself.
    pub kind: String,
    /// What may have changed.
    pub hints: Vec<Hint>,
}

/// How a kind of system signs and writes its webhooks.
pub trait WebhookVerifier: Send + Sync {
    /// That somebody who holds one of the secrets sent it within the window; when, by their clock. `secrets` are the current one and
    /// for a day the one before.
    fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        secrets: &[&[u8]],
        now: Timestamp,
    ) -> Result<Timestamp, Unproved>;

    /// What it says.
    fn parse(&self, headers: &HeaderMap, body: &[u8]) -> ParsedWebhook;
}

/// Whether one of the secrets made this signature of these parts, in constant time. An empty secret is none.
pub(crate) fn is_signed_by(secrets: &[&[u8]], parts: &[&[u8]], signature: &[u8]) -> bool {
    let made = |secret: &&[u8]| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            return false;
        };
        for part in parts {
            mac.update(part);
        }
        mac.verify_slice(signature).is_ok()
    };
    secrets.iter().filter(|s| !s.is_empty()).any(made)
}

/// Whether their clock and ours are near enough.
pub(crate) fn is_in_window(at: Timestamp, now: Timestamp) -> bool {
    (at.unix_seconds() - now.unix_seconds()).abs() <= WINDOW_SECONDS
}
