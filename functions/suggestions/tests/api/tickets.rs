//! Tickets: keep, read.

use super::{Base, pointer, ticket};
use kb_events::Actor;
use kb_store::repo::KeyScope;
use serde_json::json;
use std::collections::BTreeSet;

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

#[tokio::test]
async fn a_key_that_works_for_one_system_sees_no_ticket_of_another() {
    let base = Base::new(4).await;
    let (scopes, systems) = (
        [KeyScope::Suggest].into(),
        BTreeSet::from(["crm".to_owned()]),
    );
    let identity = &base.world.identity;
    let made = identity.create_key_for("crm", scopes, systems, 3_600, Actor::Operator);
    let bound = base.nobody.bearer(&made.await.unwrap().secret);
    let mut own = ticket();
    own["system"] = "crm".into();
    assert_eq!(bound.post(TICKETS, &own).await.status, 201);
    assert_eq!(bound.get(&format!("{TICKETS}/crm/7")).await.status, 200);
    let asked = json!({"ticket": own});
    assert_eq!(bound.post("/api/v1/suggestions", &asked).await.status, 200);
    let theirs = bound.get(&format!("{TICKETS}/demo/7")).await;
    let absent = bound.get(&format!("{TICKETS}/demo/none")).await;
    assert_eq!((theirs.status, theirs.text), (404, absent.text));
    let mut changed = ticket();
    changed["subject"] = "Overwritten".into();
    assert_eq!(bound.post(TICKETS, &changed).await.status, 404);
    let asked = json!({"ticket": changed});
    assert_eq!(bound.post("/api/v1/suggestions", &asked).await.status, 404);
    let kept = base.agent.get(&format!("{TICKETS}/demo/7")).await.json();
    assert_eq!(kept["subject"], "Scanner");
    base.end();
}
