//! Renewal: one process takes the lease, says in the row that the refresh token is shown, shows it, and stores the pair that comes.

use super::pair::{Pair, place, sealable};
use super::{ConnectError, Grants, LEASE_SECONDS, Reconnect};
use crate::oauth::{Registration, TokenFault, Tokens};
use kb_domain::{ConnectionId, Timestamp};
use kb_events::{Attempts, Work};
use kb_store::repo::{Grant, GrantEnd, Lease, Stored};
use kb_store::{Condition, Error, Version, keys};
use secrecy::SecretString;

/// How often a pair is written that exists nowhere else, while the table does not answer.
const WRITES: usize = 5;

/// What came of a renewal.
pub(super) enum Renewed {
    /// The access token of the next pair, which is stored.
    Access(SecretString),
    /// Another one has come between: the row says what is so now.
    LookAgain,
    /// No next pair, and the grant goes on.
    Failed(ConnectError),
}

pub(super) struct Renewal<'a> {
    pub grants: &'a Grants,
    pub connection: ConnectionId,
    pub client: &'a Registration,
    pub now: Timestamp,
}

impl Renewal<'_> {
    /// Renews a grant as it was read. Errors: the table does not answer, or the vault is closed, before anything was shown.
    pub(super) async fn renew(
        &self,
        grant: Stored<Grant>,
        lease: Option<Stored<Lease>>,
        pair: &Pair,
    ) -> Result<Renewed, ConnectError> {
        if !self.take_lease(lease).await? {
            return Ok(Renewed::LookAgain);
        }
        // Whatever could fail afterwards is asked for before the token is shown.
        let secret = self
            .grants
            .client_secret(self.connection, self.client)
            .await?;
        self.grants.vault.ready().await?;
        let token = pair.refresh.as_ref();
        let token = token.ok_or(ConnectError::Reconnect(Reconnect::Expired))?;
        let Some(shown) = self.announce(grant).await? else {
            return Ok(Renewed::LookAgain);
        };
        let fetch = &self.grants.fetch;
        match self.client.refresh(fetch, secret.as_ref(), token).await {
            Ok(tokens) => self.store(shown, tokens, token).await,
            Err(fault) => self.settle(shown, fault).await,
        }
    }

    /// Takes the lease, unless somebody else did. It keeps many from opening what only one will use.
    async fn take_lease(&self, before: Option<Stored<Lease>>) -> Result<bool, ConnectError> {
        let random = self.grants.ids.secret();
        let lease = Lease {
            holder: keys::hex(&random[..8]),
            until: self.now.plus_seconds(LEASE_SECONDS),
        };
        let mut work = Work::begin(self.now);
        let key = keys::lease(self.connection);
        match before {
            Some(before) => work.replace_at(key, before.version, &lease),
            None => work.insert_at(key, &lease),
        }
        self.commit(work).await.map(|written| written.is_some())
    }

    /// Says that the refresh token is shown, if the grant is still the one that was read.
    async fn announce(&self, grant: Stored<Grant>) -> Result<Option<Stored<Grant>>, ConnectError> {
        let shown = Grant {
            shown_at: Some(self.now),
            shown_again: grant.value.shown_at.is_some(),
            ..grant.value
        };
        self.write(grant.version, shown, false).await
    }

    /// Stores the next pair, as long as the one that was shown is still in the row: nobody else has one that is newer. It is sealed
    /// once, and written whatever has been marked in the meantime.
    async fn store(
        &self,
        mut shown: Stored<Grant>,
        tokens: Tokens,
        before: &SecretString,
    ) -> Result<Renewed, ConnectError> {
        let row = keys::grant(self.connection);
        let generation = shown.value.generation + 1;
        let sealed = sealable(&tokens, Some(before));
        let sealed = self
            .grants
            .vault
            .seal(place(&row, generation), &sealed)
            .await?;
        let (mut attempts, mut writes) = (Attempts::default(), WRITES);
        loop {
            let end = shown.value.end.filter(|end| *end == GrantEnd::Withdrawn);
            let next = Grant {
                generation,
                tokens: sealed.clone(),
                end,
                ..renewed(&shown.value, &tokens, self.now)
            };
            match self.write(shown.version, next, true).await {
                Ok(Some(_)) if end.is_some() => return Ok(Renewed::LookAgain),
                Ok(Some(_)) => return Ok(Renewed::Access(tokens.access)),
                Ok(None) => {}
                Err(fault) => {
                    writes -= 1;
                    if writes == 0 {
                        return Err(fault);
                    }
                    continue;
                }
            }
            let found = self.grants.store.get::<Grant>(&row).await?;
            let same = found.filter(|found| found.value.tokens == shown.value.tokens);
            match same {
                Some(found) if attempts.again(true) => shown = found,
                _ => return Ok(Renewed::LookAgain),
            }
        }
    }

    /// Says in the row what is known now that there is no next pair.
    async fn settle(
        &self,
        shown: Stored<Grant>,
        fault: TokenFault,
    ) -> Result<Renewed, ConnectError> {
        let mut settled = Grant {
            // It is known what came of it, so that this time does not count.
            shown_again: false,
            ..shown.value
        };
        match fault {
            // A person may have consented in the meantime: then the write fails, and the row says so.
            TokenFault::Refused => {
                settled.end = Some(GrantEnd::Refused);
                settled.shown_at = None;
            }
            // The request is over, and nobody holds a newer pair: to show it again does no harm.
            TokenFault::NotSent(_) | TokenFault::Answered(_) => settled.shown_at = None,
            // The partner may still be at it.
            TokenFault::Unsure(_) => {}
        }
        let is_refused = fault == TokenFault::Refused;
        match self.write(shown.version, settled, true).await {
            Ok(Some(_)) if !is_refused => Ok(Renewed::Failed(fault.into())),
            Ok(Some(_)) => {
                let connection = self.connection;
                tracing::warn!(connection.id = %connection, "a grant has ended, a person must connect again");
                Ok(Renewed::LookAgain)
            }
            Ok(_) => Ok(Renewed::LookAgain),
            Err(error) => Ok(Renewed::Failed(error)),
        }
    }

    /// Writes the grant over the version that was read; `None` where it is another one by now.
    async fn write(
        &self,
        before: Version,
        grant: Grant,
        ends_lease: bool,
    ) -> Result<Option<Stored<Grant>>, ConnectError> {
        let mut work = Work::begin(self.now);
        work.replace_at(keys::grant(self.connection), before, &grant);
        if ends_lease {
            work.delete(keys::lease(self.connection), Condition::Any);
        }
        let written = self.commit(work).await?;
        Ok(written.map(|version| Stored {
            value: grant,
            version,
        }))
    }

    /// The version that was written; `None` where a condition does not hold.
    async fn commit(&self, work: Work) -> Result<Option<Version>, ConnectError> {
        let version = work.version();
        match work.silently(version).commit(&self.grants.store).await {
            Ok(version) => Ok(Some(version)),
            Err(Error::Condition { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The grant with what the partner says of new tokens. Their lives count from before the request.
pub(super) fn renewed(before: &Grant, tokens: &Tokens, now: Timestamp) -> Grant {
    let end = |seconds: i64| now.plus_seconds(seconds);
    Grant {
        renewable: before.renewable || tokens.refresh.is_some(),
        scopes: tokens
            .scopes
            .clone()
            .unwrap_or_else(|| before.scopes.clone()),
        issued_at: now,
        access_until: tokens.access_seconds.map(end),
        refresh_until: match (&tokens.refresh, tokens.refresh_seconds) {
            (_, Some(seconds)) => Some(end(seconds)),
            (Some(_), None) => None,
            (None, None) => before.refresh_until,
        },
        shown_at: None,
        shown_again: false,
        end: None,
        ..before.clone()
    }
}
