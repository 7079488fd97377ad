use super::*;
use crate::boxes::BoxItem;
use async_trait::async_trait;
use kb_domain::{Clock, EventId, Timestamp};
use kb_store::samples::read_back;
use kb_store::{
    Chaos, Consumer, Embedded, Feed, FeedRecord, IndexName, Options, Outcome, Query, Row, Table,
    TableName, Transaction, keys,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A clock turned by hand; every look moves it by one microsecond.
struct Turned(AtomicI64);

impl Turned {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_795_507_200_000_000)))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A job that notes what it is given and answers what the test says.
struct Noting {
    every: Option<i64>,
    seen: Mutex<Vec<Timer>>,
    answer: Box<dyn Fn(&Timer) -> Ran + Send + Sync>,
}

impl Noting {
    fn new(answer: impl Fn(&Timer) -> Ran + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            every: None,
            seen: Mutex::default(),
            answer: Box::new(answer),
        })
    }

    fn runs(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

#[async_trait]
impl Job for Noting {
    fn name(&self) -> &'static str {
        "note"
    }

    fn every(&self) -> Option<i64> {
        self.every
    }

    async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
        self.seen.lock().unwrap().push(timer.clone());
        // Another clock may look now.
        tokio::task::yield_now().await;
        (self.answer)(timer)
    }
}

fn engine() -> Arc<Embedded> {
    Embedded::in_memory(Some(Chaos { seed: 3 })).unwrap()
}

fn clock_of(engine: &Arc<Embedded>, clock: &Arc<Turned>, job: &Arc<Noting>) -> Jobs {
    Jobs::new(engine.clone(), clock.clone(), [job.clone() as Arc<dyn Job>])
}

async fn run(jobs: &Jobs) -> usize {
    jobs.run_due(&|| true).await.unwrap()
}

async fn write(engine: &Embedded, clock: &Turned, add: impl FnOnce(&mut Transaction)) {
    let mut tx = Transaction::new(TableName::Main, clock.now().micros());
    add(&mut tx);
    engine.commit(tx).await.unwrap();
}

async fn timers(engine: &Embedded) -> Vec<Timer> {
    let mut timers = Vec::new();
    for n in 0..keys::DUE_SHARDS {
        let query = Query::partition(keys::due_shard(n), 0);
        let page = engine.query(TableName::Main, &query).await.unwrap();
        timers.extend(
            page.rows
                .iter()
                .map(|(_, row)| serde_json::from_str::<Timer>(&row.body).unwrap()),
        );
    }
    timers
}

async fn dead(engine: &Embedded, name: &str) -> Option<Value> {
    let key = keys::dead_letter("jobs", name);
    let row = engine.get(TableName::Main, &key, 0).await.unwrap();
    row.map(|row| serde_json::from_str(&row.body).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_clocks_that_look_at_once_one_runs_the_job() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    for round in 1..=20 {
        let timer = Timer::new("note", &format!("s{round}"), clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
        let start = Arc::new(tokio::sync::Barrier::new(8));
        let clocks: Vec<_> = (0..8)
            .map(|_| {
                let (jobs, start) = (clock_of(&engine, &clock, &job), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    run(&jobs).await
                })
            })
            .collect();
        let mut won = 0;
        for clock in clocks {
            won += clock.await.unwrap();
        }
        assert_eq!((won, job.runs()), (1, round));
    }
    assert!(timers(&engine).await.is_empty());
}

#[tokio::test]
async fn a_run_that_ends_with_its_process_comes_again_after_the_lease() {
    struct Hanging(Arc<Notify>);
    #[async_trait]
    impl Job for Hanging {
        fn name(&self) -> &'static str {
            "note"
        }
        async fn run(&self, _: &Timer, _: Timestamp) -> Ran {
            self.0.notify_one();
            std::future::pending().await
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let open = || Embedded::open(folder.path(), Options::default()).unwrap();
    let clock = Turned::new();
    let timer = Timer::new("note", "s", clock.now());
    {
        let (engine, begun) = (open(), Arc::new(Notify::new()));
        write(&engine, &clock, |tx| timer.put(tx)).await;
        let job: Arc<dyn Job> = Arc::new(Hanging(begun.clone()));
        let jobs = Jobs::new(engine.clone(), clock.clone(), [job]);
        tokio::select! {
            _ = jobs.run_due(&|| true) => panic!("the job never ends"),
            () = begun.notified() => {}
        }
    }
    let engine = open();
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    clock.advance(LEASE_SECONDS - 1);
    assert_eq!(run(&jobs).await, 0);
    clock.advance(1);
    assert_eq!(run(&jobs).await, 1);
    assert_eq!(job.seen.lock().unwrap()[0].attempts, 2);
    clock.advance(LEASE_SECONDS);
    assert_eq!(run(&jobs).await, 0);
}

#[tokio::test]
async fn a_job_that_always_ends_the_process_is_dead_after_the_last_attempt() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| panic!("this run must not take place"));
    let worn = Timer {
        attempts: ATTEMPTS_MAX,
        ..Timer::new("note", "s", clock.now())
    };
    write(&engine, &clock, |tx| worn.put(tx)).await;
    assert_eq!(run(&clock_of(&engine, &clock, &job)).await, 1);
    assert_eq!(job.runs(), 0);
    assert!(timers(&engine).await.is_empty());
    let dead = dead(&engine, "note#s").await.unwrap();
    assert_eq!(dead["error"], "the process ended while it ran");
}

