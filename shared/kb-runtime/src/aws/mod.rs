//! The home on AWS: DynamoDB, OpenSearch, S3 and KMS, by the names that the template of the stack gives to its functions.

mod http;
mod secrets;
mod stack;

pub use secrets::DataKeys;
pub use stack::Stack;

use crate::config::Config;
use crate::deps::deps;
use crate::error::Error;
use crate::system::{SystemClock, SystemIds};
use async_trait::async_trait;
use kb_actions::{Kb, lexicon};
use kb_domain::{Clock, IdGen};
use kb_fetch::{Allowed, Fetch, Outside};
use kb_http::{CursorSecret, Deps};
use kb_identity::Identity;
use kb_identity::vault::Vault;
use kb_search_opensearch::OpenSearchIndex;
use kb_store::s3::S3Blobs;
use kb_store_dynamodb::DynamoTable;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// What is done ahead of the first invocation may take so long; then it is left to that one.
const PREFETCH_MAX: Duration = Duration::from_secs(2);

/// What a function fetches ahead of its first invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefetch {
    /// What is read of the table at every request.
    Table,
    /// That, and what a search takes besides: the lexicon, and a connection to the search engine.
    Search,
}

/// The engines of a stack.
pub struct Cloud {
    /// The base on them.
    pub kb: Kb,
    /// Keys, people and sessions.
    pub identity: Identity,
    /// The way to partners outside; nothing is opened before it is used.
    pub fetch: Arc<dyn Fetch>,
    /// The table, for what was used of it.
    pub table: DynamoTable,
    pub(crate) index: OpenSearchIndex,
    keys: Arc<DataKeys>,
}

/// The secret of a stack under which its cursors are sealed.
struct Sealed(Arc<DataKeys>);

#[async_trait]
impl CursorSecret for Sealed {
    async fn read(&self) -> Result<[u8; 32], kb_store::Error> {
        let key = self.0.data_key("cursor").await;
        key.map_err(kb_store::Error::unavailable)
    }
}

impl Cloud {
    /// The engines of a stack. Clients are built and nothing is asked. Errors: an address or a name that no client takes.
    pub fn open(stack: &Stack) -> Result<Self, Error> {
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGen>) =
            (Arc::new(SystemClock), Arc::new(SystemIds));
        let http = http::connections();
        let table = DynamoTable::new(stack.tables(http.clone()), ids.clone());
        let engine = |what: &'static str| move |cause: String| Error::Engine { what, cause };
        let blobs = S3Blobs::new(stack.bucket());
        let blobs = Arc::new(blobs.map_err(|e| engine("the bucket")(e.to_string()))?);
        let index = OpenSearchIndex::connect(stack.search(clock.clone()));
        let index = index.map_err(|e| engine("the search engine")(e.to_string()))?;
        let keys = DataKeys::new(stack, http, blobs.clone(), clock.clone());
        let store: Arc<DynamoTable> = Arc::new(table.clone());
        let engine = Arc::new(index.clone());
        let kb = Kb::new(store, blobs, engine, clock.clone(), ids.clone());
        Ok(Self {
            identity: Identity::new(kb.store().clone(), clock, ids),
            fetch: Arc::new(Outside::new(Allowed::default())),
            keys: Arc::new(keys),
            kb,
            index,
            table,
        })
    }

    /// The same, which may also ask the servers inside that the configuration names.
    #[must_use]
    pub fn reaching(mut self, config: &Config) -> Self {
        self.fetch = Arc::new(Outside::new(config.fetch_allow.clone()));
        self
    }

    /// Opens the connections and fetches what every request needs. What does not answer in time is left to the first request.
    pub async fn warm(&self, prefetch: Prefetch) {
        let table = async {
            let Ok(Ok(gate)) = timeout(PREFETCH_MAX, self.kb.preload()).await else {
                tracing::warn!("the table did not answer ahead of the first request");
                return;
            };
            let lexicon = lexicon::current(&self.kb, &gate);
            if prefetch == Prefetch::Search && timeout(PREFETCH_MAX, lexicon).await.is_err() {
                tracing::warn!("the lexicon was not read ahead of the first request");
            }
        };
        let index = async {
            if prefetch == Prefetch::Search
                && !matches!(
                    timeout(PREFETCH_MAX, self.kb.index().size()).await,
                    Ok(Ok(_))
                )
            {
                tracing::warn!("the search engine did not answer ahead of the first request");
            }
        };
        tokio::join!(table, index);
    }

    /// Makes the collection that is searched if there is none, and finishes a switch that was cut off; for who writes to it.
    /// Errors: the search engine does not answer, or holds what another analysis built.
    pub async fn prepare(&self) -> Result<(), Error> {
        let prepared = self.index.prepare().await;
        prepared.map_err(|e| Error::Engine {
            what: "the search engine",
            cause: e.to_string(),
        })
    }

    /// The vault of the stack.
    pub fn vault(&self) -> Vault {
        let (clock, ids) = (self.kb.clock().clone(), self.kb.ids().clone());
        Vault::new(self.keys.clone(), clock, ids)
    }

    /// What the HTTP functions are given.
    pub fn deps(&self, config: &Config) -> Deps {
        let secret = Arc::new(Sealed(self.keys.clone()));
        deps(
            &self.kb,
            &self.identity,
            secret,
            (self.fetch.clone(), self.vault()),
            config,
            (false, Arc::new(())),
        )
    }
}
