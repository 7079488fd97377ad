//! What partners have granted us: kept sealed, renewed by one process at a time, taken back. No token is kept in memory between
//! calls: each reads the row, so that what was taken back opens nothing from the next call on.

mod error;
mod flow;
mod pair;
mod renewal;
mod secrets;
mod step;
mod withdrawal;

pub use error::{ConnectError, Reconnect};
pub use flow::{Answered, Begun, CONSENT_SECONDS};
pub use step::{GrantStep, LEASE_SECONDS, PROCESS_MAX_SECONDS, ending, next_grant_step, renew_at};

use crate::oauth::Registration;
use crate::vault::Vault;
use kb_domain::{ConnectionId, IdGen, Timestamp};
use kb_fetch::Fetch;
use kb_store::record::read;
use kb_store::repo::{Grant, Lease, Stored};
use kb_store::{Store, keys};
use pair::Pair;
use renewal::Renewed;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// How often a call looks again within itself, where another one has come between.
const LOOKS: usize = 4;

/// The grants of all connections.
#[derive(Clone)]
pub struct Grants {
    store: Store,
    ids: Arc<dyn IdGen>,
    vault: Vault,
    fetch: Arc<dyn Fetch>,
}

impl Grants {
    /// Grants in a store, whose partners are reached by `fetch`.
    pub fn new(store: Store, ids: Arc<dyn IdGen>, vault: Vault, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            store,
            ids,
            vault,
            fetch,
        }
    }

    /// An access token of a connection that is good at `now`, the moment of this call; renewed before if it must be. While the
    /// partner cannot renew it, the one before is answered as long as it is good. Errors: a person must consent; another process is
    /// at it; the partner does not answer; the vault is closed.
    pub async fn bearer(
        &self,
        connection: ConnectionId,
        client: &Registration,
        now: Timestamp,
    ) -> Result<SecretString, ConnectError> {
        self.good(connection, client, None, now).await
    }

    /// As [`Grants::bearer`], after the partner did not take the access token `refused`: a newer one if there is one, else it is
    /// renewed, whatever its end says.
    pub async fn refused(
        &self,
        connection: ConnectionId,
        client: &Registration,
        refused: &SecretString,
        now: Timestamp,
    ) -> Result<SecretString, ConnectError> {
        self.good(connection, client, Some(refused), now).await
    }

    /// The row of a grant, for those who show its health or lay its timers; `None` where nobody has consented.
    pub async fn row(&self, connection: ConnectionId) -> Result<Option<Grant>, ConnectError> {
        let found = self.store.get::<Grant>(&keys::grant(connection)).await?;
        Ok(found.map(|grant| grant.value))
    }

    async fn good(
        &self,
        connection: ConnectionId,
        client: &Registration,
        refused: Option<&SecretString>,
        now: Timestamp,
    ) -> Result<SecretString, ConnectError> {
        for _ in 0..LOOKS {
            let (grant, lease) = self.read(connection, now).await?;
            let grant = grant.ok_or(ConnectError::Reconnect(Reconnect::NoConsent))?;
            let pair = self.open(connection, &grant.value).await?;
            let access = pair.access.expose_secret();
            let is_refused = refused.is_some_and(|refused| refused.expose_secret() == access);
            let held = lease.as_ref().map(|lease| &lease.value);
            match next_grant_step(&grant.value, held, now, is_refused) {
                GrantStep::Use => return Ok(pair.access),
                GrantStep::Wait(until) => return Err(ConnectError::Busy(until)),
                GrantStep::Reconnect(why) => return Err(ConnectError::Reconnect(why)),
                GrantStep::Refresh => {
                    let renewal = renewal::Renewal {
                        grants: self,
                        connection,
                        client,
                        now,
                    };
                    match renewal.renew(grant, lease, &pair).await? {
                        Renewed::Access(access) => return Ok(access),
                        Renewed::LookAgain => {}
                        Renewed::Failed(_) if !is_refused && pair.is_good(now) => {
                            return Ok(pair.access);
                        }
                        Renewed::Failed(fault) => return Err(fault),
                    }
                }
            }
        }
        Err(ConnectError::Busy(now.plus_seconds(1)))
    }

    /// Grant and lease as of one moment.
    async fn read(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(Option<Stored<Grant>>, Option<Stored<Lease>>), ConnectError> {
        let keys = [keys::grant(connection), keys::lease(connection)];
        let rows = self.store.get_rows(&keys, now).await?;
        let grant = rows[0]
            .as_ref()
            .map(|row| read(&keys[0], row))
            .transpose()?;
        let lease = rows[1]
            .as_ref()
            .map(|row| read(&keys[1], row))
            .transpose()?;
        Ok((grant, lease))
    }

    async fn open(&self, connection: ConnectionId, grant: &Grant) -> Result<Pair, ConnectError> {
        let row = keys::grant(connection);
        let opened = self
            .vault
            .open(pair::place(&row, grant.generation), &grant.tokens);
        Ok(Pair::read(&opened.await?, grant)?)
    }
}
