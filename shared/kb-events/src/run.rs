//! The clock's side of timers: find what is due, claim it, run its job, write what becomes of it.

use crate::lanes::Lanes;
use crate::plan::{self, Passage, Ran, Step};
use crate::timer::Timer;
use async_trait::async_trait;
use futures::FutureExt;
use kb_domain::{Clock, Timestamp};
use kb_store::record::{Stored, read};
use kb_store::{
    Condition, Error, Key, Keyed, Query, Row, Table, TableName, Transaction, Version, keys,
    put_dead_letter,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Timers of one lane that a run of the clock takes.
pub const LANE_MAX: usize = 100;
/// Timers of a held lane that a run moves.
const HELD_MAX: usize = 10 * LANE_MAX;
/// Timers that are moved in one transaction: each is deleted and put.
const MOVED_AT_ONCE: usize = 50;
/// Pages of due timers that a run looks through in one partition.
const PAGES_MAX: usize = 20;
/// Name of the clock in dead letters.
const CONSUMER: &str = "jobs";

/// Work that timers call for. It may run twice, and late; it asks the thing itself whether there is anything to do.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name, as timers have it.
    fn name(&self) -> &'static str;

    /// Seconds between the runs of a job that comes back on its own; `None` for one that only timers of things call.
    fn every(&self) -> Option<i64> {
        None
    }

    /// Does what the timer is for, within half a lease.
    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran;
}

/// The jobs of a program, and the clock that runs them.
pub struct Jobs {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    by_name: BTreeMap<&'static str, Arc<dyn Job>>,
}

/// A timer that this clock holds, with the version that proves it.
struct Claimed {
    timer: Timer,
    version: Version,
}

/// A due timer with its key.
type Due = (Key, Stored<Timer>);

/// What came of a due timer, as far as its lane is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Another clock has it.
    Elsewhere,
    /// It is a dead letter, or nobody here knows its job: that says nothing of the lane.
    Unasked,
    /// Whoever the job asks did not answer.
    Silent,
    /// They answered.
    Answered,
}

impl Jobs {
    /// These jobs, with their timers in `table`.
    pub fn new(
        table: Arc<dyn Table>,
        clock: Arc<dyn Clock>,
        jobs: impl IntoIterator<Item = Arc<dyn Job>>,
    ) -> Self {
        let by_name = jobs.into_iter().map(|job| (job.name(), job)).collect();
        Self {
            table,
            clock,
            by_name,
        }
    }

    /// Sees to it that every job that comes back on its own has a timer.
    pub async fn start(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for (name, job) in &self.by_name {
            if let Some(seconds) = job.every() {
                let timer = Timer::new(name, "", plan::next_period(now, seconds));
                timer.ensure(&*self.table, now).await?;
            }
        }
        Ok(())
    }

    /// Runs what is due, at most [`LANE_MAX`] of a lane, as long as `go_on` says so. Answers how many ran; what other clocks
    /// hold is left to them. The timers of a lane whose partner does not answer are moved behind its wait and do not run; one of
    /// them does when the wait is over. Errors: the table does not answer; what was claimed comes again after its lease.
    pub async fn run_due(&self, go_on: &(dyn Fn() -> bool + Send + Sync)) -> Result<usize, Error> {
        let mut ran = 0;
        for shard in 0..keys::DUE_SHARDS {
            let due = self.due(&keys::due_shard(shard)).await?;
            ran += self.run_all(due, go_on).await?;
            if !go_on() {
                break;
            }
        }
        Ok(ran)
    }

