//! Other secrets of a connection: the one by which we are known to the partner, those that its webhooks are signed with.

use super::{ConnectError, Grants, Reconnect};
use crate::oauth::{ClientAuth, Registration};
use crate::vault::Place;
use kb_domain::{ConnectionId, Timestamp};
use kb_events::{Attempts, Work};
use kb_store::repo::KeptSecret;
use kb_store::{Error, Key, keys};
use secrecy::SecretString;

/// The secret by which a confidential client is known to the partner.
const CLIENT: &str = "client";

fn place(row: &Key, generation: u64) -> Place<'_> {
    Place {
        what: "secret",
        row,
        generation,
    }
}

impl Grants {
    /// Keeps the secret by which the partner knows us, in place of the one before.
    pub async fn keep_client_secret(
        &self,
        connection: ConnectionId,
        secret: &SecretString,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        self.keep(connection, CLIENT, secret, now).await
    }

    /// Keeps a secret of a connection under a name, in place of the one before.
    pub async fn keep(
        &self,
        connection: ConnectionId,
        name: &str,
        secret: &SecretString,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        let row = keys::secret(connection, name);
        let mut attempts = Attempts::default();
        loop {
            let before = self.store.get::<KeptSecret>(&row).await?;
            let generation = before.as_ref().map_or(0, |b| b.value.generation) + 1;
            let kept = KeptSecret {
                generation,
                secret: self.vault.seal(place(&row, generation), secret).await?,
                kept_at: now,
            };
            let mut work = Work::begin(now);
            match before {
                Some(before) => work.replace_at(row.clone(), before.version, &kept),
                None => work.insert_at(row.clone(), &kept),
            }
            match work.silently(()).commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => return Ok(done?),
            }
        }
    }

    /// A secret of a connection; `None` when none is kept under this name.
    pub async fn kept(
        &self,
        connection: ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, ConnectError> {
        let row = keys::secret(connection, name);
        let Some(kept) = self.store.get::<KeptSecret>(&row).await? else {
            return Ok(None);
        };
        let place = place(&row, kept.value.generation);
        Ok(Some(self.vault.open(place, &kept.value.secret).await?))
    }

    /// What we say who we are by; `None` for a public client. Errors: the secret of another client is not kept.
    pub(super) async fn client_secret(
        &self,
        connection: ConnectionId,
        client: &Registration,
    ) -> Result<Option<SecretString>, ConnectError> {
        if client.auth == ClientAuth::Public {
            return Ok(None);
        }
        let secret = self.kept(connection, CLIENT).await?;
        let secret = secret.ok_or(ConnectError::Reconnect(Reconnect::NoSecret))?;
        Ok(Some(secret))
    }
}
