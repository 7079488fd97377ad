//! The clock's side of timers: find what is due, and run the lanes side by side.

use crate::claim::{Claims, Ended};
use crate::due::{self, Due};
use crate::job::Job;
use crate::lanes::{LaneState, load};
use crate::plan::{self, Passage};
use crate::timer::Timer;
use futures::future::join_all;
use kb_domain::{Clock, Timestamp};
use kb_store::{Condition, Error, Keyed, Table, TableName, Transaction};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Timers of one lane that a run of the clock takes.
pub const LANE_MAX: usize = 100;
/// Lanes that run at the same time.
pub const LANES_AT_ONCE: usize = 8;
/// Timers that are moved in one transaction: each is deleted and put.
const MOVED_AT_ONCE: usize = 50;

/// Whether a run goes on: asked before each timer.
pub type GoOn<'a> = &'a (dyn Fn() -> bool + Send + Sync);

/// The jobs of a program, and the clock that runs them.
pub struct Jobs {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    by_name: BTreeMap<&'static str, Arc<dyn Job>>,
}

/// What a run has still to do in one lane, oldest first.
struct LaneRun {
    lane: LaneState,
    timers: VecDeque<Due>,
    taken: usize,
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
    /// hold is left to them. Up to [`LANES_AT_ONCE`] lanes run side by side and each gives way after a timer, so that no lane waits
    /// for the whole of another. The timers of a lane whose partner does not answer are moved behind its wait and do not run; one of
    /// them does when the wait is over. Errors: the table does not answer; what was claimed comes again after its lease.
    pub async fn run_due(&self, go_on: GoOn<'_>) -> Result<usize, Error> {
        let due = due::all(&*self.table, self.clock.now()).await?;
        self.run_lanes_of(due, go_on).await
    }

    /// Runs what is due in these lanes only, as [`Self::run_due`] does.
    pub async fn run_lanes(
        &self,
        lanes: &BTreeSet<String>,
        go_on: GoOn<'_>,
    ) -> Result<usize, Error> {
        let due = due::of_lanes(&*self.table, lanes, self.clock.now()).await?;
        self.run_lanes_of(due, go_on).await
    }

    async fn run_lanes_of(
        &self,
        due: BTreeMap<String, VecDeque<Due>>,
        go_on: GoOn<'_>,
    ) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut known = load(&*self.table, due.keys(), now).await?;
        let mut runs: Vec<LaneRun> = due
            .into_iter()
            .map(|(lane, timers)| LaneRun {
                lane: LaneState::new(known.remove(&lane), lane),
                timers,
                taken: 0,
            })
            .collect();
        // In another order each time: of more lanes than a run has time for, none is always the last.
        runs.sort_by_key(|run| order(&run.lane.name, now));
        let waiting = Mutex::new(VecDeque::from(runs));
        let workers = (0..LANES_AT_ONCE).map(|_| self.work(&waiting, go_on));
        let mut ran = 0;
        for worked in join_all(workers).await {
            ran += worked?;
        }
        Ok(ran)
    }

    /// Takes lanes in turn, a timer of each.
    async fn work(
        &self,
        waiting: &Mutex<VecDeque<LaneRun>>,
        go_on: GoOn<'_>,
    ) -> Result<usize, Error> {
        let waiting = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ran = 0;
        while go_on() {
            let Some(mut run) = waiting().pop_front() else {
                break;
            };
            ran += usize::from(self.run_next(&mut run).await?);
            if run.taken < LANE_MAX && !run.timers.is_empty() {
                waiting().push_back(run);
            }
        }
        Ok(ran)
    }

    /// Runs the next timer of a lane, or moves all of them behind its wait; whether one ran.
    async fn run_next(&self, run: &mut LaneRun) -> Result<bool, Error> {
        let (table, now) = (&*self.table, self.clock.now());
        let passage = match run.lane.passage(now) {
            Passage::Probe if run.lane.probe(table, now).await? => Passage::Run,
            // Another clock asks; what it hears is known at the next look.
            Passage::Probe => run.lane.passage(now),
            other => other,
        };
        if let Passage::Hold(until) = passage {
            self.hold(std::mem::take(&mut run.timers), until).await?;
            return Ok(false);
        }
        let Some((key, timer)) = run.timers.pop_front() else {
            return Ok(false);
        };
        run.taken += 1;
        let claims = Claims {
            table,
            clock: &*self.clock,
        };
        let job = self.by_name.get(timer.value.job.as_str());
        let behind = run.lane.would_hold(now);
        let ended = claims
            .run(&key, timer, job.map(|job| &**job), behind)
            .await?;
        let now = self.clock.now();
        match ended {
            Ended::Silent => run.lane.silent(table, now).await?,
            Ended::Answered => run.lane.answered(table, now).await?,
            Ended::Elsewhere | Ended::Unasked => {}
        }
        Ok(ended != Ended::Elsewhere)
    }

    /// Moves timers behind the wait of their lane, in the order in which they were due.
    async fn hold(&self, mut held: VecDeque<Due>, until: Timestamp) -> Result<(), Error> {
        let mut behind = 0;
        for some in held.make_contiguous().chunks(MOVED_AT_ONCE) {
            let mut tx = Transaction::new(TableName::Main, self.clock.now().micros());
            for (key, timer) in some {
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
}

fn order(lane: &str, now: Timestamp) -> u64 {
    let mut hasher = DefaultHasher::new();
    (now, lane).hash(&mut hasher);
    hasher.finish()
}
