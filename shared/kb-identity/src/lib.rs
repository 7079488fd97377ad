#![doc = include_str!("../README.md")]

mod api_keys;
mod frames;
pub mod grants;
mod lifetime;
mod links;
pub mod oauth;
mod pairing;
mod people;
mod rights;
pub mod secret_keys;
mod sessions;
mod setup;
mod token;
pub mod vault;

pub use api_keys::NewKey;
pub use frames::{FRAME_SECONDS, IssuedFrame};
pub use lifetime::{staff_session_seconds, touched_after_seconds};
pub use links::{INVITATION_SECONDS, LINK_SECONDS};
pub use pairing::{PAIRING_SECONDS, Paired};
pub use people::NewPerson;
pub use rights::ceiling;
pub use sessions::SignedIn;
pub use setup::{FirstAdmin, SETUP_SECONDS};

use kb_domain::{Clock, EventId, IdGen, Timestamp, Viewer};
use kb_events::{Actor, Author};
use kb_store::{Error, Store, keys};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Keys, people and sessions.
#[derive(Clone)]
pub struct Identity {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    notes_use: bool,
}

/// A secret that was just made; the only time it can be read.
pub struct IssuedSecret {
    /// The id of what it opens.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// How long it is good, in seconds.
    pub seconds: i64,
}

impl std::fmt::Debug for IssuedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuedSecret({})", self.id)
    }
}

impl Identity {
    /// Identities in a store, for a program that does not write when a session was last used.
    pub fn new(store: Store, clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self {
            store,
            clock,
            ids,
            notes_use: false,
        }
    }

    /// The same, for a program that may write sessions or may not.
    #[must_use]
    pub fn noting_use(self, notes_use: bool) -> Self {
        Self { notes_use, ..self }
    }

    /// The viewer a bearer stands for: an API key, or a frame. `None` when it is unknown or over.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        if secret.starts_with(token::FRAME) {
            return self.frame(secret).await;
        }
        self.key(secret).await
    }

    fn secret(&self, prefix: &str) -> String {
        format!("{prefix}{}", keys::hex(&self.ids.secret()))
    }

    fn author(&self, actor: Actor, at: Timestamp) -> Author {
        Author {
            actor,
            at,
            event: EventId::new(self.ids.uuid()),
        }
    }
}

/// SHA-256 of a secret, in hexadecimal. Secrets are 256 random bits, so a plain hash is as good as a slow one.
fn hash(secret: &str) -> String {
    keys::hex(&Sha256::digest(secret.as_bytes()))
}
