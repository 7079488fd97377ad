//! The engines of a world as one function may touch them. What it does not need is refused loudly: the call panics, and the world
//! fails the test when it is dropped, whatever became of the panic.

use async_trait::async_trait;
use kb_actions::{DROPPED, IndexAccess, Needs, TableAccess};
use kb_domain::{ArticleId, NodeId, PortalId};
use kb_http::CursorSecret;
use kb_search::{Bound, Part, PartId, SearchIndex, UnitQuery, Units};
use kb_store::{Blobs, Key, Op, Page, Query, Row, Table, TableName, Transaction, Version};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::yield_now;

/// What was refused in a world, in order.
#[derive(Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<Vec<String>>>);

impl Refusals {
    /// Takes them out.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *refused)
    }
}

/// An engine behind the needs of a function.
pub(crate) struct Guarded<E: ?Sized> {
    engine: Arc<E>,
    needs: Needs,
    refusals: Refusals,
}

impl<E: ?Sized> Guarded<E> {
    pub(crate) fn new(engine: Arc<E>, needs: Needs, refusals: &Refusals) -> Arc<Self> {
        Arc::new(Self {
            engine,
            needs,
            refusals: refusals.clone(),
        })
    }

    fn demand(&self, needed: bool, what: impl FnOnce() -> String) {
        if needed {
            return;
        }
        let refusal = format!("{} is not among {:?}", what(), self.needs);
        let mut refused = self
            .refusals
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        refused.push(refusal.clone());
        drop(refused);
        panic!("{refusal}");
    }

    fn of(&self, table: TableName) -> TableAccess {
        match table {
            TableName::Main => self.needs.main,
            TableName::Log => self.needs.log,
        }
    }

    fn writes_in(&self, partition: &str) -> bool {
        let rows = self.needs.rows;
        rows.is_empty() || rows.iter().any(|start| partition.starts_with(start))
    }

    /// Ranges, and rows in numbers, are read of the main table only.
    fn demand_many(&self, table: TableName, what: &str) {
        let needed = table == TableName::Main && self.of(table) >= TableAccess::Read;
        self.demand(needed, || format!("reading {what} of the table {table:?}"));
    }

    fn demand_index(&self, access: IndexAccess, what: &str) {
        self.demand(self.needs.index >= access, || {
            format!("{what} of the search engine")
        });
    }

    fn demand_blob(&self, name: &str) {
        let needed = self.needs.blobs.iter().any(|p| name.starts_with(p));
        self.demand(needed, || format!("writing the blob {name}"));
    }
}

/// A call gives way before it and, where it writes, after it, as one over a network does: others run between, and a test that drops
/// what it polls may cut there.
#[async_trait]
impl Table for Guarded<dyn Table> {
    async fn get(
        &self,
        table: TableName,
        key: &Key,
        now: i64,
    ) -> Result<Option<Row>, kb_store::Error> {
        self.demand(self.of(table) >= TableAccess::Read, || {
            format!("reading {key} of the table {table:?}")
        });
        yield_now().await;
        self.engine.get(table, key, now).await
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, kb_store::Error> {
        self.demand_many(table, "rows");
        yield_now().await;
        self.engine.get_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, kb_store::Error> {
        self.demand_many(table, &query.partition);
        yield_now().await;
        self.engine.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, kb_store::Error> {
        let table = transaction.table;
        for op in &transaction.ops {
            let own = self.needs.people || !kb_store::keys::is_of_people(op.key());
            let kept = match table {
                TableName::Main => own && self.writes_in(&op.key().partition),
                TableName::Log => matches!(op, Op::Put(..)),
            };
            let needed = kept && self.of(table) >= TableAccess::Write;
            self.demand(needed, || {
                format!("writing {} of the table {table:?}", op.key())
            });
        }
        yield_now().await;
        let committed = self.engine.commit(transaction).await;
        yield_now().await;
        committed
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, kb_store::Error> {
        let needed = table == TableName::Log && self.needs.counts;
        self.demand(needed, || format!("counting {key} of the table {table:?}"));
        self.engine.add_get(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, kb_store::Error> {
        self.demand(false, || format!("walking through the table {table:?}"));
        self.engine.walk(table, part, parts, limit, cursor).await
    }
}

#[async_trait]
impl Blobs for Guarded<dyn Blobs> {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, kb_store::Error> {
        self.engine.get(name).await
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), kb_store::Error> {
        self.demand_blob(name);
        self.engine.put(name, bytes).await
    }

    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, kb_store::Error> {
        self.demand_blob(name);
        self.engine.put_new(name, bytes).await
    }

    async fn delete(&self, name: &str) -> Result<(), kb_store::Error> {
        let drops = self.needs.blobs.contains(&DROPPED) && name.starts_with(DROPPED);
        self.demand(drops, || format!("removing the blob {name}"));
        self.engine.delete(name).await
    }
}

#[async_trait]
impl SearchIndex for Guarded<dyn SearchIndex> {
    async fn write(&self, parts: Vec<Part>) -> Result<(), kb_search::Error> {
        self.demand_index(IndexAccess::Write, "a write");
        self.engine.write(parts).await
    }

    async fn refresh(&self) -> Result<(), kb_search::Error> {
        self.demand_index(IndexAccess::Write, "a refresh");
        self.engine.refresh().await
    }

    async fn parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "parts");
        self.engine.parts(articles).await
    }

    async fn articles(
        &self,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<ArticleId>, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "articles");
        self.engine.articles(after, limit).await
    }

    async fn load(&self, ids: &[PartId]) -> Result<Vec<Option<Part>>, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "parts");
        self.engine.load(ids).await
    }

    async fn forget(&self, article: ArticleId, up_to: u64) -> Result<(), kb_search::Error> {
        self.demand_index(IndexAccess::Write, "a removal");
        self.engine.forget(article, up_to).await
    }

    async fn search(&self, query: &UnitQuery) -> Result<Units, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "a search");
        self.engine.search(query).await
    }

    async fn places(
        &self,
        portal: PortalId,
        bound: &Bound,
    ) -> Result<Vec<NodeId>, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "the places");
        self.engine.places(portal, bound).await
    }

    async fn sizes(
        &self,
        portal: PortalId,
        bound: &Bound,
    ) -> Result<Vec<(NodeId, u64)>, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "the sizes");
        self.engine.sizes(portal, bound).await
    }

    async fn terms(
        &self,
        bound: Option<&Bound>,
    ) -> Result<(Vec<(String, u64)>, u64), kb_search::Error> {
        self.demand_index(IndexAccess::Search, "the terms");
        self.engine.terms(bound).await
    }

    async fn size(&self) -> Result<u64, kb_search::Error> {
        self.demand_index(IndexAccess::Search, "the size");
        self.engine.size().await
    }

    async fn merge(&self) -> Result<u64, kb_search::Error> {
        self.demand_index(IndexAccess::Write, "a merge");
        self.engine.merge().await
    }
}

#[async_trait]
impl CursorSecret for Guarded<dyn CursorSecret> {
    async fn read(&self) -> Result<[u8; 32], kb_store::Error> {
        self.demand(self.needs.keys, || "opening a secret".to_owned());
        self.engine.read().await
    }
}