    /// Runs the due timers of a partition, or holds them.
    async fn run_all(
        &self,
        due: Vec<Due>,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<usize, Error> {
        let table = &*self.table;
        let named: BTreeSet<&str> = due.iter().map(|(_, t)| t.value.lane.as_str()).collect();
        let mut lanes = Lanes::load(table, &named, self.clock.now()).await?;
        let mut taken: HashMap<String, usize> = HashMap::new();
        let (mut ran, mut held) = (0, Vec::new());
        for (key, timer) in due {
            if !go_on() {
                break;
            }
            let (lane, now) = (timer.value.lane.clone(), self.clock.now());
            let passage = match lanes.passage(&lane, now) {
                Passage::Probe if lanes.probe(table, &lane, now).await? => Passage::Run,
                // Another clock asks; what it hears is known at the next look.
                Passage::Probe => lanes.passage(&lane, now),
                other => other,
            };
            if let Passage::Hold(until) = passage {
                held.push((key, timer, until));
                continue;
            }
            let taken = taken.entry(lane.clone()).or_default();
            if *taken == LANE_MAX {
                continue;
            }
            *taken += 1;
            let behind = lanes.would_hold(&lane, now);
            let ended = self.run_one(&key, timer, behind).await?;
            ran += usize::from(ended != Ended::Elsewhere);
            let now = self.clock.now();
            match ended {
                Ended::Silent => lanes.silent(table, &lane, now).await?,
                Ended::Answered => lanes.answered(table, &lane, now).await?,
                Ended::Elsewhere | Ended::Unasked => {}
            }
        }
        self.hold(held).await?;
        Ok(ran)
    }

    /// Moves timers behind the wait of their lane, in the order in which they were due.
    async fn hold(&self, held: Vec<(Key, Stored<Timer>, Timestamp)>) -> Result<(), Error> {
        let mut behind = 0;
        for some in held.chunks(MOVED_AT_ONCE) {
            let mut tx = Transaction::new(TableName::Main, self.clock.now().micros());
            for (key, timer, until) in some {
                behind += 1;
                let moved = Timer {
                    at: Timestamp(until.0.saturating_add(behind)),
                    ..timer.value.clone()
                };
                tx.delete(key.clone(), Condition::Version(timer.version));
                tx.put(moved.key(), moved.row(), Condition::Absent);
            }
            match self.table.commit(tx).await {
                // Of those that another clock or their owner has, the others wait for the next look.
                Ok(_) | Err(Error::Condition { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What is due in a partition, oldest first, with no more of a lane than a run takes or moves.
    async fn due(&self, partition: &str) -> Result<Vec<Due>, Error> {
        let now = self.clock.now();
        let mut query = Query {
            below: Some(keys::due_end(now)),
            ..Query::partition(partition, now.unix_seconds())
        };
        let mut lanes: HashMap<String, usize> = HashMap::new();
        let mut due = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = self.table.query(TableName::Main, &query).await?;
            for (key, row) in page.rows {
                let timer = match read::<Timer>(&key, &row) {
                    Ok(timer) => timer,
                    Err(error) => {
                        self.dead_letter_unreadable(key, &row, &error).await?;
                        continue;
                    }
                };
                let taken = lanes.entry(timer.value.lane.clone()).or_default();
                if *taken < HELD_MAX {
                    *taken += 1;
                    due.push((key, timer));
                }
            }
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        Ok(due)
    }

    /// Runs a timer, or makes it a dead letter. Until `behind` its lane is held if what its job asks does not answer.
    async fn run_one(
        &self,
        key: &Key,
        timer: Stored<Timer>,
        behind: Option<Timestamp>,
    ) -> Result<Ended, Error> {
        let job = self.by_name.get(timer.value.job.as_str());
        let every = job.and_then(|job| job.every());
        if plan::is_deadly(&timer.value) {
            let error = "the process ended while it ran".to_owned();
            let step = plan::dead(&timer.value, error, every, self.clock.now());
            let ours = self.write(key, &timer.value, timer.version, step).await?;
            return Ok(if ours {
                Ended::Unasked
            } else {
                Ended::Elsewhere
            });
        }
        let Some(claimed) = self.claim(key, &timer).await? else {
            return Ok(Ended::Elsewhere);
        };
        let ran = match job {
            Some(job) => run_caught(&**job, &claimed.timer, self.clock.now()).await,
            // A newer program, or another one, may know it.
            None => Ran::Unavailable("this program has no such job".to_owned()),
        };
        if let Ran::Unavailable(error) | Ran::Failed(error) = &ran {
            let name = claimed.timer.name();
            tracing::warn!(timer = name, attempt = claimed.timer.attempts, %error, "a job was not done");
        }
        let ended = match &ran {
            _ if job.is_none() => Ended::Unasked,
            Ran::Unavailable(_) => Ended::Silent,
            Ran::Done | Ran::Again { .. } | Ran::Failed(_) => Ended::Answered,
        };
        let step = match behind {
            Some(until) if ended == Ended::Silent => plan::after_probe(&claimed.timer, until),
            _ => plan::after(&claimed.timer, ran, every, self.clock.now()),
        };
        let key = claimed.timer.key();
        self.write(&key, &claimed.timer, claimed.version, step)
            .await?;
        Ok(ended)
    }

    /// Moves a timer to the end of a lease. `None` when another clock was first, or its owner moved it.
    async fn claim(&self, key: &Key, timer: &Stored<Timer>) -> Result<Option<Claimed>, Error> {
        let now = self.clock.now();
        let claimed = plan::claim(&timer.value, now);
        let mut tx = Transaction::new(TableName::Main, now.micros());
        tx.delete(key.clone(), Condition::Version(timer.version));
        tx.put(claimed.key(), claimed.row(), Condition::Absent);
        match self.table.commit(tx).await {
            Ok(version) => Ok(Some(Claimed {
                timer: claimed,
                version,
            })),
            Err(Error::Condition { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes what becomes of a timer that was seen at `version`; whether it was still so.
    async fn write(
        &self,
        key: &Key,
        timer: &Timer,
        version: Version,
        step: Step,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let (dead, next) = match step {
            Step::Delete => (None, None),
            Step::Move(next) => (None, Some(next)),
            Step::Dead(error, next) => (Some(error), next),
        };
        let transaction = |next: Option<&Timer>| {
            let mut tx = Transaction::new(TableName::Main, now.micros());
            match next {
                Some(next) if next.key() == *key => {
                    tx.put(key.clone(), next.row(), Condition::Version(version));
                }
                next => {
                    tx.delete(key.clone(), Condition::Version(version));
                    if let Some(next) = next {
                        tx.put(next.key(), next.row(), Condition::Absent);
                    }
                }
            }
            if let Some(error) = &dead {
                let body = json!({"timer": timer, "error": error, "at": now});
                put_dead_letter(&mut tx, CONSUMER, &timer.name(), &body);
            }
            tx
        };
        let mut result = self.table.commit(transaction(next.as_ref())).await;
        if let (Some(next), Err(Error::Condition { key: taken, .. })) = (&next, &result)
            && *taken != *key
            && *taken == next.key()
        {
            // Two timers of one job meet at one moment and go on as one.
            result = self.table.commit(transaction(None)).await;
        }
        match result {
            Ok(_) => {
                if let Some(error) = dead {
                    tracing::error!(timer = timer.name(), %error, "a timer is dead");
                }
                Ok(true)
            }
            Err(Error::Condition { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn dead_letter_unreadable(
        &self,
        key: Key,
        row: &Row,
        error: &Error,
    ) -> Result<(), Error> {
        tracing::error!(%error, "a timer is dead");
        let now = self.clock.now();
        let body = serde_json::from_str(&row.body).unwrap_or(Value::Null);
        let body = json!({"timer": body, "error": error.to_string(), "at": now});
        let mut tx = Transaction::new(TableName::Main, now.micros());
        put_dead_letter(&mut tx, CONSUMER, &key.sort, &body);
        tx.delete(key, Condition::Version(row.version));
        match self.table.commit(tx).await {
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A panic of a job is a failure of that job and of nothing else.
async fn run_caught(job: &dyn Job, timer: &Timer, now: Timestamp) -> Ran {
    AssertUnwindSafe(job.run(timer, now))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Ran::Failed("it panicked".to_owned()))
}
