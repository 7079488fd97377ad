//! A person's consent: begun in a browser, answered in the same one within ten minutes, once.

use super::pair::{place, sealable};
use super::renewal::renewed;
use super::{ConnectError, Grants};
use crate::hash;
use crate::oauth::{Callback, Registration, TokenFault, Tokens};
use crate::vault::Place;
use kb_domain::{ConnectionId, Timestamp};
use kb_events::{Attempts, Work};
use kb_store::repo::{ConnectFlow, Grant, Sealed, Stored};
use kb_store::{Condition, Error, Key, keys};
use secrecy::{ExposeSecret, SecretString};

/// How long a consent may take, in seconds.
pub const CONSENT_SECONDS: i64 = 600;

/// A consent that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub authorize_url: String,
    /// What its cookie holds, for [`CONSENT_SECONDS`].
    pub cookie: SecretString,
}

/// An answer that belongs to a consent of this browser, and is not taken yet.
pub struct Answered {
    /// For which connection.
    pub connection: ConnectionId,
    callback: Callback,
    row: Key,
    flow: Stored<ConnectFlow>,
}

fn verifier_place(row: &Key) -> Place<'_> {
    Place {
        what: "verifier",
        row,
        generation: 0,
    }
}

/// Says why in the log, where it helps who connects; the answer is one for all.
fn no(why: &'static str) -> ConnectError {
    tracing::info!(why, "the answer to a consent was not taken");
    ConnectError::Callback
}

impl Grants {
    /// Begins a consent for a connection. Errors: an address of the partner is malformed; the vault is closed.
    pub async fn begin(
        &self,
        connection: ConnectionId,
        client: &Registration,
        now: Timestamp,
    ) -> Result<Begun, ConnectError> {
        let [state, cookie] = [crate::oauth::STATE, "cc_"].map(|beginning| {
            let random = keys::hex(&self.ids.secret());
            SecretString::from(format!("{beginning}{random}"))
        });
        let verifier = SecretString::from(keys::hex(&self.ids.secret()));
        let row = keys::connect_flow(&hash(state.expose_secret()));
        let flow = ConnectFlow {
            vendor: client.vendor.clone(),
            connection,
            cookie: hash(cookie.expose_secret()),
            verifier: self.vault.seal(verifier_place(&row), &verifier).await?,
            redirect: client.redirect.clone(),
            scopes: client.scopes.clone(),
            expires_at: now.plus_seconds(CONSENT_SECONDS),
        };
        let authorize_url = client.authorize(&state, &verifier)?;
        let mut work = Work::begin(now);
        work.insert_at(row, &flow);
        work.silently(()).commit(&self.store).await?;
        Ok(Begun {
            authorize_url,
            cookie,
        })
    }

    /// Reads the query of a callback of `vendor` that came with `cookie`. Nothing is written. Errors: [`ConnectError::Callback`] when
    /// it is no answer to a consent of this browser and this partner that is still open.
    pub async fn answered(
        &self,
        vendor: &str,
        query: &str,
        cookie: &str,
        now: Timestamp,
    ) -> Result<Answered, ConnectError> {
        let callback = Callback::read(query).ok_or_else(|| no("malformed"))?;
        let row = keys::connect_flow(&hash(&callback.state));
        let flow = self.store.get_live::<ConnectFlow>(&row, now).await?;
        let flow = flow.ok_or_else(|| no("unknown, used or over"))?;
        // Both are hashes, so that the time of comparing tells nothing.
        if flow.value.cookie != hash(cookie) {
            return Err(no("begun in another browser"));
        }
        if flow.value.vendor != vendor {
            return Err(no("begun for another partner"));
        }
        Ok(Answered {
            connection: flow.value.connection,
            callback,
            row,
            flow,
        })
    }

    /// Takes an answer, once, and stores what the partner grants for its code: the grant of the connection from now on, whatever
    /// became of the one before. Errors: [`ConnectError::Callback`] when nobody consented, the partner says it is another one, somebody
    /// took the answer before, or the code is not good; the partner does not answer.
    pub async fn redeem(
        &self,
        answered: Answered,
        client: &Registration,
        now: Timestamp,
    ) -> Result<Grant, ConnectError> {
        let flow = &answered.flow.value;
        if client.vendor != flow.vendor {
            return Err(no("begun for another partner"));
        }
        if client.issuer.is_some() && client.issuer != answered.callback.issuer {
            return Err(no("of another issuer"));
        }
        let code = answered.callback.code.as_ref();
        let code = code.ok_or_else(|| no("nobody consented"))?;
        let secret = self.client_secret(answered.connection, client).await?;
        let verifier = self
            .vault
            .open(verifier_place(&answered.row), &flow.verifier);
        let verifier = verifier.await?;
        self.vault.ready().await?;
        let mut work = Work::begin(now);
        let seen = Condition::Version(answered.flow.version);
        work.delete(answered.row.clone(), seen);
        match work.silently(()).commit(&self.store).await {
            Err(Error::Condition { .. }) => return Err(no("used at the same moment")),
            taken => taken?,
        }
        let fetch = &self.fetch;
        let exchanged = client.exchange(fetch, secret.as_ref(), code, &verifier, &flow.redirect);
        match exchanged.await {
            Ok(tokens) => {
                let first = first(flow.scopes.clone());
                self.put(answered.connection, &first, &tokens, now).await
            }
            Err(TokenFault::Refused) => Err(no("the code is not good")),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Stores a token that a person made at the partner and gave us: the grant of the connection from now on.
    pub async fn paste(
        &self,
        connection: ConnectionId,
        token: SecretString,
        now: Timestamp,
    ) -> Result<Grant, ConnectError> {
        let tokens = Tokens::pasted(token);
        let first = first(std::collections::BTreeSet::default());
        self.put(connection, &first, &tokens, now).await
    }

    async fn put(
        &self,
        connection: ConnectionId,
        first: &Grant,
        tokens: &Tokens,
        now: Timestamp,
    ) -> Result<Grant, ConnectError> {
        let row = keys::grant(connection);
        let mut attempts = Attempts::default();
        loop {
            let before = self.store.get::<Grant>(&row).await?;
            let generation = before.as_ref().map_or(0, |b| b.value.generation) + 1;
            let sealed = sealable(tokens, None);
            let grant = Grant {
                generation,
                tokens: self.vault.seal(place(&row, generation), &sealed).await?,
                ..renewed(first, tokens, now)
            };
            let mut work = Work::begin(now);
            match before {
                Some(before) => work.replace_at(row.clone(), before.version, &grant),
                None => work.insert_at(row.clone(), &grant),
            }
            work.delete(keys::lease(connection), Condition::Any);
            match work.silently(()).commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => return Ok(done.map(|()| grant)?),
            }
        }
    }
}

/// What a consent asked for, before it is known what is granted.
fn first(scopes: std::collections::BTreeSet<String>) -> Grant {
    Grant {
        generation: 0,
        tokens: Sealed {
            key: 0,
            text: String::new(),
        },
        renewable: false,
        scopes,
        issued_at: Timestamp::default(),
        access_until: None,
        refresh_until: None,
        shown_at: None,
        shown_again: false,
        end: None,
    }
}
