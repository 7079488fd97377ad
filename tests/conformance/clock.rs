//! Timers on every table: what clocks do when one of them dies, and when a partner does.

use async_trait::async_trait;
use kb_domain::{Clock, Timestamp};
use kb_events::{Job, Jobs, LEASE_SECONDS, OPEN_AFTER, Ran, Timer};
use kb_store::{Chaos, Embedded, Query, Table, TableName, Transaction, keys};
use kb_testkit::MockClock;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

const MINUTE: i64 = 60;

async fn put(table: &dyn Table, timers: &[Timer], now: Timestamp) {
    for some in timers.chunks(50) {
        let mut tx = Transaction::new(TableName::Main, now.micros());
        for timer in some {
            timer.put(&mut tx);
        }
        table.commit(tx).await.unwrap();
    }
}

async fn timers_left(table: &dyn Table) -> usize {
    let mut left = 0;
    for shard in 0..keys::DUE_SHARDS {
        let mut query = Query::partition(keys::due_shard(shard), 0);
        loop {
            let page = table.query(TableName::Main, &query).await.unwrap();
            left += page.rows.len();
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    left
}

fn clock_of(table: &Arc<dyn Table>, clock: &Arc<MockClock>, job: Arc<dyn Job>) -> Jobs {
    Jobs::new(table.clone(), clock.clone(), [job])
}

async fn tick(jobs: &Jobs) -> usize {
    jobs.run_due(&|| true).await.unwrap()
}

/// A job that the first run never comes back from.
#[derive(Default)]
struct Killed {
    begun: Notify,
    runs: Mutex<Vec<u32>>,
}

#[async_trait]
impl Job for Killed {
    fn name(&self) -> &'static str {
        "note"
    }

    async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
        let first = {
            let mut runs = self.runs.lock().unwrap();
            runs.push(timer.attempts);
            runs.len() == 1
        };
        if first {
            self.begun.notify_one();
            pending::<()>().await;
        }
        Ran::Done
    }
}

/// A clock is gone in the middle of a job, as when a function meets its deadline: nothing of it runs on. Its claim is the mark that the
/// job is in progress, and the end of the lease the end of that mark. What the feed does with a record whose consumer dies is
/// in the suite of feeds: `kb_store::conformance::feed`.
async fn a_claim_ends_with_its_lease_and_the_next_attempt_completes_once(table: Arc<dyn Table>) {
    let clock = Arc::new(MockClock::default());
    let job = Arc::new(Killed::default());
    put(
        &*table,
        &[Timer::new("note", "s", clock.now())],
        clock.now(),
    )
    .await;
    let dying = clock_of(&table, &clock, job.clone());
    tokio::select! {
        _ = tick(&dying) => panic!("the job never ends"),
        () = job.begun.notified() => {}
    }
    drop(dying);
    let others = [0, 1].map(|_| clock_of(&table, &clock, job.clone()));
    clock.advance(LEASE_SECONDS - 1);
    for other in &others {
        assert_eq!(tick(other).await, 0, "the lease holds");
    }
    assert_eq!(timers_left(&*table).await, 1);
    clock.advance(1);
    let (one, two) = tokio::join!(tick(&others[0]), tick(&others[1]));
    assert_eq!(one + two, 1, "of both clocks one runs it");
    assert_eq!(*job.runs.lock().unwrap(), [1, 2]);
    assert_eq!(timers_left(&*table).await, 0);
    clock.advance(LEASE_SECONDS);
    for other in &others {
        assert_eq!(tick(other).await, 0, "it was done once");
    }
}

/// A job that asks one partner for each lane, of which the dead one does not answer.
#[derive(Default)]
struct Syncing {
    dead: AtomicBool,
    /// By lane: for what it was asked, since the last look.
    asked: Mutex<BTreeMap<String, Vec<String>>>,
}

const DEAD: &str = "dead";
/// Its partner answers to everything again but to this.
const POISON: &str = "d0";

#[async_trait]
impl Job for Syncing {
    fn name(&self) -> &'static str {
        "sync"
    }

    async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
        let mut asked = self.asked.lock().unwrap();
        let of_lane = asked.entry(timer.lane.clone()).or_default();
        of_lane.push(timer.subject.clone());
        let dead = self.dead.load(Ordering::Relaxed) || timer.subject == POISON;
        if timer.lane == DEAD && dead {
            return Ran::Unavailable("no answer".to_owned());
        }
        Ran::Done
    }
}

