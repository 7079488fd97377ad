//! Grants on engines in memory, and a partner to have them from.

use kb_domain::{Clock, ConnectionId, IdGen, Timestamp};
use kb_identity::grants::{ConnectError, Grants};
use kb_identity::oauth::{ClientAuth, Registration, Revocation};
use kb_identity::secret_keys::BareKeys;
use kb_identity::vault::Vault;
use kb_store::repo::Grant;
use kb_store::{Embedded, MemoryBlobs, Query, Store, Table, TableName};
use kb_testkit::{MockClock, SeededIds, TokenServer};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long access tokens are good there, in seconds.
pub const LIFE: i64 = 100;

pub struct Desk {
    pub table: Arc<Embedded>,
    pub clock: Arc<MockClock>,
    pub ids: Arc<SeededIds>,
    pub vault: Vault,
    pub server: Arc<TokenServer>,
    pub grants: Grants,
    pub connection: ConnectionId,
    pub client: Registration,
}

impl Desk {
    pub fn new(seed: u64) -> Self {
        Self::with_life(seed, LIFE)
    }

    /// With a partner whose access tokens are good for so many seconds.
    pub fn with_life(seed: u64, life: i64) -> Self {
        let table = Embedded::in_memory(None).unwrap();
        let (clock, ids) = (
            Arc::new(MockClock::default()),
            Arc::new(SeededIds::new(seed)),
        );
        let keys = BareKeys::new(Arc::new(MemoryBlobs::default()), ids.clone());
        let vault = Vault::new(Arc::new(keys), clock.clone(), ids.clone());
        let server = Arc::new(TokenServer::new("canary", life.unsigned_abs()));
        let store = store_on(table.clone());
        Self {
            grants: Grants::new(store, ids.clone(), vault.clone(), server.clone()),
            connection: ConnectionId::new(ids.uuid()),
            client: client(),
            table,
            clock,
            ids,
            vault,
            server,
        }
    }

    /// One at which a person has consented.
    pub async fn connected(seed: u64) -> Self {
        let desk = Self::new(seed);
        desk.consent().await.unwrap();
        desk
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A person consents, from beginning to end.
    pub async fn consent(&self) -> Result<Grant, ConnectError> {
        let now = self.now();
        let begun = self
            .grants
            .begin(self.connection, &self.client, now)
            .await?;
        let query = self.server.consent(&begun.authorize_url);
        let cookie = begun.cookie.expose_secret();
        let answered = self.grants.answered("zendesk", &query, cookie, now).await?;
        self.grants.redeem(answered, &self.client, now).await
    }

    pub async fn bearer(&self) -> Result<String, ConnectError> {
        let now = self.now();
        let token = self.grants.bearer(self.connection, &self.client, now).await;
        token.map(|t| t.expose_secret().to_owned())
    }

    pub async fn refused(&self, token: &str) -> Result<String, ConnectError> {
        let (now, token) = (self.now(), SecretString::from(token));
        let next = self
            .grants
            .refused(self.connection, &self.client, &token, now)
            .await;
        next.map(|t| t.expose_secret().to_owned())
    }

    pub async fn row(&self) -> Grant {
        self.grants.row(self.connection).await.unwrap().unwrap()
    }

    /// Everything in the table, as text.
    pub async fn rows(&self) -> Vec<String> {
        rows_of(&*self.table).await
    }
}

pub fn store_on(table: Arc<dyn Table>) -> Store {
    Store::new(table, Arc::new(MemoryBlobs::default()))
}

pub async fn rows_of(table: &dyn Table) -> Vec<String> {
    let page = table
        .walk(TableName::Main, 0, 1, 1_000, None)
        .await
        .unwrap();
    let rows = page.rows.into_iter();
    rows.map(|(key, row)| format!("{key} {} {}", row.kind, row.body))
        .collect()
}

pub fn client() -> Registration {
    Registration {
        vendor: "zendesk".to_owned(),
        authorize_url: "https://partner.example/authorize".to_owned(),
        token_url: "https://partner.example/token".to_owned(),
        revocation: Revocation::Standard {
            url: "https://partner.example/revoke".to_owned(),
        },
        client_id: "sidenote".to_owned(),
        auth: ClientAuth::Public,
        redirect: "https://help.example/connect/callback/zendesk".to_owned(),
        scopes: BTreeSet::from(["read".to_owned(), "hc:read".to_owned()]),
        issuer: Some("https://partner.example".to_owned()),
        json_body: false,
        token_parameters: Vec::new(),
    }
}

/// The rows of a connection's partition.
pub async fn partition(desk: &Desk) -> usize {
    let query = Query::partition(kb_store::keys::connection_partition(desk.connection), 0);
    desk.table
        .query(TableName::Main, &query)
        .await
        .unwrap()
        .rows
        .len()
}
