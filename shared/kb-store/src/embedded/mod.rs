//! The embedded engine: redb in a folder, two files, one process.
//!
//! Reads answer in microseconds and run where they are called. Writes queue for one writer thread, which puts as many
//! transactions as wait into one durable commit, so that concurrent writers share an fsync.

mod chaos;
mod count;
mod encode;
mod feed;
mod read;
mod write;

pub use chaos::Chaos;

use crate::deliver::Survivor;
use crate::error::Error;
use crate::table::{Key, Page, Query, Row, Table, TableName, Transaction, Version};
use async_trait::async_trait;
use chaos::Unrest;
use redb::{Database, ReadableDatabase, TableDefinition};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;
use write::Writer;

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
const INDEX: TableDefinition<&[u8], ()> = TableDefinition::new("index");
const FEED: TableDefinition<u64, &[u8]> = TableDefinition::new("feed");
const CONSUMERS: TableDefinition<&str, (u64, u32)> = TableDefinition::new("consumers");

/// Why the engine does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the files.
    #[error("the data is in use by another process")]
    Locked,
    /// The files cannot be read or written.
    #[error("{0}")]
    Unusable(String),
}

/// How the engine writes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether an acknowledged write to `main` waits for the disk. Only a test that proves a test says no.
    pub fsync: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { fsync: true }
    }
}

/// The engine.
pub struct Embedded {
    main: Arc<Database>,
    log: Arc<Database>,
    main_writer: Writer,
    log_writer: Writer,
    news: Arc<Notify>,
    commits: Arc<AtomicU64>,
    survivor: Survivor,
    unrest: Option<Unrest>,
}

impl Embedded {
    /// Opens or makes `main.redb` and `log.redb` in a folder.
    pub fn open(folder: &Path, options: Options) -> Result<Arc<Self>, OpenError> {
        let open = |name: &str| {
            Database::create(folder.join(name)).map_err(|e| match e {
                redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
                other => OpenError::Unusable(other.to_string()),
            })
        };
        Self::start(open("main.redb")?, open("log.redb")?, options, None)
    }

    /// An engine in memory, for tests: with `chaos`, indexes lag and the feed is unruly until [`Embedded::settle`].
    pub fn in_memory(chaos: Option<Chaos>) -> Result<Arc<Self>, OpenError> {
        let open = || {
            let backend = redb::backends::InMemoryBackend::new();
            Database::builder()
                .create_with_backend(backend)
                .map_err(|e| OpenError::Unusable(e.to_string()))
        };
        Self::start(open()?, open()?, Options { fsync: false }, chaos)
    }

    fn start(
        main: Database,
        log: Database,
        options: Options,
        chaos: Option<Chaos>,
    ) -> Result<Arc<Self>, OpenError> {
        let unusable = |e: redb::Error| OpenError::Unusable(e.to_string());
        for database in [&main, &log] {
            write::make_tables(database).map_err(unusable)?;
        }
        let (main, log) = (Arc::new(main), Arc::new(log));
        let (news, commits) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        let unrest = chaos
            .map(|c| Unrest::new(c, &main))
            .transpose()
            .map_err(unusable)?;
        Ok(Arc::new(Self {
            main_writer: Writer::start(main.clone(), options.fsync, news.clone(), commits.clone()),
            log_writer: Writer::start(log.clone(), false, Arc::new(Notify::new()), Arc::default()),
            main,
            log,
            news,
            commits,
            survivor: Survivor::default(),
            unrest,
        }))
    }

    /// How many durable commits there were; several transactions may share one.
    pub fn durable_commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Ends the lag of the indexes. Without chaos there is none.
    pub fn settle(&self) -> Result<(), Error> {
        self.unrest.as_ref().map_or(Ok(()), |u| {
            u.catch_up(&self.main).map_err(encode::unavailable)
        })
    }

    /// From now on the feed is that of a new process, for tests of what a death leaves behind.
    #[cfg(feature = "conformance")]
    pub fn restart(&self) {
        self.survivor.forget();
    }

    fn writer(&self, table: TableName) -> &Writer {
        match table {
            TableName::Main => &self.main_writer,
            TableName::Log => &self.log_writer,
        }
    }

    fn database(&self, table: TableName) -> &Arc<Database> {
        match table {
            TableName::Main => &self.main,
            TableName::Log => &self.log,
        }
    }
}

#[async_trait]
impl Table for Embedded {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        let rows = self.get_many(table, std::slice::from_ref(key), now).await?;
        Ok(rows.into_iter().next().flatten())
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        let transaction = self
            .database(table)
            .begin_read()
            .map_err(encode::unavailable)?;
        let rows = transaction.open_table(ROWS).map_err(encode::unavailable)?;
        keys.iter().map(|key| read::row(&rows, key, now)).collect()
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        let transaction = self
            .database(table)
            .begin_read()
            .map_err(encode::unavailable)?;
        let Some(index) = query.index else {
            return read::range(&transaction, query);
        };
        match &self.unrest {
            Some(unrest) => unrest.with_old(&self.main, |old| {
                read::by_index(old, &transaction, index, query)
            }),
            None => read::by_index(&transaction, &transaction, index, query),
        }
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        crate::check::check(&transaction)?;
        self.writer(transaction.table).commit(transaction).await
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        count::add_get(self, table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        let transaction = self
            .database(table)
            .begin_read()
            .map_err(encode::unavailable)?;
        read::walk(&transaction, part, parts, limit, cursor)
    }
}

#[cfg(test)]
mod tests;
