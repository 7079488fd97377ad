//! Collections on a real OpenSearch, which `tests/engines/up` starts.

use kb_search::SearchIndex;
use kb_search_opensearch::{Config, OpenSearchIndex};
use sidenote_tests::stack::server;
use std::sync::Arc;
use std::time::Duration;

/// A collection of this name.
pub fn config(name: &str) -> Config {
    let endpoint = server("SIDENOTE_TEST_OPENSEARCH");
    Config {
        collection: format!("test-{}", name.replace('_', "-")),
        // Nothing becomes visible but by a refresh; a machine that builds at the same time may be slow.
        refresh_interval: None,
        search_timeout: Duration::from_secs(20),
        ..Config::at(&endpoint)
    }
}

/// An empty collection of this name.
pub async fn empty(name: &str) -> OpenSearchIndex {
    let left = OpenSearchIndex::connect(config(name)).unwrap();
    left.remove().await.unwrap();
    OpenSearchIndex::open(config(name)).await.unwrap()
}

/// The same as a port.
pub async fn fresh(name: &str) -> Arc<dyn SearchIndex> {
    Arc::new(empty(name).await)
}
