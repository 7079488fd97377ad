//! Connections to other systems, and whose thing of theirs is which of ours.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored, stored_as};
use crate::store::{Store, TIMELESS};
use crate::table::{IndexName, Key, Op, Query, TableName, Transaction};
use kb_domain::remote::{
    Connection, ConnectionState, Counterpart, CounterpartState, Mapping, Master, OAuthClient, Ours,
    RemoteId, RemoteVersion, SeenVersion, Thing, Use, UseState,
};
use kb_domain::{ArticleId, ConnectionId, Timestamp, UserId};
use std::collections::BTreeMap;

stored_as! { Connection = "connection",
    /// A connection as stored.
    ConnectionForm {
        id: ConnectionId,
        vendor: String,
        system: String,
        name: String,
        #[serde(default)]
        answers: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<OAuthClient>,
        state: ConnectionState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paused_at: Option<Timestamp>,
        #[serde(default)]
        uses: BTreeMap<Use, UseState>,
        mapping: Mapping,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<UserId>,
    }
}

impl Keyed for Connection {
    fn key(&self) -> Key {
        keys::connection(self.id)
    }
}

/// The connection to an account of another system.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionClaim(pub ConnectionId);

impl Record for ConnectionClaim {
    type Form = ConnectionId;
    const KIND: &'static str = "connection-claim";

    fn form(&self) -> ConnectionId {
        self.0
    }

    fn of(form: ConnectionId) -> Self {
        Self(form)
    }
}

stored_as! { Counterpart = "counterpart",
    /// A counterpart as stored.
    CounterpartForm {
        connection: ConnectionId,
        id: RemoteId,
        ours: Ours,
        master: Master,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<RemoteVersion>,
        #[serde(default)]
        texts: BTreeMap<String, SeenVersion>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        places: Vec<RemoteId>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        readers: Vec<RemoteId>,
        state: CounterpartState,
        checked_at: Timestamp,
    }

    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        let position = keys::counterpart_position(self.connection, self.ours);
        position.map(|p| (IndexName::Inverse, p)).into_iter().collect()
    }
}

impl Keyed for Counterpart {
    fn key(&self) -> Key {
        keys::counterpart(self.connection, self.ours.thing(), &self.id)
    }
}

/// Reads of connections.
pub struct Connections;

impl Connections {
    /// The connection with this id.
    pub async fn one(store: &Store, id: ConnectionId) -> Result<Option<Stored<Connection>>, Error> {
        store.get(&keys::connection(id)).await
    }

    /// All of them, by id.
    pub async fn all(store: &Store) -> Result<Vec<Stored<Connection>>, Error> {
        store.all(keys::CONNECTIONS).await
    }

    /// The connection to an account of another system, such as `zendesk:acme`.
    pub async fn by_system(
        store: &Store,
        system: &str,
    ) -> Result<Option<Stored<Connection>>, Error> {
        let claim: Option<Stored<ConnectionClaim>> =
            store.get(&keys::connection_claim(system)).await?;
        match claim {
            Some(claim) => Self::one(store, claim.value.0).await,
            None => Ok(None),
        }
    }
}

/// Reads of counterparts.
pub struct Counterparts;

impl Counterparts {
    /// Those of these things, in their order; `None` where there is none.
    pub async fn of(
        store: &Store,
        connection: ConnectionId,
        thing: Thing,
        ids: &[RemoteId],
    ) -> Result<Vec<Option<Stored<Counterpart>>>, Error> {
        let key = |id| keys::counterpart(connection, thing, id);
        let mut found = Vec::new();
        for ids in ids.chunks(1_000) {
            let keys: Vec<Key> = ids.iter().map(key).collect();
            let rows = store.get_rows(&keys, Timestamp(0)).await?;
            for (key, row) in keys.iter().zip(rows) {
                let stored = row.map(|row| crate::record::read(key, &row)).transpose()?;
                found.push(stored);
            }
        }
        Ok(found)
    }

    /// A page of those of a connection, by the id of theirs, and where the next page begins.
    pub async fn page(
        store: &Store,
        connection: ConnectionId,
        thing: Thing,
        cursor: Option<String>,
    ) -> Result<(Vec<Stored<Counterpart>>, Option<String>), Error> {
        let partition = keys::counterpart_partition(connection, thing);
        let query = Query {
            cursor,
            ..Query::partition(partition, TIMELESS)
        };
        store.page(&query).await
    }

    /// Moves the number of articles that are here by the difference between a counterpart as it was and as it is.
    pub fn count(tx: &mut Transaction, was_here: bool, after: &Counterpart) {
        let by = i64::from(Self::is_here(after)) - i64::from(was_here);
        if by != 0 && after.ours.thing() == Thing::Article {
            tx.push(Op::Add(keys::present(after.connection), by));
        }
    }

    /// Whether ours is in use, as far as the other system goes.
    pub fn is_here(counterpart: &Counterpart) -> bool {
        !matches!(counterpart.state, CounterpartState::Gone { .. })
    }

    /// How many articles came by a connection and are here. Those of before this was counted are missing in it.
    pub async fn present(store: &Store, connection: ConnectionId) -> Result<i64, Error> {
        let key = keys::present(connection);
        let row = store.table().get(TableName::Main, &key, TIMELESS).await?;
        Ok(row.map_or(0, |row| row.n))
    }

    /// Those of an article. The index lags.
    pub async fn of_article(
        store: &Store,
        article: ArticleId,
    ) -> Result<Vec<Stored<Counterpart>>, Error> {
        let query = Query {
            index: Some(IndexName::Inverse),
            ..Query::partition(keys::counterparts_of(article), TIMELESS)
        };
        Ok(store.page(&query).await?.0)
    }
}
