//! Every connected system, as the program reaches it: one way out, the grants, and a pace for each connection.

use crate::client::{BearerSource, Budget, Class, OutgoingClient, Pace, VendorClient};
use crate::port::{Fault, KnowledgeSource};
use crate::vendors::{Auth, Probe, Profile, TokenBody, Vendor, vendor};
use async_trait::async_trait;
use kb_domain::remote::{Connection, ConnectionState, Use};
use kb_domain::{Clock, ConnectionId, Timestamp};
use kb_fetch::Fetch;
use kb_identity::grants::{ConnectError, Grants};
use kb_identity::oauth::{ClientAuth, Registration, Revocation};
use kb_store::Store;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use url::Url;

/// Where a partner sends the browser back, below the program's own address.
pub const CALLBACK: &str = "/connect/callback/";

/// The systems that are connected.
#[derive(Clone)]
pub struct Partners {
    store: Store,
    clock: Arc<dyn Clock>,
    fetch: Arc<dyn Fetch>,
    grants: Grants,
    paces: Arc<Mutex<HashMap<ConnectionId, Arc<Pace>>>>,
}

impl Partners {
    /// Systems that are reached by `fetch`, with these grants.
    pub fn new(store: Store, clock: Arc<dyn Clock>, fetch: Arc<dyn Fetch>, grants: Grants) -> Self {
        Self {
            store,
            clock,
            fetch,
            grants,
            paces: Arc::default(),
        }
    }

    /// The grants.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// The knowledge base of a connection. Errors: this program has no such kind of system; the connection's answers lead nowhere.
    pub fn knowledge(
        &self,
        connection: &Connection,
        class: Class,
        budget: Budget,
    ) -> Result<Arc<dyn KnowledgeSource>, Fault> {
        let vendor = known(connection)?;
        let client = self.client(connection, vendor.profile(), class, budget)?;
        Ok(vendor.knowledge(client))
    }

    /// Asks what the grant of a connection reaches.
    pub async fn probe(&self, connection: &Connection, what: Use) -> Result<Probe, Fault> {
        let vendor = known(connection)?;
        let budget = Budget::new(20, self.clock.now().plus_seconds(25));
        let client = self.client(connection, vendor.profile(), Class::Live, budget)?;
        vendor.probe(&*client, what).await
    }

    /// Takes the grant of a connection back, at the partner first. A grant that is over is forgotten here. Errors: the partner does not
    /// answer; a renewal goes on; the vault is closed.
    pub async fn withdraw(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        let here = Url::parse("https://localhost").ok();
        let client = here.and_then(|home| registration(connection, &home).ok());
        match (connection.state, client) {
            (ConnectionState::Granted, Some(client)) => {
                self.grants.revoke(connection.id, &client, now).await
            }
            _ => self.grants.forget(connection.id, now).await,
        }
    }

    fn client(
        &self,
        connection: &Connection,
        profile: &'static Profile,
        class: Class,
        budget: Budget,
    ) -> Result<Arc<dyn VendorClient>, Fault> {
        let nowhere = |error: kb_domain::Error| Fault::Forbidden(error.sentence());
        let base = profile
            .address(profile.base, &connection.answers)
            .map_err(nowhere)?;
        // A renewal is not sent anywhere but to the partner, so that it does not matter where a browser would be sent.
        let registration = registration(
            connection,
            &Url::parse("https://localhost").map_err(|_| unknown())?,
        );
        let bearer = Bearer {
            grants: self.grants.clone(),
            connection: connection.id,
            registration: registration.map_err(nowhere)?,
            clock: self.clock.clone(),
        };
        Ok(Arc::new(OutgoingClient {
            fetch: self.fetch.clone(),
            bearer: Arc::new(bearer),
            pace: self.pace(connection.id, profile),
            clock: self.clock.clone(),
            base,
            class,
            budget,
        }))
    }

    /// The pace of a connection, which remembers what the partner said of its limits.
    fn pace(&self, id: ConnectionId, profile: &'static Profile) -> Arc<Pace> {
        let mut paces = self.paces.lock().expect("nobody panics while it is held");
        let new = || Pace::new(self.store.clone(), id, profile.allowances, profile.limits);
        paces.entry(id).or_insert_with(|| Arc::new(new())).clone()
    }
}

fn unknown() -> Fault {
    Fault::Forbidden("this program knows no such kind of system".to_owned())
}

fn known(connection: &Connection) -> Result<&'static dyn Vendor, Fault> {
    vendor(&connection.vendor).ok_or_else(unknown)
}

/// Us as the other system of a connection knows us. `home` is where people reach this program. Errors: an answer is not what it must
/// be, or nobody has said by which client we ask.
pub fn registration(connection: &Connection, home: &Url) -> Result<Registration, kb_domain::Error> {
    let field = kb_domain::Error::field;
    let vendor = vendor(&connection.vendor)
        .ok_or_else(|| field("/vendor", "unknown", "there is no such kind of system"))?;
    let profile = vendor.profile();
    let client = connection.client.as_ref();
    let client =
        client.ok_or_else(|| field("/client/id", "required", "the id of the OAuth client"))?;
    let address = |template: &str| profile.address(template, &connection.answers);
    let Auth::Code {
        authorize,
        token,
        revoke,
        body,
        scopes,
        extra,
        ..
    } = &profile.auth;
    let origin = home.as_str().trim_end_matches('/');
    Ok(Registration {
        vendor: connection.vendor.clone(),
        authorize_url: address(authorize)?.into(),
        token_url: address(token)?.into(),
        revocation: Revocation::Deletion {
            current: address(revoke)?.into(),
            id: "/token/id".to_owned(),
            of: address(revoke)?
                .join("./")
                .map_or_else(|_| String::new(), Into::into),
        },
        client_id: client.id.clone(),
        auth: if client.confidential {
            ClientAuth::Body
        } else {
            ClientAuth::Public
        },
        redirect: format!("{origin}{CALLBACK}{}", connection.vendor),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        issuer: None,
        json_body: *body == TokenBody::Json,
        token_parameters: extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_string()))
            .collect(),
    })
}

/// The grant of a connection. It is read for every call, so that one that was taken back opens nothing from then on.
struct Bearer {
    grants: Grants,
    connection: ConnectionId,
    registration: Registration,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl BearerSource for Bearer {
    async fn bearer(&self) -> Result<String, Fault> {
        let now = self.clock.now();
        let found = self.grants.bearer(self.connection, &self.registration, now);
        plain(found.await, now)
    }

    async fn refused(&self, bearer: &str) -> Result<String, Fault> {
        let now = self.clock.now();
        let refused = SecretString::from(bearer);
        let found = self
            .grants
            .refused(self.connection, &self.registration, &refused, now);
        plain(found.await, now)
    }
}

fn plain(found: Result<SecretString, ConnectError>, now: Timestamp) -> Result<String, Fault> {
    match found {
        Ok(token) => Ok(token.expose_secret().to_owned()),
        Err(ConnectError::Busy(until)) => Err(Fault::Busy(until)),
        Err(ConnectError::Reconnect(why)) => Err(Fault::Grant(why.code().to_owned())),
        Err(error @ (ConnectError::Unreachable(_) | ConnectError::Partner(_))) => {
            Err(Fault::Unreachable(error.to_string()))
        }
        // Ours is ill, and not the partner.
        Err(error) => {
            tracing::warn!(%error, "a grant cannot be opened now");
            Err(Fault::Busy(now.plus_seconds(30)))
        }
    }
}