#[tokio::test]
async fn a_failure_waits_twice_as_long_each_time_and_ends_in_a_dead_row() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|timer| {
        assert!(timer.attempts != 4, "a panic is a failure as well");
        Ran::Failed("no".to_owned())
    });
    let jobs = clock_of(&engine, &clock, &job);
    let timer = Timer::new("note", "s", clock.now());
    write(&engine, &clock, |tx| timer.put(tx)).await;
    let waits = [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360];
    for (wait, n) in waits.into_iter().zip(1..) {
        assert_eq!(run(&jobs).await, 1);
        assert_eq!(job.runs(), n);
        clock.advance(wait - 1);
        assert_eq!(run(&jobs).await, 0, "attempt {n} waits {wait} s");
        clock.advance(1);
        assert!(dead(&engine, "note#s").await.is_none());
    }
    assert_eq!(run(&jobs).await, 1);
    assert_eq!(job.runs(), ATTEMPTS_MAX as usize);
    assert!(timers(&engine).await.is_empty());
    let body = dead(&engine, "note#s").await.unwrap();
    assert_eq!(
        (&body["error"], &body["timer"]["subject"]),
        (&json!("no"), &json!("s"))
    );
    engine.settle().unwrap();
    let query = Query {
        index: Some(IndexName::Queue),
        ..Query::partition(keys::dead_queue("jobs", "x").0, 0)
    };
    let page = engine.query(TableName::Main, &query).await.unwrap();
    assert_eq!(page.rows.len(), 1);
}

#[tokio::test]
async fn a_moved_timer_does_not_run_at_the_old_moment_and_a_deleted_one_not_at_all() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    let at = clock.now();
    let (moved, gone) = (
        Timer::new("note", "m", at.plus_seconds(60)),
        Timer::new("note", "g", at.plus_seconds(60)),
    );
    write(&engine, &clock, |tx| {
        moved.put(tx);
        gone.put(tx);
    })
    .await;
    // The same moment again writes one row, not two.
    write(&engine, &clock, |tx| {
        moved.move_to(tx, moved.at);
    })
    .await;
    write(&engine, &clock, |tx| {
        moved.move_to(tx, at.plus_seconds(600));
        gone.delete(tx);
    })
    .await;
    clock.advance(599);
    assert_eq!(run(&jobs).await, 0);
    clock.advance(1);
    assert_eq!(run(&jobs).await, 1);
    assert_eq!(job.seen.lock().unwrap()[0].subject, "m");
}

#[tokio::test]
async fn an_owner_who_moves_a_timer_while_it_runs_gets_the_new_run_as_well() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    let timer = Timer::new("note", "s", clock.now());
    write(&engine, &clock, |tx| timer.put(tx)).await;
    let later = clock.now().plus_seconds(600);
    let (ran, ()) = tokio::join!(
        run(&jobs),
        write(&engine, &clock, |tx| {
            timer.move_to(tx, later);
        })
    );
    clock.advance(600);
    assert_eq!((ran, run(&jobs).await, job.runs()), (1, 1, 2));
    assert_eq!(job.seen.lock().unwrap().last().unwrap().attempts, 1);
    assert!(timers(&engine).await.is_empty());
}

#[tokio::test]
async fn a_crowd_in_one_lane_does_not_hold_up_another() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    let same_partition = (0..10_000)
        .map(|n| format!("lane{n}"))
        .find(|lane| keys::due_partition(lane) == keys::due_partition("note"))
        .unwrap();
    let at = clock.now();
    for n in 0..LANE_MAX + 20 {
        let timer = Timer::new("note", &format!("crowd{n}"), at);
        timer.ensure(&*engine, clock.now()).await.unwrap();
    }
    let other = Timer {
        lane: same_partition,
        ..Timer::new("note", "other", clock.now())
    };
    write(&engine, &clock, |tx| other.put(tx)).await;
    assert_eq!(run(&jobs).await, LANE_MAX + 1);
    let has_other = |seen: &[Timer]| seen.iter().any(|t| t.subject == "other");
    assert!(has_other(&job.seen.lock().unwrap()));
    assert_eq!(run(&jobs).await, 20);
    assert_eq!(run(&jobs).await, 0);
}

#[tokio::test]
async fn a_job_goes_on_from_what_it_left() {
    let (engine, clock) = (engine(), Turned::new());
    let at = clock.now().plus_seconds(30);
    let job = Noting::new(move |timer| match timer.state.as_u64() {
        None => Ran::Again {
            at,
            state: json!(1),
        },
        Some(1) => Ran::Again {
            at,
            state: json!(2),
        },
        Some(_) => Ran::Done,
    });
    let jobs = clock_of(&engine, &clock, &job);
    let timer = Timer::new("note", "s", clock.now());
    write(&engine, &clock, |tx| timer.put(tx)).await;
    assert_eq!(run(&jobs).await, 1);
    assert_eq!(run(&jobs).await, 0);
    clock.advance(30);
    assert_eq!((run(&jobs).await, run(&jobs).await), (1, 1));
    let states: Vec<Value> = job
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|t| t.state.clone())
        .collect();
    assert_eq!(states, [Value::Null, json!(1), json!(2)]);
    assert!(timers(&engine).await.is_empty());
}

