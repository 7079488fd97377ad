//! What a request reads to know who asks: the guard, the handler, a repeated request and an error page share it.

use kb_actions::Kb;
use kb_domain::{Audience, Kind};
use kb_http::Deps;
use kb_identity::Identity;
use kb_store::{Error, Key, Page, Query, Row, Table, TableName, Transaction, Version};
use kb_testkit::{Client, Persona, Text, World};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A table that notes which partitions are read.
pub(crate) struct Noted {
    table: Arc<dyn Table>,
    read: Mutex<Vec<String>>,
    calls: AtomicUsize,
}

impl Noted {
    /// How often the table was asked since the last look.
    pub(crate) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::Relaxed)
    }

    fn note(&self, partition: &str) {
        let read = self.read.lock();
        let mut read = read.unwrap_or_else(PoisonError::into_inner);
        read.push(partition.to_owned());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        let read = self.read.lock();
        std::mem::take(&mut *read.unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl Table for Noted {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.note(&key.to_string());
        self.table.get(table, key, now).await
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        for key in keys {
            self.note(&key.to_string());
        }
        self.table.get_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.note(&query.partition);
        self.table.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        self.table.commit(transaction).await
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        self.table.add_get(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        self.table.walk(table, part, parts, limit, cursor).await
    }
}

/// A client of every route on the world's engines, whose reads of the table are noted.
pub(crate) fn noted(world: &World) -> (Arc<Noted>, Client) {
    let table = Arc::new(Noted {
        table: world.store.clone(),
        read: Mutex::default(),
        calls: AtomicUsize::new(0),
    });
    let (clock, ids) = (world.kb.clock().clone(), world.kb.ids().clone());
    let (blobs, index) = (world.kb.store().blobs().clone(), world.kb.index().clone());
    let kb = Kb::new(table.clone(), blobs, index, clock.clone(), ids.clone());
    let deps = Deps {
        identity: Identity::new(kb.store().clone(), clock, ids),
        kb,
        ..world.deps()
    };
    (table, Client::new(sidenote::commands::router(deps)))
}

#[tokio::test]
async fn who_asks_is_read_once_and_not_at_all_where_nobody_has_to_know() {
    let mut world = World::new(9);
    world.portal("help", Audience::public()).await;
    let (table, nobody) = noted(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    // What is kept between requests is read by the first one.
    agent.get("/api/v1/portals").await;
    table.take();

    let repeated = [
        ("idempotency-key", "k"),
        ("content-type", "application/json"),
    ];
    let ticket = r#"{"system": "s", "id": "1"}"#;
    for (method, path, headers, body, status, people) in [
        ("GET", "/api/v1/portals", &[][..], "", 200, 1),
        ("GET", "/api/v1/tickets/s/1", &[], "", 404, 1),
        ("POST", "/api/v1/tickets", &repeated, ticket, 201, 1),
        ("POST", "/api/v1/portals", &[], "", 403, 1),
        ("GET", "/agent/inbox/none", &[], "", 404, 1),
        ("GET", "/help/en/articles/00000000", &[], "", 404, 1),
        ("GET", "/problems/stale", &[], "", 200, 0),
        ("GET", "/problems/none", &[], "", 404, 0),
    ] {
        let answer = agent.send(method, path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let read = table.take();
        for partition in ["SES#", "USR#"] {
            let times = read.iter().filter(|key| key.starts_with(partition)).count();
            assert_eq!(times, people, "{method} {path} reads {read:?}");
        }
        let gate = read.iter().filter(|key| key.starts_with("GATE")).count();
        assert!(gate <= people, "{method} {path} reads {read:?}");
    }
    world.touched();
    world.settle(&crate::harness::indexer(&world)).await;
}

#[tokio::test]
async fn a_suggestion_reads_the_audiences_once_and_then_keeps_them() {
    let mut world = World::new(10);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en(
        "Scanner",
        "The scanner beeps twice.\n\n## Silence\n\nA scanner that does not beep is muted.",
    );
    let public = Audience::public();
    world
        .article((&portal, section), Kind::Explicit, "guide", public, &[text])
        .await;
    let indexer = crate::harness::indexer(&world);
    world.settle(&indexer).await;
    let (table, nobody) = noted(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    let asked =
        json!({"ticket": {"system": "s", "id": "1", "subject": "The scanner does not beep"}});
    for (time, reads) in [("first", 1), ("second", 0), ("third", 0)] {
        table.take();
        let answer = agent.post("/api/v1/suggestions", &asked).await.json();
        assert_eq!(answer["suggestions"][0]["audience"], "public", "{answer}");
        let read = table.take();
        let audiences = read.iter().filter(|key| key.starts_with("SET#audience"));
        assert_eq!(audiences.count(), reads, "the {time} one reads {read:?}");
    }
    world.touched();
    world.settle(&indexer).await;
}

#[tokio::test]
async fn the_reason_of_a_suggestion_is_in_the_callers_language() {
    let mut world = World::new(11);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en(
        "Devices",
        "What we sell.\n\n## Silence\n\nA scanner that does not beep is muted.",
    );
    let public = Audience::public();
    world
        .article((&portal, section), Kind::Explicit, "guide", public, &[text])
        .await;
    let indexer = crate::harness::indexer(&world);
    world.settle(&indexer).await;
    let (_, nobody) = noted(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    let asked =
        json!({"ticket": {"system": "s", "id": "1", "subject": "The scanner does not beep"}});
    let reason = async |path: &str, language: &str| {
        let headers = [("accept-language", language)];
        let answer = agent.json("POST", path, &headers, &asked).await.json();
        let reason = &answer["suggestions"][0]["reason"];
        assert_eq!(reason["heading"], "Silence", "{answer}");
        let mut terms = reason["terms"].as_array().unwrap().iter();
        assert!(terms.any(|t| t == "scanner"), "{answer}");
        reason["text"].as_str().unwrap().to_owned()
    };
    let path = "/api/v1/suggestions";
    let english = reason(path, "en").await;
    assert!(
        english.starts_with("matches ") && english.ends_with(" in 'Silence'"),
        "{english}"
    );
    let simplified = reason(path, "zh-CN").await;
    assert!(
        simplified.starts_with("在“Silence”中匹配："),
        "{simplified}"
    );
    let traditional = reason(&format!("{path}?locale=zh-TW"), "en").await;
    assert!(
        traditional.starts_with("在「Silence」中符合："),
        "{traditional}"
    );
    world.touched();
    world.settle(&indexer).await;
}
