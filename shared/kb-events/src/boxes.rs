//! Boxes: what is to be done with one partner, as rows that one job takes in pages.
//!
//! A partner that does not answer is asked once for a wait and not once for each thing that waits for it.

use crate::due::dead_letter_row;
use crate::job::Job;
use crate::plan::{ATTEMPTS_MAX, Ran};
use crate::timer::Timer;
use async_trait::async_trait;
use kb_domain::{Clock, Timestamp};
use kb_store::record::{read, row};
use kb_store::{
    Condition, Error, Query, Record, Table, TableName, Transaction, Version, keys, put_dead_letter,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// The job that empties boxes; the subject of its timers is the lane.
pub const DRAIN: &str = "box.drain";
/// Items that are looked at together.
const PAGE: usize = 1_000;
/// A run takes no other page after so many seconds.
const RUN_MAX_SECONDS: i64 = 25;
/// The longest wait for a partner, in seconds.
const WAIT_MAX_SECONDS: i64 = 300;
/// Items whose fates are written in one transaction.
const SETTLED_AT_ONCE: usize = 50;
/// Name of boxes in dead letters.
const CONSUMER: &str = "boxes";
/// Events within so many seconds share one timer of a lane.
const GRAIN_SECONDS: i64 = 5;

/// Something that waits for a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxItem {
    /// What is to be done; only the handler of the lane reads it.
    pub payload: Value,
    /// How often it was tried by itself and failed.
    #[serde(default)]
    pub attempts: u32,
    /// When it came into the box.
    pub first_at: Timestamp,
    /// It is not tried before.
    pub not_before: Timestamp,
}

impl Record for BoxItem {
    type Form = Self;
    const KIND: &'static str = "box";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }
}

/// Which of two items with one id counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// The first: the second changes nothing and fails the transaction, as with a message that goes out once.
    Refused,
    /// The later one stands for both, as with a hint that something is to be looked at.
    Replaces,
}

/// An item as it was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its id in the box.
    pub id: String,
    /// What it says.
    pub item: BoxItem,
    version: Version,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done.
    Done,
    /// It comes again at a moment, with this payload. That is no failure.
    Later(Timestamp, Value),
    /// It failed by itself, and is tried again; after [`ATTEMPTS_MAX`] failures a dead letter keeps it.
    Failed(String),
}

/// Why a lane stops where it is: what was not settled stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The partner does not answer.
    Unavailable(String),
    /// The partner wants nothing before this moment.
    Busy(Timestamp),
    /// Nobody is asked until somebody lays a timer again, as for a connection that is paused.
    Idle,
}

/// Who empties the boxes of some lanes.
#[async_trait]
pub trait BoxHandler: Send + Sync {
    /// Whether it is the one for this lane.
    fn handles(&self, lane: &str) -> bool;

    /// Does what these items of one lane ask for; answers what became of each, in their order, of as many as it came to. It may
    /// be handed an item again whose fate was lost.
    async fn handle(
        &self,
        lane: &str,
        items: &[Taken],
        now: Timestamp,
    ) -> (Vec<Fate>, Option<Stopped>);
}

/// Adds an item to a transaction.
pub fn put(
    tx: &mut Transaction,
    lane: &str,
    id: &str,
    payload: Value,
    not_before: Timestamp,
    repeated: Repeated,
) {
    let item = BoxItem {
        payload,
        attempts: 0,
        first_at: Timestamp(i64::try_from(tx.now_us).unwrap_or(i64::MAX)),
        not_before,
    };
    let condition = match repeated {
        Repeated::Refused => Condition::Absent,
        Repeated::Replaces => Condition::Any,
    };
    tx.put(keys::box_item(lane, id), row(&item), condition);
}

/// The timer that has a lane's box looked at for an event of `at`; events that are close have the same one.
pub fn drain_timer(lane: &str, at: Timestamp) -> Timer {
    let grain = GRAIN_SECONDS * 1_000_000;
    Timer {
        lane: lane.to_owned(),
        ..Timer::new(DRAIN, lane, Timestamp(at.0.div_euclid(grain) * grain))
    }
}

/// How many items wait in a lane, counted up to a page of them.
pub async fn waiting(table: &dyn Table, lane: &str, now: Timestamp) -> Result<usize, Error> {
    let query = Query {
        limit: PAGE,
        ..Query::partition(keys::box_partition(lane), now.unix_seconds())
    };
    Ok(table.query(TableName::Main, &query).await?.rows.len())
}

/// The job that empties boxes.
pub struct Drain {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    handlers: Vec<Arc<dyn BoxHandler>>,
}

impl Drain {
    /// With these handlers, of which the first that takes a lane has it.
    pub fn new(
        table: Arc<dyn Table>,
        clock: Arc<dyn Clock>,
        handlers: Vec<Arc<dyn BoxHandler>>,
    ) -> Self {
        Self {
            table,
            clock,
            handlers,
        }
    }

