//! What the client of another system makes of a server that fails in the ways of networks, on WireMock, which `tests/engines/up
//! wiremock` has started.

use async_trait::async_trait;
use kb_connectors::{
    BearerSource, Budget, Class, Fault, KnowledgeSource, OutgoingClient, Pace, vendor,
};
use kb_domain::{Clock, ConnectionId, IdGen, Timestamp};
use kb_fetch::{Allowed, Outside};
use kb_runtime::SystemClock;
use kb_runtime::system::SystemIds;
use kb_store::{Embedded, MemoryBlobs, Store};
use serde_json::{Value, json};
use sidenote_tests::stack::server;
use std::sync::Arc;

const ARTICLES: &str = "/api/v2/help_center/articles";

struct Token(String);

#[async_trait]
impl BearerSource for Token {
    async fn bearer(&self) -> Result<String, Fault> {
        Ok(self.0.clone())
    }

    async fn refused(&self, _: &str) -> Result<String, Fault> {
        Err(Fault::Grant("it was refused".to_owned()))
    }
}

struct Peer {
    address: String,
    http: reqwest::Client,
}

impl Peer {
    async fn admin(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}/__admin/{path}", self.address));
        let request = request.header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null)
    }

    /// Answers so from now on, whatever is asked.
    async fn answers(&self, response: Value) {
        self.admin("reset", &json!({})).await;
        let mapping = json!({"request": {"urlPathPattern": "/.*"}, "response": response});
        self.admin("mappings", &mapping).await;
    }

    /// How many requests came below a path.
    async fn came(&self, path: &str) -> u64 {
        let pattern = json!({"urlPathPattern": format!("{path}.*")});
        let counted = self.admin("requests/count", &pattern).await;
        counted["count"].as_u64().unwrap()
    }

    /// A source that was never told to wait.
    fn source(&self) -> Arc<dyn KnowledgeSource> {
        let client = outgoing(&self.address, "good");
        vendor("zendesk").unwrap().knowledge(Arc::new(client))
    }
}

/// The client of a connection to the server at this address, with this access token. It was never told to wait.
pub(crate) fn outgoing(address: &str, token: &str) -> OutgoingClient {
    let profile = vendor("zendesk").unwrap().profile();
    let (clock, connection) = (Arc::new(SystemClock), ConnectionId::new(SystemIds.uuid()));
    let table = Embedded::in_memory(None).unwrap();
    let store = Store::new(table, Arc::new(MemoryBlobs::default()));
    let allowed = Allowed::parse(address.strip_prefix("http://").unwrap()).unwrap();
    let pace = Pace::new(store, connection, profile.allowances, profile.limits);
    OutgoingClient {
        fetch: Arc::new(Outside::new(allowed)),
        bearer: Arc::new(Token(token.to_owned())),
        pace: Arc::new(pace),
        base: address.parse().unwrap(),
        class: Class::Live,
        budget: Budget::new(50, clock.now().plus_seconds(60)),
        clock,
    }
}

fn peer() -> Peer {
    Peer {
        address: server("SIDENOTE_TEST_WIREMOCK"),
        http: reqwest::Client::new(),
    }
}

/// Seconds from now until a moment.
fn ahead(until: Timestamp) -> i64 {
    until.unix_seconds() - SystemClock.now().unix_seconds()
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_080_whatever_a_server_does_a_read_is_asked_again_or_waits_and_leads_nowhere_else() {
    let peer = peer();
    let good = json!({"status": 200, "jsonBody": {"count": 7}});
    // A broken line, and answers that are none.
    for response in [
        json!({"fault": "CONNECTION_RESET_BY_PEER"}),
        json!({"fault": "EMPTY_RESPONSE"}),
        json!({"fault": "MALFORMED_RESPONSE_CHUNK"}),
        json!({"fault": "RANDOM_DATA_THEN_CLOSE"}),
        json!({"status": 200, "body": "<h1>Maintenance</h1>"}),
        json!({"status": 500, "jsonBody": {"error": "broken"}}),
        json!({"status": 200, "jsonBody": {"count": 7}, "fixedDelayMilliseconds": 10_500}),
    ] {
        peer.answers(response.clone()).await;
        let source = peer.source();
        let told = source.count().await;
        assert!(
            matches!(told, Err(Fault::Unreachable(_))),
            "{response}: {told:?}"
        );
        assert_eq!(
            peer.came(ARTICLES).await,
            1,
            "{response}: nothing is repeated by itself"
        );
        peer.answers(good.clone()).await;
        assert_eq!(
            source.count().await,
            Ok(Some(7)),
            "{response}: the next one is fine"
        );
    }
    // Asked to wait, in every spelling.
    let date = "Tue, 01 Jan 2030 00:00:00 GMT";
    for (status, headers, least, most) in [
        (429, json!({"Retry-After": "7"}), 6, 7),
        (429, json!({"Retry-After": "7.5"}), 7, 8),
        (429, json!({"Retry-After": date}), 60, i64::MAX),
        (429, json!({}), 1, 300),
        (503, json!({"Retry-After": "120"}), 118, 120),
        (503, json!({}), 1, 300),
    ] {
        peer.answers(json!({"status": status, "headers": headers, "body": "{}"}))
            .await;
        let source = peer.source();
        let told = source.count().await;
        let Err(Fault::Busy(until)) = told else {
            panic!("{status} {headers}: {told:?}");
        };
        let wait = ahead(until);
        assert!((least..=most).contains(&wait), "{status} {headers}: {wait}");
        let again = source.count().await;
        assert!(matches!(again, Err(Fault::Busy(_))), "{again:?}");
        assert_eq!(peer.came(ARTICLES).await, 1, "nobody calls before");
    }
    // Led elsewhere, by a redirect and by the link to a next page.
    let elsewhere = format!("{}/elsewhere", peer.address);
    peer.answers(json!({"status": 302, "headers": {"Location": elsewhere}}))
        .await;
    let told = peer.source().count().await;
    assert!(matches!(told, Err(Fault::Unreachable(_))), "{told:?}");
    let next = json!({"next": "http://127.0.0.1:9/elsewhere"});
    let page = json!({"articles": [], "meta": {"has_more": true}, "links": next});
    peer.answers(json!({"status": 200, "jsonBody": page})).await;
    let source = peer.source();
    let first = source.listed(None, 50).await.unwrap();
    let kb_connectors::Next::More(cursor) = first.next else {
        panic!("it says that there is more");
    };
    let told = source.listed(Some(&cursor), 50).await;
    assert!(told.is_err(), "{told:?}");
    assert_eq!(peer.came("/elsewhere").await, 0);
}
