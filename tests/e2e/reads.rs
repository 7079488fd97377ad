//! What a request reads to know who asks: the guard, the handler, a repeated request and an error page share it.

use kb_actions::Kb;
use kb_domain::Audience;
use kb_http::Deps;
use kb_identity::Identity;
use kb_store::{Error, Key, Page, Query, Row, Table, TableName, Transaction, Version};
use kb_testkit::{Client, Persona, World};
use std::sync::{Arc, Mutex, PoisonError};

/// A table that notes which partitions are read.
struct Noted {
    table: Arc<dyn Table>,
    read: Mutex<Vec<String>>,
}

impl Noted {
    fn note(&self, partition: &str) {
        let read = self.read.lock();
        let mut read = read.unwrap_or_else(PoisonError::into_inner);
        read.push(partition.to_owned());
    }

    fn take(&self) -> Vec<String> {
        let read = self.read.lock();
        std::mem::take(&mut *read.unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl Table for Noted {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        self.note(&key.to_string());
        self.table.get(table, key, now).await
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        for key in keys {
            self.note(&key.to_string());
        }
        self.table.get_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.note(&query.partition);
        self.table.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        self.table.commit(transaction).await
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
fn noted(world: &World) -> (Arc<Noted>, Client) {
    let table = Arc::new(Noted {
        table: world.store.clone(),
        read: Mutex::default(),
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
