//! Collections on a real OpenSearch, which `tests/engines/up` starts.

use kb_domain::{ArticleId, Audience, AudienceId, Locale};
use kb_search::{Bound, Part, PartId, SearchIndex, UnitQuery};
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

/// The engine keeps the version of a delete for `gc_deletes`, a minute unless told otherwise. Here it is none: as if every write came
/// ninety seconds after. A plain delete shows that it is so.
#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn case_077_a_write_ninety_seconds_after_a_delete_brings_nothing_back() {
    let index = empty("deletes").await;
    let http = reqwest::Client::new();
    let base = format!("{}/test-deletes", server("SIDENOTE_TEST_OPENSEARCH"));
    let ask = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let settings = serde_json::json!({"index": {"gc_deletes": "0s"}});
    let set = ask(http.put(format!("{base}/_settings")).json(&settings)).await;
    assert_eq!(set.0, 200, "{}", set.1);
    let public: AudienceId = Audience::public().id();
    let part = |n: u128, version: u64| Part {
        audience: Some(public),
        ..Part::tombstone(
            PartId {
                article: ArticleId::new(uuid::Uuid::from_u128(n)),
                locale: Locale::en(),
                n: 0,
            },
            version,
        )
    };
    let shown = async || {
        index.refresh().await.unwrap();
        let query = UnitQuery {
            bound: Bound {
                audiences: vec![public],
                ..Bound::default()
            },
            limit: 10,
            ..UnitQuery::default()
        };
        index.search(&query).await.unwrap().hits.len()
    };
    index.write(vec![part(1, 10), part(2, 10)]).await.unwrap();
    assert_eq!(shown().await, 2);
    // One is deleted as the engine deletes, the other as we do.
    let id = part(1, 10).id.to_string().replace('#', "%23");
    let delete = format!("{base}/_doc/{id}?version=20&version_type=external_gte");
    let deleted = ask(http.delete(delete)).await;
    assert_eq!(deleted.0, 200, "{}", deleted.1);
    let tombstone = Part::tombstone(part(2, 10).id, 20);
    index.write(vec![tombstone]).await.unwrap();
    assert_eq!(shown().await, 0);
    // The engine looks at its clock a few times a second.
    let mut tries = 0;
    loop {
        index.write(vec![part(1, 11), part(2, 11)]).await.unwrap();
        tries += 1;
        if shown().await == 1 {
            break;
        }
        assert!(
            tries < 1_000,
            "the engine still keeps the version of a delete"
        );
    }
    let back = index.parts(&[part(1, 11).id.article]).await.unwrap();
    assert_eq!(back, [(part(1, 11).id, 11)], "the deleted one is back");
    let left = index.parts(&[part(2, 11).id.article]).await.unwrap();
    assert_eq!(left, [(part(2, 11).id, 20)]);
}