#[tokio::test]
async fn a_daily_job_has_one_timer_however_often_the_program_starts() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Arc::new(Noting {
        every: Some(86_400),
        seen: Mutex::default(),
        answer: Box::new(|_| Ran::Done),
    });
    let jobs = clock_of(&engine, &clock, &job);
    for _ in 0..3 {
        jobs.start().await.unwrap();
    }
    assert_eq!(run(&jobs).await, 0);
    // It was off for three days: what was missed runs once, and meets the timer of the new start.
    clock.advance(3 * 86_400);
    jobs.start().await.unwrap();
    assert_eq!(timers(&engine).await.len(), 2);
    assert_eq!((run(&jobs).await, run(&jobs).await), (1, 0));
    let left = timers(&engine).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].at.to_string(), "2026-11-28T00:00:00Z");
}

#[tokio::test]
async fn a_job_that_nobody_has_here_waits_and_an_unreadable_timer_becomes_a_dead_letter() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    let unknown = Timer::new("of a newer program", "", clock.now());
    let key = keys::due("note", clock.now(), "broken");
    write(&engine, &clock, |tx| {
        unknown.put(tx);
        let row = Row {
            kind: "timer.1".to_owned(),
            body: "{\"at\":7}".to_owned(),
            ..Row::default()
        };
        tx.put(key.clone(), row, kb_store::Condition::Any);
    })
    .await;
    assert_eq!(run(&jobs).await, 1);
    let left = timers(&engine).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].waits, left[0].attempts), (1, 0));
    assert!(dead(&engine, &key.sort).await.is_some());
}

#[tokio::test]
async fn a_clock_that_is_stopped_claims_nothing_more() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    for n in 0..3 {
        let timer = Timer::new("note", &n.to_string(), clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
    }
    let after_one = {
        let job = job.clone();
        move || job.runs() < 1
    };
    assert_eq!(jobs.run_due(&after_one).await.unwrap(), 1);
    assert_eq!(timers(&engine).await.len(), 2);
}

#[tokio::test]
async fn an_event_comes_out_of_the_feed_as_it_went_in_and_an_unknown_one_fails() {
    struct Reading(Mutex<Vec<Event>>);
    #[async_trait]
    impl Consumer for Reading {
        fn name(&self) -> &'static str {
            "reading"
        }
        async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
            let take = |record| match Event::of(record) {
                Ok(event) => {
                    self.0.lock().unwrap().extend(event);
                    Outcome::Done
                }
                Err(error) => Outcome::Failed(error.to_string()),
            };
            batch.iter().map(take).collect()
        }
    }
    let (engine, clock) = (Embedded::in_memory(None).unwrap(), Turned::new());
    let id = |n| EventId::new(uuid::Uuid::from_u128(n));
    let event = Event {
        id: id(1),
        at: clock.now(),
        actor: Actor::Operator,
        version: 7,
        wakes: Vec::new(),
        expires_at: None,
        what: Happened::TicketPut {
            system: "crm".to_owned(),
            ticket: "1".to_owned(),
        },
    };
    write(&engine, &clock, |tx| event.put(tx)).await;
    // One of another program's future, and one that is broken.
    let mut future = json!(event);
    future["kind"] = json!("future.thing");
    for (n, body) in [
        (2, future.to_string()),
        (3, "{\"kind\":\"broken\"}".to_owned()),
    ] {
        write(&engine, &clock, |tx| {
            let row = Row {
                kind: "event.2".to_owned(),
                body,
                ..Row::default()
            };
            let key = keys::event(event.at, id(n));
            tx.put(key, row, kb_store::Condition::Absent);
        })
        .await;
    }
    let reading = Reading(Mutex::default());
    assert_eq!(engine.pump(&reading, 10, clock.now()).await.unwrap(), 3);
    let unknown = Event {
        what: Happened::Unknown,
        ..event.clone()
    };
    assert_eq!(*reading.0.lock().unwrap(), [event, unknown]);
    let key = keys::dead_letter("reading", &id(2).to_string());
    assert_eq!(engine.get(TableName::Main, &key, 0).await.unwrap(), None);
    let key = keys::dead_letter("reading", &id(3).to_string());
    let row = engine.get(TableName::Main, &key, 0).await.unwrap().unwrap();
    assert!(row.body.contains("broken"));
}

#[test]
fn timers_lanes_and_items_of_every_version_are_read_and_written_anew() {
    assert!(!read_back::<BoxItem>().is_empty());
    assert!(read_back::<Timer>().len() >= 3);
    let lanes = read_back::<plan::Lane>();
    assert!(lanes.iter().any(|(_, lane)| lane.open_until.is_some()));
}

mod boxes;
mod fairness;
