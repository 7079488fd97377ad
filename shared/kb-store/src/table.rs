//! The table port: rows by key, ranges of a partition, transactions. Engines stay small and know no domain.

use crate::error::Error;
use async_trait::async_trait;
use std::collections::BTreeMap;

pub use crate::key::Key;

/// Version of a row: ETag, index version and event version in one. Grows with every write, across delete and restore.
pub type Version = u64;

/// Which of the two tables a row lies in. A transaction stays within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableName {
    /// Content, people, jobs, events. Acknowledged writes are durable.
    Main,
    /// Usage, suggestion log, rate windows. Expiring; on one machine durable within a second, or at once where a transaction
    /// asks for it.
    Log,
}

/// The named indexes. They hold keys only and lag: read the rows again and drop what no longer matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexName {
    /// Edges, backwards.
    Inverse,
    /// Worklists by state and time.
    Queue,
    /// Everything of one person.
    Person,
}

/// A stored row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its kind and schema version, for example `article.1`.
    pub kind: String,
    /// Set by the commit that wrote it.
    pub version: Version,
    /// Where it stands in the named indexes: partition and sort, both not empty.
    pub indexes: BTreeMap<IndexName, (String, String)>,
    /// Seconds since 1970 after which it is absent everywhere, conditions included.
    pub expires_at: Option<i64>,
    /// One JSON text.
    pub body: String,
    /// The count of a counter row; 0 elsewhere.
    pub n: i64,
}

impl Row {
    /// Whether it is over at `now`, in seconds since 1970: absent everywhere.
    pub fn is_over(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Kind of a row that only [`Op::Add`] makes and changes.
pub const COUNTER: &str = "counter.1";

/// What must hold for an operation to take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such row.
    Absent,
    /// The row has this version.
    Version(Version),
    /// Whatever is there. A put still overwrites nothing that is newer; one that is alone in its transaction and finds there
    /// what it would write is done already.
    Any,
}

/// One operation of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Writes the whole row.
    Put(Key, Row, Condition),
    /// Removes the row.
    Delete(Key, Condition),
    /// Adds to the count of a counter row, making it when it is absent. A row that is no counter fails it. The version of a
    /// counter is the moment of an addition and may step back: nothing is conditioned on it.
    Add(Key, i64),
    /// Writes nothing, but the condition must hold.
    Check(Key, Condition),
}

impl Op {
    /// The row it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(key, ..) | Self::Delete(key, _) | Self::Add(key, _) | Self::Check(key, _) => {
                key
            }
        }
    }

    /// What must hold.
    pub fn condition(&self) -> Condition {
        match self {
            Self::Put(_, _, condition) | Self::Delete(_, condition) | Self::Check(_, condition) => {
                *condition
            }
            Self::Add(..) => Condition::Any,
        }
    }
}

/// Operations that take place together or not at all. One version stands on every row it writes:
/// `max(now in microseconds, 1 + the versions it is conditioned on or said to be above)`.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// The table all its rows lie in.
    pub table: TableName,
    /// When it was begun, in microseconds since 1970. Rows that expired before are absent to it.
    pub now_us: u64,
    /// The operations, on distinct keys.
    pub ops: Vec<Op>,
    /// Whether it waits for the disk where others need not.
    pub at_once: bool,
    /// Its version is at least this.
    floor: Version,
}

impl Transaction {
    /// An empty transaction begun at `now_us`.
    pub fn new(table: TableName, now_us: u64) -> Self {
        Self {
            table,
            now_us,
            ops: Vec::new(),
            at_once: false,
            floor: 0,
        }
    }

    /// Says that it comes after a version of another row, which it neither writes nor is conditioned on. Where versions of several
    /// rows are compared, as those of a head and its texts are in the index, a clock that stepped back must not decide.
    pub fn comes_after(&mut self, version: Version) {
        self.floor = self.floor.max(version + 1);
    }

    /// Adds an operation.
    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// Writes a row.
    pub fn put(&mut self, key: Key, row: Row, condition: Condition) {
        self.push(Op::Put(key, row, condition));
    }

    /// Removes a row.
    pub fn delete(&mut self, key: Key, condition: Condition) {
        self.push(Op::Delete(key, condition));
    }

    /// Demands a condition of a row that is not written.
    pub fn check(&mut self, key: Key, condition: Condition) {
        self.push(Op::Check(key, condition));
    }

    /// The version that every row written by it will carry; known before it is committed, so that rows of one transaction
    /// can name it. Final once every operation is in.
    pub fn version(&self) -> Version {
        let floor = self.ops.iter().filter_map(|op| match op.condition() {
            Condition::Version(n) => Some(n + 1),
            _ => None,
        });
        floor.max().unwrap_or(0).max(self.floor).max(self.now_us)
    }
}

/// Which way a range is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By sort key, upwards.
    #[default]
    Ascending,
    /// By sort key, downwards.
    Descending,
}

/// A range of one partition, of the table or of an index.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// `None` reads the table itself, strongly; an index lags.
    pub index: Option<IndexName>,
    /// The partition.
    pub partition: String,
    /// Only sort keys that begin with this.
    pub prefix: String,
    /// Only sort keys at or above this.
    pub from: Option<String>,
    /// Only sort keys below this.
    pub below: Option<String>,
    /// Which way.
    pub order: Order,
    /// At most so many rows.
    pub limit: usize,
    /// Where the page before ended; the answer goes on behind it.
    pub cursor: Option<String>,
    /// Seconds since 1970: rows that expired before are absent.
    pub now: i64,
}

impl Query {
    /// Every row of a partition of the table, upwards, at most 1,000.
    pub fn partition(partition: impl Into<String>, now: i64) -> Self {
        Self {
            partition: partition.into(),
            limit: 1_000,
            now,
            ..Self::default()
        }
    }
}

/// A page of rows. It may be short, even empty, and still have a cursor.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows, with their keys in the table.
    pub rows: Vec<(Key, Row)>,
    /// Where to go on; `None` at the end.
    pub cursor: Option<String>,
}

/// A table engine. Reads of the table are strong, reads of an index lag.
#[async_trait]
pub trait Table: Send + Sync {
    /// One row; `None` when it is absent or expired before `now` (seconds since 1970).
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error>;

    /// Rows by key, in the order of `keys`; `None` where absent. At most 1,000.
    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error>;

    /// A range.
    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error>;

    /// All operations or none; answers the version that was written. In `Main` it is durable when this returns.
    async fn commit(&self, transaction: Transaction) -> Result<Version, Error>;

    /// Adds to a count that is over at `expires_at`, in seconds since 1970, making it when it is absent, and answers the count after
    /// it: of many who add at once each is answered another one. An answer that is lost may have been counted. The key names the
    /// time that it counts, so that nobody adds to it after its end. Errors: the row is no counter.
    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error>;

    /// Part `part` of `parts` of the whole table, for export and rebuild; never in a request.
    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error>;
}
