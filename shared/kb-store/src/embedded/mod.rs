//! The embedded engine: redb in a folder, two files, one process.
//!
//! Reads answer in microseconds and run where they are called. Writes queue for one writer thread, which puts as many
//! transactions as wait into one durable commit, so that concurrent writers share an fsync.

mod chaos;
mod count;
mod encode;
mod feed;
mod file;
mod read;
mod room;
mod write;

pub use chaos::Chaos;

use crate::deliver::Survivor;
use crate::error::Error;
use crate::table::{Key, Page, Query, Row, Table, TableName, Transaction, Version};
use async_trait::async_trait;
use chaos::Unrest;
use file::{Durable, File, Opener};
use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition};
use room::Room;
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
    /// Writes are refused while the disk has less room than this, in bytes, so that it is never full in the middle of one.
    pub reserve: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fsync: true,
            reserve: RESERVE_BYTES,
        }
    }
}

/// Room that is left on the disk for what has begun: the largest group of transactions, and a merge of a small index.
const RESERVE_BYTES: u64 = 16_000_000;
/// Memory for pages of `main`, in bytes; the kernel keeps the rest of the file.
const MAIN_CACHE_BYTES: usize = 128 << 20;
/// The same for `log`, which is hardly read.
const LOG_CACHE_BYTES: usize = 16 << 20;

/// The engine.
pub struct Embedded {
    main: Arc<File>,
    log: Arc<File>,
    main_writer: Writer,
    log_writer: Writer,
    news: Arc<Notify>,
    commits: Arc<AtomicU64>,
    survivor: Survivor,
    unrest: Option<Unrest>,
    room: Room,
}

impl Embedded {
    /// Opens or makes `main.redb` and `log.redb` in a folder.
    pub fn open(folder: &Path, options: Options) -> Result<Arc<Self>, OpenError> {
        let file = |name: &str, cache: usize| -> Opener {
            let path = folder.join(name);
            Box::new(move || Database::builder().set_cache_size(cache).create(&path))
        };
        let main = if options.fsync {
            Durable::Always
        } else {
            Durable::Never
        };
        Self::start(
            File::open(file("main.redb", MAIN_CACHE_BYTES), main)?,
            File::open(file("log.redb", LOG_CACHE_BYTES), Durable::Soon)?,
            Room::in_folder(folder, options.reserve),
            None,
        )
    }

    /// An engine in memory, for tests: with `chaos`, indexes lag and the feed is unruly until [`Embedded::settle`].
    pub fn in_memory(chaos: Option<Chaos>) -> Result<Arc<Self>, OpenError> {
        let open = || {
            let opener: Opener = Box::new(|| {
                let backend = redb::backends::InMemoryBackend::new();
                Database::builder().create_with_backend(backend)
            });
            File::open(opener, Durable::Never)
        };
        Self::start(open()?, open()?, Room::endless(), chaos)
    }

    fn start(
        main: Arc<File>,
        log: Arc<File>,
        room: Room,
        chaos: Option<Chaos>,
    ) -> Result<Arc<Self>, OpenError> {
        let unusable = |e: Error| OpenError::Unusable(crate::error::chain(&e));
        for file in [&main, &log] {
            file.with(|database| write::make_tables(database).map_err(encode::unavailable))
                .map_err(unusable)?;
        }
        let (news, commits) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        let unrest = |chaos: Chaos| {
            main.with(|database| Unrest::new(chaos, database).map_err(encode::unavailable))
        };
        let unrest = chaos.map(unrest).transpose().map_err(unusable)?;
        let quiet = (Arc::new(Notify::new()), Arc::default());
        Ok(Arc::new(Self {
            main_writer: Writer::start(main.clone(), room.clone(), news.clone(), commits.clone()),
            log_writer: Writer::start(log.clone(), room.clone(), quiet.0, quiet.1),
            main,
            log,
            news,
            commits,
            survivor: Survivor::default(),
            unrest,
            room,
        }))
    }

    /// How many durable commits there were; several transactions may share one.
    pub fn durable_commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Whether it can write. Errors: why not, and what helps.
    pub fn health(&self) -> Result<(), Error> {
        self.room.demand()?;
        self.main.health()?;
        self.log.health()
    }

    /// Reads every page and compares it with its checksum; for a check-up, while nobody else works on it. Errors: which file is
    /// damaged.
    pub fn check_integrity(&self) -> Result<(), (&'static str, Error)> {
        for (name, file) in [("main.redb", &self.main), ("log.redb", &self.log)] {
            if !file.check().map_err(|e| (name, e))? {
                tracing::warn!(name, "the file did not fit together and was mended");
            }
        }
        Ok(())
    }

    /// Ends the lag of the indexes. Without chaos there is none.
    pub fn settle(&self) -> Result<(), Error> {
        self.unrest.as_ref().map_or(Ok(()), |unrest| {
            let caught_up = |database: &Database| unrest.catch_up(database);
            (self.main).with(|database| caught_up(database).map_err(encode::unavailable))
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

    fn file(&self, table: TableName) -> &File {
        match table {
            TableName::Main => &self.main,
            TableName::Log => &self.log,
        }
    }

    /// Reads as of one moment.
    fn read<T>(
        &self,
        table: TableName,
        read: impl FnOnce(&Database, &ReadTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.file(table).with(|database| {
            let transaction = database.begin_read().map_err(encode::unavailable)?;
            read(database, &transaction)
        })
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // What waits is written first; then the files are let go of.
        self.main_writer.end();
        self.log_writer.end();
        self.main.leave();
        self.log.leave();
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
        self.read(table, |_, transaction| {
            let rows = transaction.open_table(ROWS).map_err(encode::unavailable)?;
            keys.iter().map(|key| read::row(&rows, key, now)).collect()
        })
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.read(table, |database, transaction| {
            let Some(index) = query.index else {
                return read::range(transaction, query);
            };
            match &self.unrest {
                Some(unrest) => unrest.with_old(database, |old| {
                    read::by_index(old, transaction, index, query)
                }),
                None => read::by_index(transaction, transaction, index, query),
            }
        })
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
        self.read(table, |_, transaction| {
            read::walk(transaction, part, parts, limit, cursor)
        })
    }
}

#[cfg(test)]
mod tests;
