//! What a newer program wrote, beside which this one still runs for a while.

use crate::harness::{follower, indexer};
use kb_store::{Condition, IndexName, Row, Table, TableName, Transaction, keys};
use kb_testkit::World;
use serde_json::{Value, json};

/// Writes an event as a newer program does.
async fn event(world: &World, kind: &str, body: &Value) {
    let at = world.kb.now();
    let id = kb_domain::EventId::new(world.kb.ids().uuid());
    let mut row = Row {
        kind: kind.to_owned(),
        body: body.to_string(),
        ..Row::default()
    };
    let subject = keys::event_by_subject("thing", id);
    row.indexes.insert(IndexName::Inverse, subject);
    let mut tx = Transaction::new(TableName::Main, at.micros());
    tx.put(keys::event(at, id), row, Condition::Absent);
    world.store.commit(tx).await.unwrap();
}

/// The kinds of every row.
async fn kinds(world: &World) -> Vec<String> {
    let page = world.store.walk(TableName::Main, 0, 1, 1_000, None).await;
    let rows = page.unwrap().rows.into_iter();
    rows.map(|(_, row)| row.kind).collect()
}

#[tokio::test]
async fn case_100_events_of_a_newer_program_are_done_and_never_given_up() {
    let mut world = World::new(21);
    let known = json!({"id": "evt_01m8ky1dhae3fv0npdf3z7b0yq", "at": "2026-11-24T08:00:00Z", "actor": "operator", "version": 7});
    let mut future = known.clone();
    future["kind"] = json!("future.thing");
    future["thing"] = json!({"of": ["the", "future"]});
    event(&world, "event.2", &future).await;
    event(&world, "event.3", &json!({"nothing": "is known of it"})).await;
    world.touched();
    let (indexer, follower) = (indexer(&world), follower(&world));
    world.settle(&indexer).await;
    world.settle(&follower).await;
    assert_eq!(kinds(&world).await, ["event.2", "event.3"]);

    // One that is broken, and not new, is given up and told of: what is done above is done because of what it is.
    event(&world, "event.2", &json!({"kind": "article.changed"})).await;
    world.settle(&indexer).await;
    world.settle(&follower).await;
    let kinds = kinds(&world).await;
    assert_eq!(
        kinds.iter().filter(|k| *k == "dead.1").count(),
        2,
        "{kinds:?}"
    );
}
