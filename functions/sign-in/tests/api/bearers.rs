//! The bearer of a frame.

use super::Base;
use serde_json::json;

const PATH: &str = "/api/v1/frame-bearers";

#[tokio::test]
async fn a_session_gets_a_bearer_and_a_bearer_gets_none() {
    let base = Base::new(1).await;
    let issued = base.agent.post(PATH, &json!({})).await;
    assert_eq!(issued.status, 200, "{}", issued.text);
    let frame = base.nobody.bearer(issued.json()["token"].as_str().unwrap());
    assert_eq!(frame.get("/api/v1/tickets/demo/7").await.status, 200);
    assert_eq!(frame.post(PATH, &json!({})).await.status, 401);
    base.end();
}

#[tokio::test]
async fn bearers_are_for_agents_on_our_own_pages() {
    let base = Base::new(2).await;
    assert_eq!(base.nobody.post(PATH, &json!({})).await.status, 401);
    assert_eq!(base.customer.post(PATH, &json!({})).await.status, 403);
    let headers = [("sec-fetch-site", "cross-site")];
    let foreign = base.agent.json("POST", PATH, &headers, &json!({})).await;
    assert_eq!(
        (foreign.status, &foreign.json()["type"]),
        (403, &json!("/problems/cross-site"))
    );
    base.end();
}
