//! Suggestions for a ticket, where nothing is found.

use super::{Base, pointer, ticket};
use serde_json::json;

const PATH: &str = "/api/v1/suggestions";

#[tokio::test]
async fn nothing_found_is_an_answer_with_an_id_of_its_own() {
    let base = Base::new(1).await;
    let answer = base.agent.post(PATH, &json!({"ticket": ticket()})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert!(body["id"].as_str().unwrap().starts_with("sgn_"));
    assert_eq!(body["suggestions"], json!([]));
    base.end();
}

#[tokio::test]
async fn a_request_that_cannot_be_names_the_field() {
    let base = Base::new(2).await;
    for limit in [0, 21] {
        let body = json!({"ticket": ticket(), "limit": limit});
        let answer = base.agent.post(PATH, &body).await;
        assert_eq!((answer.status, pointer(&answer).as_str()), (422, "/limit"));
    }
    let answer = base.agent.post(PATH, &json!({})).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (400, "/ticket"));
    base.end();
}

#[tokio::test]
async fn suggestions_are_for_agents() {
    let base = Base::new(3).await;
    let body = json!({"ticket": ticket()});
    assert_eq!(base.nobody.post(PATH, &body).await.status, 401);
    assert_eq!(base.customer.post(PATH, &body).await.status, 403);
    base.end();
}
