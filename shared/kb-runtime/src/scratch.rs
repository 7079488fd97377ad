//! An empty index that nothing else uses, for measurements.

use crate::error::Error;
use kb_search::{SearchIndex, TantivyIndex};
use std::sync::Arc;

/// The index; on a server it is there until it is removed.
pub struct Scratch {
    /// What is measured.
    pub index: Arc<dyn SearchIndex>,
    #[cfg(feature = "aws")]
    remote: Option<kb_search_opensearch::OpenSearchIndex>,
}

impl Scratch {
    /// In memory.
    pub fn in_memory() -> Result<Self, Error> {
        let index = TantivyIndex::open(None).map_err(fault)?;
        Ok(Self {
            index,
            #[cfg(feature = "aws")]
            remote: None,
        })
    }

    /// On an `OpenSearch` server that asks nobody who they are. Errors: it does not answer.
    #[cfg(feature = "aws")]
    pub async fn on_server(address: &str) -> Result<Self, Error> {
        Self::beside(kb_search_opensearch::Config::at(address)).await
    }

    /// On the engine of these settings. Errors: it does not answer.
    #[cfg(feature = "aws")]
    pub(crate) async fn beside(engine: kb_search_opensearch::Config) -> Result<Self, Error> {
        use crate::system::SystemIds;
        use kb_domain::IdGen;
        use kb_search_opensearch::{Config, OpenSearchIndex};
        use std::time::Duration;

        let config = Config {
            collection: format!(
                "{}-scratch-{}",
                engine.collection,
                SystemIds.uuid().simple()
            ),
            refresh_interval: None,
            // A measurement tells how long a search took; it is not cut off.
            search_timeout: Duration::from_secs(30),
            ..engine
        };
        let index = OpenSearchIndex::open(config).await.map_err(fault)?;
        Ok(Self {
            index: Arc::new(index.clone()),
            remote: Some(index),
        })
    }

    /// The same without the cloud.
    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_async, reason = "with the cloud it asks the server")]
    pub async fn on_server(_address: &str) -> Result<Self, Error> {
        Err(fault(
            "this program was built without the cloud: build it with --features cloud",
        ))
    }

    /// Takes it away.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "with the cloud it asks the server")
    )]
    pub async fn remove(self) -> Result<(), Error> {
        #[cfg(feature = "aws")]
        if let Some(index) = self.remote {
            return index.remove().await.map_err(fault);
        }
        Ok(())
    }
}

fn fault(cause: impl std::fmt::Display) -> Error {
    Error::Engine {
        what: "the search engine",
        cause: cause.to_string(),
    }
}
