//! The store of a base: typed reads of records, written once on the ports.

use crate::blobs::Blobs;
use crate::error::Error;
use crate::record::{Record, Stored, read};
use crate::table::{Key, Query, Row, Table, TableName};
use kb_domain::Timestamp;
use std::sync::Arc;

/// The moment for records that never expire.
pub(crate) const TIMELESS: i64 = 0;

/// Table and blobs of a base, read as records. Writes go through a transaction that kb-events commits.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
    blobs: Arc<dyn Blobs>,
}

impl Store {
    /// A store on these engines.
    pub fn new(table: Arc<dyn Table>, blobs: Arc<dyn Blobs>) -> Self {
        Self { table, blobs }
    }

    /// The table under it, for what works on rows of every kind: the feed, the clock, a check-up.
    pub fn table(&self) -> &Arc<dyn Table> {
        &self.table
    }

    /// The blobs.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// The record at a key; `None` when it is absent. For kinds that never expire.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Stored<R>>, Error> {
        self.get_at(key, TIMELESS).await
    }

    /// The record at a key, unless it is over at `now`.
    pub async fn get_live<R: Record>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Stored<R>>, Error> {
        self.get_at(key, now.unix_seconds()).await
    }

    async fn get_at<R: Record>(&self, key: &Key, now: i64) -> Result<Option<Stored<R>>, Error> {
        let found = self.table.get(R::TABLE, key, now).await?;
        found.map(|row| read(key, &row)).transpose()
    }

    /// The records at these keys, in their order; absent ones are left out.
    pub async fn get_many<R: Record>(&self, keys: &[Key]) -> Result<Vec<Stored<R>>, Error> {
        let rows = self.table.get_many(R::TABLE, keys, TIMELESS).await?;
        let found = keys.iter().zip(&rows);
        found
            .filter_map(|(key, row)| row.as_ref().map(|row| read(key, row)))
            .collect()
    }

    /// Rows of several kinds by one read, in the order of `keys`; `None` where absent or over at `now`.
    pub async fn get_rows(&self, keys: &[Key], now: Timestamp) -> Result<Vec<Option<Row>>, Error> {
        let now = now.unix_seconds();
        self.table.get_many(TableName::Main, keys, now).await
    }

    /// A page of records, and where the next one begins.
    pub async fn page<R: Record>(
        &self,
        query: &Query,
    ) -> Result<(Vec<Stored<R>>, Option<String>), Error> {
        let page = self.table.query(R::TABLE, query).await?;
        let records: Result<_, Error> = page.rows.iter().map(|(key, row)| read(key, row)).collect();
        Ok((records?, page.cursor))
    }

    /// Every record of a partition of the main table.
    pub async fn all<R: Record>(&self, partition: &str) -> Result<Vec<Stored<R>>, Error> {
        let rows = self.rows(Query::partition(partition, TIMELESS)).await?;
        rows.iter().map(|(key, row)| read(key, row)).collect()
    }

    /// Every row of a range of the main table, page by page.
    pub async fn rows(&self, mut query: Query) -> Result<Vec<(Key, Row)>, Error> {
        let mut rows = Vec::new();
        loop {
            let page = self.table.query(TableName::Main, &query).await?;
            rows.extend(page.rows);
            match page.cursor {
                Some(cursor) => query.cursor = Some(cursor),
                None => return Ok(rows),
            }
        }
    }
}
