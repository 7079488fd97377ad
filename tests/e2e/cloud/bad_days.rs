//! What happens to a stack when one of its servers is away, when an event cannot be handled, and when events were lost.

use super::Running;
use super::switch::Switch;
use crate::cases::drifts::{self, Forgets};
use crate::harness::path_of;
use kb_domain::{ArticleId, EventId, IdGen, Timestamp};
use kb_runtime::aws::{Cloud, Stack as Named};
use kb_runtime::system::SystemIds;
use kb_store::{Condition, Row, Table, TableName, Transaction, keys};
use serde_json::json;
use sidenote_tests::stack::server;

impl Running {
    /// The engines of the stack, in this process.
    fn cloud(&self) -> Cloud {
        let named = |name: &str| {
            let found = self.stack.environment.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| value.clone())
        };
        Cloud::open(&Named::of(&named).unwrap().unwrap()).unwrap()
    }

    async fn is_dead(&self, event: &EventId) -> Option<String> {
        let key = keys::dead_letter("mapping", &event.to_string());
        let by_function = keys::dead_letter("indexer", &event.to_string());
        let table = self.cloud().table;
        let rows = table
            .get_many(TableName::Main, &[key, by_function], 0)
            .await;
        rows.unwrap()
            .into_iter()
            .flatten()
            .next()
            .map(|row| row.body)
    }
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_073_079_without_the_search_engine_reading_and_writing_go_on_and_nothing_is_lost() {
    let switch = Switch::before(&server("SIDENOTE_TEST_OPENSEARCH")).await;
    let running = Running::start_with(&[("SIDENOTE_OPENSEARCH", &switch.address)]).await;
    let caller = running.filled();
    running.index().await;
    assert_eq!(caller.total("password").await, 2);
    let found = caller.get("/api/v1/search?q=mailed").await.json();
    let article = found["hits"][0]["article"].as_str().unwrap().to_owned();
    let page = path_of(&found["hits"][0]["url"]);

    switch.turn(false);
    let search = caller.get("/api/v1/search?q=password").await;
    assert_eq!(search.status, 503, "{}", search.text);
    assert!(search.retry_after > 0, "Retry-After says when to ask again");
    let asked = json!({"ticket": {"system": "demo", "id": "9", "subject": "I forgot my password"}});
    let suggestions = caller
        .ask("POST", "/api/v1/suggestions", true, "", Some(&asked))
        .await;
    assert_eq!(suggestions.status, 503, "{}", suggestions.text);
    assert_eq!(caller.get(&page).await.status, 200);
    assert_eq!(
        caller
            .get(&format!("/api/v1/articles/{article}"))
            .await
            .status,
        200
    );
    caller.edit(&article, "Press the turquoise button.").await;
    let ticket = &asked["ticket"];
    let ticket = caller
        .ask("POST", "/api/v1/tickets", true, "", Some(ticket))
        .await;
    assert_eq!(ticket.status, 201);
    // The indexer is told, cannot, and gives nothing up.
    running.index().await;

    switch.turn(true);
    running.index().await;
    assert_eq!(
        (
            caller.total("turquoise").await,
            caller.total("mailed").await
        ),
        (1, 0)
    );
    let walked = running
        .cloud()
        .table
        .walk(TableName::Main, 0, 1, 1_000, None)
        .await
        .unwrap();
    assert!(
        walked
            .rows
            .iter()
            .all(|(_, row)| !row.kind.starts_with("dead"))
    );
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_071_072_a_poison_event_is_kept_with_its_payload_and_holds_nothing_up() {
    let running = Running::start().await;
    let id = EventId::new(SystemIds.uuid());
    let at = Timestamp(1_795_619_041_000_000);
    let body = json!({
        "kind": "article.changed", "article": "art_this-is-no-article", "id": id, "at": at, "version": 1,
        "actor": "payload-of-the-poison",
    });
    let row = Row {
        kind: "event.2".to_owned(),
        body: body.to_string(),
        ..Row::default()
    };
    let mut tx = Transaction::new(TableName::Main, at.micros());
    tx.put(keys::event(at, id), row, Condition::Absent);
    running.cloud().table.commit(tx).await.unwrap();
    // What comes behind it, and beside it.
    let caller = running.filled();
    running.index().await;
    assert_eq!(caller.total("password").await, 2);
    let dead = running.is_dead(&id).await.unwrap();
    assert!(
        dead.contains("payload-of-the-poison") && dead.contains("art_this-is-no-article"),
        "{dead}"
    );
    // The whole stream once more: nothing changes.
    running.again().await;
    assert_eq!(caller.total("password").await, 2);
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_074_what_a_gap_in_the_stream_lost_is_found_and_mended_on_the_real_servers() {
    let running = Running::start().await;
    let caller = running.filled();
    let cloud = running.cloud();
    cloud.prepare().await.unwrap();
    // Nobody read the stream, and now it is gone: the index knows nothing.
    assert_eq!(caller.total("password").await, 0);
    let done = running.sidenote(&["reindex", "--reconcile"]);
    assert_eq!(
        (&done["compared"], &done["repaired"]),
        (&3.into(), &3.into()),
        "{done}"
    );
    assert_eq!(caller.total("password").await, 2);
    let articles: Vec<ArticleId> = cloud.kb.index().articles(None, 100).await.unwrap();
    assert_eq!(articles.len(), 3);
    let found = drifts::rounds(&cloud.kb, &articles, Forgets::Later, 10).await;
    assert_eq!(found, 30);
    let done = running.sidenote(&["reindex"]);
    assert_eq!(done["indexed"], 3);
    assert_eq!(caller.total("password").await, 2);
}
