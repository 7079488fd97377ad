//! Tickets: keep, read.

use super::{Base, pointer, ticket};
use serde_json::json;

const TICKETS: &str = "/api/v1/tickets";

#[tokio::test]
async fn a_ticket_is_kept_as_it_is_and_a_repeated_one_writes_nothing() {
    let base = Base::new(1).await;
    let read = base.agent.get(&format!("{TICKETS}/demo/7")).await;
    assert_eq!(read.json()["description"], "It does not beep.");
    let again = base.agent.post(TICKETS, &ticket()).await;
    assert_eq!(
        (again.status, again.header("etag")),
        (200, read.header("etag"))
    );
    let mut more = ticket();
    more["messages"] = json!([{"author": "customer", "text": "Still not."}]);
    let changed = base.agent.post(TICKETS, &more).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), read.header("etag"));
    base.end();
}

#[tokio::test]
async fn a_ticket_without_a_system_or_with_strange_fields_is_refused() {
    let base = Base::new(2).await;
    let mut body = ticket();
    body["system"] = "".into();
    let answer = base.agent.post(TICKETS, &body).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (422, "/system"));
    body["colour"] = "red".into();
    let answer = base.agent.post(TICKETS, &body).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (400, "/colour"));
    base.end();
}

#[tokio::test]
async fn tickets_are_for_those_who_answer_them() {
    let base = Base::new(3).await;
    for path in ["demo/7", "demo/none"] {
        let path = format!("{TICKETS}/{path}");
        assert_eq!(base.nobody.get(&path).await.status, 401);
        assert_eq!(base.customer.get(&path).await.status, 403);
    }
    assert_eq!(base.customer.post(TICKETS, &ticket()).await.status, 403);
    let absent = base.agent.get(&format!("{TICKETS}/demo/none")).await;
    assert_eq!(absent.status, 404);
    base.end();
}
