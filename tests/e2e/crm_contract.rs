//! What we ask of a help desk, and what our fake answers, is held to the vendor's own description of its interface by a proxy between
//! them: Prism, which `tests/long contract` has started. The description covers the account and not the help center.

use crate::crm_faults::outgoing;
use axum::Router;
use axum::routing::get;
use kb_connectors::fakes::zendesk::FakeZendesk;
use kb_connectors::{Call, Fault, VendorClient};
use kb_runtime::SystemClock;
use kb_runtime::system::SystemIds;
use serde_json::json;
use sidenote_tests::stack::server;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Serves behind the proxy.
async fn behind(router: Router) -> JoinHandle<()> {
    let upstream = server("SIDENOTE_TEST_PRISM_UPSTREAM");
    let address = upstream.strip_prefix("http://").unwrap();
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
}

#[tokio::test]
#[ignore = "needs the vendor's description: tests/long contract"]
async fn crm_contract_what_we_ask_and_what_the_fake_answers_is_as_the_vendor_describes_it() {
    let proxy = server("SIDENOTE_TEST_PRISM");
    let me = || Call::get("api/v2/users/me");
    // The proxy is awake: an answer that is not as described does not pass.
    let wrong = json!({"user": {"id": "a word", "name": 7}}).to_string();
    let answer = move || async move { ([("content-type", "application/json")], wrong) };
    let server = behind(Router::new().route("/api/v2/users/me", get(answer))).await;
    let told = outgoing(&proxy, "good").call(me()).await;
    assert!(matches!(told, Err(Fault::Unreachable(_))), "{told:?}");
    server.abort();
    assert!(server.await.unwrap_err().is_cancelled());

    let fake = FakeZendesk::new(
        "acme",
        &["en-us"],
        Arc::new(SystemClock),
        Arc::new(SystemIds),
    );
    let token = fake.consented(&["hc:read", "users:read"]);
    let server = behind(fake.router()).await;
    let reply = outgoing(&proxy, &token).call(me()).await.unwrap();
    assert_eq!(reply.json["user"]["name"], "Mia Chen");
    assert_eq!(fake.calls(), 1);
    let refused = outgoing(&proxy, "bad").call(me()).await;
    assert!(matches!(refused, Err(Fault::Grant(_))), "{refused:?}");
    server.abort();
}