    /// Takes page after page until nothing is due; when to look again, if anything waits.
    async fn drain(&self, lane: &str, handler: &dyn BoxHandler) -> Result<Ran, Error> {
        let end = self.clock.now().plus_seconds(RUN_MAX_SECONDS);
        let (mut cursor, mut next) = (None, Next::default());
        loop {
            let now = self.clock.now();
            let (due, behind) = self.page(lane, cursor, now, &mut next).await?;
            let stopped = if due.is_empty() {
                None
            } else {
                let (fates, stopped) = handler.handle(lane, &due, now).await;
                let now = self.clock.now();
                let settled: Vec<_> = due
                    .iter()
                    .zip(fates)
                    .map(|(taken, fate)| (taken, Settled::of(lane, taken, fate, now)))
                    .collect();
                self.settle(lane, &settled, &mut next).await?;
                stopped
            };
            let now = self.clock.now();
            match stopped {
                Some(Stopped::Unavailable(error)) => return Ok(Ran::Unavailable(error)),
                Some(Stopped::Busy(until)) => return Ok(again(until.max(now))),
                Some(Stopped::Idle) => return Ok(Ran::Done),
                None => {}
            }
            cursor = behind;
            if cursor.is_none() {
                return Ok(next.0.map_or(Ran::Done, |at| again(at.max(now))));
            }
            if now >= end {
                return Ok(again(now));
            }
        }
    }

    /// A page of what is due, and where the next one begins.
    async fn page(
        &self,
        lane: &str,
        cursor: Option<String>,
        now: Timestamp,
        next: &mut Next,
    ) -> Result<(Vec<Taken>, Option<String>), Error> {
        let query = Query {
            limit: PAGE,
            cursor,
            ..Query::partition(keys::box_partition(lane), now.unix_seconds())
        };
        let page = self.table.query(TableName::Main, &query).await?;
        let mut due = Vec::new();
        for (key, row) in page.rows {
            let item = match read::<BoxItem>(&key, &row) {
                Ok(item) => item,
                Err(error) => {
                    let name = format!("{lane}#{}", key.sort);
                    dead_letter_row(&*self.table, CONSUMER, &name, (key, &row), &error, now)
                        .await?;
                    continue;
                }
            };
            if item.value.not_before > now {
                next.at(item.value.not_before);
                continue;
            }
            due.push(Taken {
                id: key.sort,
                item: item.value,
                version: item.version,
            });
        }
        Ok((due, page.cursor))
    }

    /// Writes what became of items, each unless it was put again meanwhile: then it stays to be done.
    async fn settle(
        &self,
        lane: &str,
        settled: &[(&Taken, Settled)],
        next: &mut Next,
    ) -> Result<(), Error> {
        for some in settled.chunks(SETTLED_AT_ONCE) {
            match self.write(lane, some).await {
                Ok(()) => {}
                Err(Error::Condition { .. }) if some.len() > 1 => {
                    for one in some {
                        match self.write(lane, std::slice::from_ref(one)).await {
                            Ok(()) => {}
                            Err(Error::Condition { .. }) => next.at(self.clock.now()),
                            Err(error) => return Err(error),
                        }
                    }
                }
                Err(Error::Condition { .. }) => next.at(self.clock.now()),
                Err(error) => return Err(error),
            }
            for (_, settled) in some {
                if let Settled::Stays(item) = settled {
                    next.at(item.not_before);
                }
            }
        }
        Ok(())
    }

    async fn write(&self, lane: &str, settled: &[(&Taken, Settled)]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = Transaction::new(TableName::Main, now.micros());
        for (taken, settled) in settled {
            let key = keys::box_item(lane, &taken.id);
            let seen = Condition::Version(taken.version);
            match settled {
                Settled::Done => tx.delete(key, seen),
                Settled::Stays(item) => tx.put(key, row(item), seen),
                Settled::Dead(error) => {
                    tx.delete(key, seen);
                    let body = json!({"lane": lane, "item": taken.item, "error": error, "at": now});
                    put_dead_letter(&mut tx, CONSUMER, &format!("{lane}#{}", taken.id), &body);
                }
            }
        }
        self.table.commit(tx).await.map(|_| ())
    }
}

/// What is written about an item.
enum Settled {
    Done,
    Stays(BoxItem),
    Dead(String),
}

impl Settled {
    fn of(lane: &str, taken: &Taken, fate: Fate, now: Timestamp) -> Self {
        match fate {
            Fate::Done => Self::Done,
            Fate::Later(not_before, payload) => Self::Stays(BoxItem {
                payload,
                not_before,
                ..taken.item.clone()
            }),
            Fate::Failed(error) if taken.item.attempts + 1 >= ATTEMPTS_MAX => {
                tracing::error!(lane, item = taken.id, %error, "an item of a box is dead");
                Self::Dead(error)
            }
            Fate::Failed(error) => {
                tracing::warn!(lane, item = taken.id, %error, "an item of a box was not done");
                let attempts = taken.item.attempts + 1;
                let seconds = (60_i64 << attempts.min(16)).min(WAIT_MAX_SECONDS);
                Self::Stays(BoxItem {
                    attempts,
                    not_before: now.plus_seconds(seconds),
                    ..taken.item.clone()
                })
            }
        }
    }
}

/// When a box is to be looked at again.
#[derive(Default)]
struct Next(Option<Timestamp>);

impl Next {
    fn at(&mut self, at: Timestamp) {
        self.0 = Some(self.0.map_or(at, |known| known.min(at)));
    }
}

fn again(at: Timestamp) -> Ran {
    Ran::Again {
        at,
        state: Value::Null,
    }
}

#[async_trait]
impl Job for Drain {
    fn name(&self) -> &'static str {
        DRAIN
    }

    fn wait_max(&self) -> i64 {
        WAIT_MAX_SECONDS
    }

    async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
        let lane = &timer.subject;
        let Some(handler) = self.handlers.iter().find(|h| h.handles(lane)) else {
            // A newer program, or another one, may have it.
            return Ran::Unavailable(format!("nobody here empties {lane}"));
        };
        match self.drain(lane, &**handler).await {
            Ok(ran) => ran,
            Err(error) => error.into(),
        }
    }
}
