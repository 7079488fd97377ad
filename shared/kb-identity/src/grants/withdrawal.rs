//! Taking a grant back: from the first write on it opens nothing here, then the partner is told, then all is deleted.

use super::{ConnectError, Grants, PROCESS_MAX_SECONDS};
use crate::oauth::Registration;
use kb_domain::{ConnectionId, Timestamp};
use kb_events::{Attempts, Work};
use kb_store::repo::{Grant, GrantEnd, Stored, secrets_of};
use kb_store::{Condition, Error, keys};

impl Grants {
    /// Takes the grant of a connection back, at the partner first, and deletes it with all secrets of the connection. Errors: a
    /// renewal is under way, whose tokens must be taken back as well; the partner does not answer or refuses. Nothing is deleted then,
    /// and this is to be tried again, or [`Grants::forget`] called; no access token is answered any more in either case.
    pub async fn revoke(
        &self,
        connection: ConnectionId,
        client: &Registration,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        if let Some(grant) = self.withdraw(connection, now).await? {
            let shown = grant.value.shown_at;
            let over = shown.map(|at| at.plus_seconds(PROCESS_MAX_SECONDS));
            if let Some(over) = over.filter(|over| now < *over) {
                return Err(ConnectError::Busy(over));
            }
            let pair = self.open(connection, &grant.value).await?;
            let secret = self.client_secret(connection, client).await?;
            let refresh = pair.refresh.as_ref();
            client
                .revoke(&*self.fetch, secret.as_ref(), &pair.access, refresh)
                .await?;
        }
        self.forget(connection, now).await
    }

    /// Deletes the grant and all secrets of a connection without telling the partner, for whom its tokens stay good.
    pub async fn forget(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        let secrets = secrets_of(&self.store, connection).await?;
        let mut work = Work::begin(now);
        for (key, _) in secrets {
            work.delete(key, Condition::Any);
        }
        work.delete(keys::grant(connection), Condition::Any);
        work.delete(keys::lease(connection), Condition::Any);
        work.silently(()).commit(&self.store).await?;
        Ok(())
    }

    /// Marks the grant: from now on no access token of it is answered.
    async fn withdraw(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<Option<Stored<Grant>>, ConnectError> {
        let row = keys::grant(connection);
        let mut attempts = Attempts::default();
        loop {
            let Some(found) = self.store.get::<Grant>(&row).await? else {
                return Ok(None);
            };
            if found.value.end == Some(GrantEnd::Withdrawn) {
                return Ok(Some(found));
            }
            let grant = Grant {
                end: Some(GrantEnd::Withdrawn),
                ..found.value
            };
            let mut work = Work::begin(now);
            work.replace_at(row.clone(), found.version, &grant);
            let version = work.version();
            match work.silently(()).commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => {
                    done?;
                    return Ok(Some(Stored {
                        value: grant,
                        version,
                    }));
                }
            }
        }
    }
}
