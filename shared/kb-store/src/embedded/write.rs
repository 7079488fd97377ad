//! The writer: one thread, one durable commit for all transactions that wait.

use super::encode;
use super::file::File;
use super::room::Room;
use super::{CONSUMERS, FEED, INDEX, ROWS, read};
use crate::error::{Error, chain};
use crate::keys::EVENT_KIND;
use crate::table::{COUNTER, Condition, Key, Op, Row, Transaction, Version};
use redb::{Database, Durability, ReadableTable, Table, WriteTransaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::{Notify, mpsc, oneshot};

/// Transactions that share a commit.
const GROUP_MAX: usize = 256;
/// Transactions that may wait.
const QUEUE_MAX: usize = 1_024;

struct Job {
    transaction: Transaction,
    reply: oneshot::Sender<Result<Version, Error>>,
}

/// The sending side of the writer thread.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        file: Arc<File>,
        room: Room,
        news: Arc<Notify>,
        commits: Arc<AtomicU64>,
    ) -> Self {
        let (queue, mut jobs) = mpsc::channel::<Job>(QUEUE_MAX);
        let work = move || {
            while let Some(first) = jobs.blocking_recv() {
                let mut group = vec![first];
                while group.len() < GROUP_MAX
                    && let Ok(job) = jobs.try_recv()
                {
                    group.push(job);
                }
                let (transactions, replies): (Vec<_>, Vec<_>) =
                    group.into_iter().map(|j| (j.transaction, j.reply)).unzip();
                let results = match room.demand().and_then(|()| write_all(&file, &transactions)) {
                    Ok(results) => results,
                    Err(error) => {
                        let told = chain(&error);
                        let each = transactions.iter();
                        each.map(|_| Err(Error::unavailable(told.clone())))
                            .collect()
                    }
                };
                commits.fetch_add(1, Ordering::Relaxed);
                for (reply, result) in replies.into_iter().zip(results) {
                    // One who went away does not want the answer; the write stands.
                    let _ = reply.send(result);
                }
                news.notify_waiters();
            }
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(work)
            .ok();
        Self {
            queue: Some(queue),
            thread,
        }
    }

    pub(super) async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::unavailable("the writer has ended");
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue
            .send(Job { transaction, reply })
            .await
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Ends the thread, after what waits is written.
    pub(super) fn end(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was answered to its callers already.
            let _ = thread.join();
        }
    }
}

/// Writes a group in one commit.
fn write_all(
    file: &File,
    transactions: &[Transaction],
) -> Result<Vec<Result<Version, Error>>, Error> {
    let rows = transactions.len() as u64;
    let waits = file.waits(rows, transactions.iter().any(|tx| tx.at_once));
    let results =
        file.with(|database| write(database, waits, transactions).map_err(encode::unavailable))?;
    file.committed(rows, waits);
    Ok(results)
}

pub(super) fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ROWS)?;
    transaction.open_table(INDEX)?;
    transaction.open_table(FEED)?;
    transaction.open_table(CONSUMERS)?;
    transaction.commit()?;
    Ok(())
}

/// Writes each transaction whole or not at all; a storage fault fails the group.
fn write(
    database: &Database,
    durable: bool,
    transactions: &[Transaction],
) -> Result<Vec<Result<Version, Error>>, redb::Error> {
    let mut commit = database.begin_write()?;
    commit.set_durability(if durable {
        Durability::Immediate
    } else {
        Durability::None
    })?;
    let mut results = Vec::with_capacity(transactions.len());
    {
        let mut tables = Tables::open(&commit)?;
        for transaction in transactions {
            results.push(tables.apply(transaction)?);
        }
    }
    commit.commit()?;
    Ok(results)
}

fn counter() -> Row {
    Row {
        kind: COUNTER.to_owned(),
        body: "{}".to_owned(),
        ..Row::default()
    }
}

struct Tables<'t> {
    rows: Table<'t, &'static [u8], &'static [u8]>,
    index: Table<'t, &'static [u8], ()>,
    feed: Table<'t, u64, &'static [u8]>,
}

impl<'t> Tables<'t> {
    fn open(commit: &'t WriteTransaction) -> Result<Self, redb::Error> {
        Ok(Self {
            rows: commit.open_table(ROWS)?,
            index: commit.open_table(INDEX)?,
            feed: commit.open_table(FEED)?,
        })
    }

    /// The outer error is the storage's, the inner one the transaction's own.
    fn apply(&mut self, transaction: &Transaction) -> Result<Result<Version, Error>, redb::Error> {
        let version = transaction.version();
        let now = i64::try_from(transaction.now_us / 1_000_000).unwrap_or(i64::MAX);
        let mut before = Vec::with_capacity(transaction.ops.len());
        let alone = transaction.ops.len() == 1;
        for op in &transaction.ops {
            let stored = match self.stored(op.key()) {
                Ok(stored) => stored,
                Err(error) => return Ok(Err(error)),
            };
            let found = stored
                .as_ref()
                .filter(|row| !row.is_over(now))
                .map(|row| row.version);
            let is_counted = matches!(op, Op::Add(..));
            let other = stored.as_ref().is_some_and(|row| row.kind != COUNTER);
            let holds = !(is_counted && other)
                && match op.condition() {
                    Condition::Absent => found.is_none(),
                    Condition::Version(wanted) => found == Some(wanted),
                    Condition::Any => true,
                };
            if alone
                && let (Op::Put(_, row, Condition::Any), Some(there)) = (op, &stored)
                && there.version == version
                && *there
                    == (Row {
                        version,
                        ..row.clone()
                    })
            {
                return Ok(Ok(version));
            }
            let overwrites_newer = matches!(op, Op::Put(..)) && found.is_some_and(|f| f >= version);
            if !holds || overwrites_newer {
                return Ok(Err(Error::Condition {
                    key: op.key().clone(),
                    found,
                }));
            }
            before.push(stored);
        }
        for (op, before) in transaction.ops.iter().zip(before) {
            match op {
                Op::Check(..) => {}
                Op::Delete(key, _) => self.replace(key, before.as_ref(), None)?,
                Op::Put(key, row, _) => self.replace(
                    key,
                    before.as_ref(),
                    Some(&Row {
                        version,
                        ..row.clone()
                    }),
                )?,
                Op::Add(key, n) => {
                    let mut row = before.clone().unwrap_or_else(counter);
                    row.n += n;
                    row.version = version;
                    self.replace(key, before.as_ref(), Some(&row))?;
                }
            }
        }
        Ok(Ok(version))
    }

    fn stored(&self, key: &Key) -> Result<Option<Row>, Error> {
        read::row(&self.rows, key, i64::MIN)
    }

    fn replace(
        &mut self,
        key: &Key,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Result<(), redb::Error> {
        let bytes = encode::key(key);
        for (index, position) in before.iter().flat_map(|row| &row.indexes) {
            self.index
                .remove(encode::entry(*index, position, key).as_slice())?;
        }
        let Some(row) = after else {
            self.rows.remove(bytes.as_slice())?;
            return Ok(());
        };
        for (index, position) in &row.indexes {
            self.index
                .insert(encode::entry(*index, position, key).as_slice(), ())?;
        }
        let encoded = encode::row(row).map_err(|e| redb::Error::Corrupted(e.to_string()))?;
        self.rows.insert(bytes.as_slice(), encoded.as_slice())?;
        if row.kind.starts_with(EVENT_KIND) {
            let next = self
                .feed
                .last()?
                .map_or(1, |(sequence, _)| sequence.value() + 1);
            self.feed.insert(next, bytes.as_slice())?;
        }
        Ok(())
    }
}