impl Syncing {
    fn take(&self) -> BTreeMap<String, Vec<String>> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// One lane in the dead one's partition and others elsewhere, each with a timer every minute.
fn others() -> Vec<String> {
    let beside = (0..).map(|n| format!("lane{n}"));
    let beside = beside.filter(|l| keys::due_partition(l) == keys::due_partition(DEAD));
    let elsewhere = (0..3).map(|n| format!("other{n}"));
    beside.take(2).chain(elsewhere).collect()
}

/// No timer has the job, subject and moment of another one.
fn subject(lane: &str, minute: usize) -> String {
    format!("{lane}-{minute}")
}

fn sync(lane: &str, subject: &str, at: Timestamp) -> Timer {
    Timer {
        lane: lane.to_owned(),
        ..Timer::new("sync", subject, at)
    }
}

/// Three hours, minute by minute, with two clocks that share nothing but the table. Answers how often the dead lane was asked.
async fn others_are_not_held_up_by_a_dead_partner(table: Arc<dyn Table>, crowd: usize) -> usize {
    let clock = Arc::new(MockClock::default());
    let job = Arc::new(Syncing::default());
    job.dead.store(true, Ordering::Relaxed);
    let clocks = [0, 1].map(|_| clock_of(&table, &clock, job.clone()));
    let now = clock.now();
    let crowd: Vec<Timer> = (0..crowd)
        .map(|n| sync(DEAD, &format!("d{n}"), now))
        .collect();
    put(&*table, &crowd, now).await;
    let (mut asked_dead, others) = (0, others());
    for minute in 0..180_usize {
        let now = clock.now();
        let due = others
            .iter()
            .map(|lane| sync(lane, &subject(lane, minute), now));
        put(&*table, &due.collect::<Vec<_>>(), now).await;
        // Now one clock wakes, now the other.
        tick(&clocks[minute % 2]).await;
        let mut asked = job.take();
        asked_dead += asked.remove(DEAD).map_or(0, |subjects| subjects.len());
        let every: BTreeMap<String, Vec<String>> = others
            .iter()
            .map(|lane| (lane.clone(), vec![subject(lane, minute)]))
            .collect();
        assert_eq!(asked, every, "as without the dead lane, in minute {minute}");
        clock.advance(MINUTE);
    }
    assert_eq!(timers_left(&*table).await, crowd.len(), "none was lost");

    // It answers again but for one timer, which may be the probe once more: within the two longest waits the whole crowd was asked,
    // each once.
    job.dead.store(false, Ordering::Relaxed);
    let mut done = Vec::new();
    for minute in 0..=30_usize {
        tick(&clocks[minute % 2]).await;
        done.extend(job.take().remove(DEAD).unwrap_or_default());
        clock.advance(MINUTE);
    }
    done.retain(|subject| subject != POISON);
    done.sort();
    let every = crowd.into_iter().map(|timer| timer.subject);
    let mut every: Vec<String> = every.filter(|subject| subject != POISON).collect();
    every.sort();
    assert_eq!(done, every);
    assert_eq!(timers_left(&*table).await, 1);
    asked_dead
}

/// Five until the lane is held, then one after each of 1, 2 and 4 minutes, and so on every five minutes of the three hours.
fn is_bounded(asked: usize) {
    let most = OPEN_AFTER as usize + 3 + (180 - 7) / 5;
    assert!((most - 3..=most).contains(&asked), "{asked}");
}

#[tokio::test]
async fn case_083_a_job_that_was_cut_off_is_done_once_on_the_embedded_table() {
    for seed in 1..=3 {
        let table = Embedded::in_memory(Some(Chaos { seed })).unwrap();
        a_claim_ends_with_its_lease_and_the_next_attempt_completes_once(table).await;
    }
}

#[tokio::test]
async fn case_082_a_dead_partner_holds_up_no_other_on_the_embedded_table() {
    let table = Embedded::in_memory(Some(Chaos { seed: 5 })).unwrap();
    is_bounded(others_are_not_held_up_by_a_dead_partner(table, 1_500).await);
}

#[cfg(feature = "cloud")]
mod cloud {
    use super::*;
    use crate::dynamodb::Dynamo;
    use sidenote_tests::stack::server;

    async fn dynamodb_local() -> Arc<dyn Table> {
        Arc::new(Dynamo::at(&server("SIDENOTE_TEST_DYNAMODB")).await.table)
    }

    #[tokio::test]
    #[ignore = "needs a server: tests/engines/up dynamodb"]
    async fn case_083_a_job_that_was_cut_off_is_done_once_on_dynamodb_local() {
        let table = dynamodb_local().await;
        a_claim_ends_with_its_lease_and_the_next_attempt_completes_once(table).await;
    }

    #[tokio::test]
    #[ignore = "needs a server: tests/engines/up dynamodb"]
    async fn case_082_a_dead_partner_holds_up_no_other_on_dynamodb_local() {
        let table = dynamodb_local().await;
        is_bounded(others_are_not_held_up_by_a_dead_partner(table, 300).await);
    }
}
