//! The real store, each of whose calls is a place where a worker may be overtaken or cut off: before it, and after it was done and
//! before anybody knows. It sees what is written.

use super::Rule;
use async_trait::async_trait;
use kb_domain::remote::{Counterpart, CounterpartState};
use kb_store::repo::{Progress, read};
use kb_store::{
    Condition, Embedded, Error, Key, Op, Page, Query, Row, Table, TableName, Transaction, Version,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Waits once.
pub(super) struct Pause(bool);

pub(super) fn pause() -> Pause {
    Pause(false)
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for what another thread does, so that a seed goes the same way every time.
fn at_once<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Parked(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// What was seen to be written.
#[derive(Default)]
pub(super) struct Seen {
    /// Which change of theirs a row of ours last showed.
    shown: BTreeMap<Key, u64>,
    /// How far the cursor was.
    cursor: i64,
    /// Rows that were taken away, each time.
    pub taken_away: Vec<String>,
    /// How it went wrong.
    pub wrong: Option<String>,
    /// Writes of things.
    pub writes: u64,
}

pub(super) struct Watched {
    pub engine: Arc<Embedded>,
    pub rule: Rule,
    pub seen: Mutex<Seen>,
}

impl Watched {
    /// Without a rule, a write states what is there as what it was made for.
    fn ruled(&self, op: Op) -> Op {
        let Op::Put(key, row, mut condition) = op else {
            return op;
        };
        let is_cursor = key.sort.starts_with("CUR#");
        let is_thing = key.partition.starts_with("REC#");
        let free = is_thing && self.rule == Rule::NoCondition
            || is_cursor && self.rule == Rule::NoCursorCondition;
        if free {
            let there = at_once(self.engine.get(TableName::Main, &key, 0)).unwrap();
            condition = there.map_or(Condition::Absent, |row| Condition::Version(row.version));
        }
        Op::Put(key, row, condition)
    }

    /// Whether there is such a row.
    pub(super) fn has(&self, key: &Key) -> bool {
        let row = at_once(self.engine.get(TableName::Main, key, 0));
        row.unwrap().is_some()
    }

    /// Sees what was written.
    fn see(&self, key: &Key, row: &Row) {
        let mut seen = self.seen.lock().unwrap();
        if key.partition.starts_with("REC#") {
            seen.writes += 1;
            let row: Counterpart = read(key, row).unwrap().value;
            if matches!(row.state, CounterpartState::Gone { .. }) {
                seen.taken_away.push(row.id.0.clone());
            }
            let shows = row
                .texts
                .get("en")
                .map_or(0, |text| text.digest.parse().unwrap());
            let before = seen.shown.insert(key.clone(), shows).unwrap_or(0);
            if shows < before {
                seen.wrong = Some(format!("{} shows {shows} after {before}", row.id));
            }
        } else if key.sort.starts_with("CUR#") {
            let progress: Progress = read(key, row).unwrap().value;
            // Where they have forgotten the cursor the stream begins again.
            let at = progress.cursor.map(|cursor| cursor.0.parse().unwrap());
            let back = at.is_some_and(|at| at < seen.cursor);
            if back {
                seen.wrong = Some(format!("the cursor is at {at:?} after {}", seen.cursor));
            }
            seen.cursor = at.unwrap_or(0);
        }
    }
}

#[async_trait]
impl Table for Watched {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        pause().await;
        at_once(self.engine.get(table, key, now))
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        pause().await;
        at_once(self.engine.get_many(table, keys, now))
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        pause().await;
        at_once(self.engine.query(table, query))
    }

    async fn commit(&self, mut transaction: Transaction) -> Result<Version, Error> {
        pause().await;
        let ops = std::mem::take(&mut transaction.ops);
        transaction.ops = ops.into_iter().map(|op| self.ruled(op)).collect();
        let puts: Vec<(Key, Row)> = transaction
            .ops
            .iter()
            .filter_map(|op| match op {
                Op::Put(key, row, _) => Some((key.clone(), row.clone())),
                _ => None,
            })
            .collect();
        let written = at_once(self.engine.commit(transaction))?;
        for (key, row) in &puts {
            self.see(key, row);
        }
        pause().await;
        Ok(written)
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        at_once(self.engine.add_get(table, key, n, now_us, expires_at))
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        at_once(self.engine.walk(table, part, parts, limit, cursor))
    }
}
