//! One lane and the others.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;

fn in_lane(lane: &str, subject: &str, at: Timestamp) -> Timer {
    Timer {
        lane: lane.to_owned(),
        ..Timer::new("note", subject, at)
    }
}

/// Two lanes whose partitions are the first and the last that are read.
fn far_apart() -> (String, String) {
    let shard = |lane: &String| {
        (0..keys::DUE_SHARDS).position(|n| keys::due_shard(n) == keys::due_partition(lane))
    };
    let lanes = || (0..100).map(|n| format!("con:{n}"));
    (
        lanes().min_by_key(shard).unwrap(),
        lanes().max_by_key(shard).unwrap(),
    )
}

#[tokio::test]
async fn a_backlog_in_one_partition_leaves_time_for_the_others() {
    let (low, high) = far_apart();
    for (busy, other) in [(&low, &high), (&high, &low)] {
        let (engine, clock) = (engine(), Turned::new());
        let job = Noting::new(|_| Ran::Done);
        let jobs = clock_of(&engine, &clock, &job);
        let timer = in_lane(other, "waiting", clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
        for n in 0..60 {
            let timer = in_lane(busy, &format!("{busy}{n}"), clock.now());
            write(&engine, &clock, |tx| timer.put(tx)).await;
        }
        // Time for ten of them.
        let left = AtomicI64::new(10);
        jobs.run_due(&|| left.fetch_sub(1, Ordering::Relaxed) > 0)
            .await
            .unwrap();
        let seen = job.seen.lock().unwrap();
        assert!(seen.len() <= 10 && seen.iter().any(|t| t.subject == "waiting"));
    }
}

#[tokio::test]
async fn lanes_run_side_by_side_and_a_lane_in_its_order() {
    #[derive(Default)]
    struct Counting {
        running: AtomicUsize,
        most: AtomicUsize,
        by_lane: Mutex<BTreeMap<String, Vec<String>>>,
    }
    #[async_trait]
    impl Job for Counting {
        fn name(&self) -> &'static str {
            "note"
        }
        async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
            let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            self.running.fetch_sub(1, Ordering::SeqCst);
            let mut by_lane = self.by_lane.lock().unwrap();
            let seen = by_lane.entry(timer.lane.clone()).or_default();
            seen.push(timer.subject.clone());
            Ran::Done
        }
    }
    let (engine, clock) = (engine(), Turned::new());
    let job = Arc::new(Counting::default());
    let jobs = Jobs::new(engine.clone(), clock.clone(), [job.clone() as Arc<dyn Job>]);
    for n in 0..5 {
        for lane in 0..20 {
            let timer = in_lane(&format!("con:{lane}"), &n.to_string(), clock.now());
            write(&engine, &clock, |tx| timer.put(tx)).await;
        }
    }
    assert_eq!(run(&jobs).await, 100);
    let most = job.most.load(Ordering::SeqCst);
    assert!((2..=LANES_AT_ONCE).contains(&most), "{most} at once");
    for (lane, seen) in &*job.by_lane.lock().unwrap() {
        assert_eq!(*seen, ["0", "1", "2", "3", "4"], "{lane}");
    }
}

#[tokio::test]
async fn of_more_lanes_than_there_is_time_for_each_has_its_turn() {
    let (engine, clock) = (engine(), Turned::new());
    // What is done is due again at once: no lane ever has nothing to do.
    let job = Noting::new(|timer| Ran::Again {
        at: timer.at,
        state: Value::Null,
    });
    let jobs = clock_of(&engine, &clock, &job);
    for n in 0..40 {
        let timer = in_lane(&format!("con:{n}"), "s", clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
    }
    for _ in 0..60 {
        let left = AtomicI64::new(8);
        jobs.run_due(&|| left.fetch_sub(1, Ordering::Relaxed) > 0)
            .await
            .unwrap();
        clock.advance(60);
    }
    let seen = job.seen.lock().unwrap();
    let lanes: BTreeSet<&str> = seen.iter().map(|t| t.lane.as_str()).collect();
    assert_eq!(lanes.len(), 40);
}

#[tokio::test]
async fn lanes_that_are_named_run_and_no_others() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Done);
    let jobs = clock_of(&engine, &clock, &job);
    for lane in ["con:1", "con:2", "con:3"] {
        let timer = in_lane(lane, "s", clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
    }
    let named = BTreeSet::from(["con:2".to_owned(), "con:3".to_owned()]);
    assert_eq!(jobs.run_lanes(&named, &|| true).await.unwrap(), 2);
    let left = timers(&engine).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].lane, "con:1");
}

#[tokio::test]
async fn a_partner_that_speaks_by_itself_is_asked_again_at_once() {
    let (engine, clock) = (engine(), Turned::new());
    let job = Noting::new(|_| Ran::Unavailable("down".to_owned()));
    let jobs = clock_of(&engine, &clock, &job);
    for n in 0..OPEN_AFTER {
        let timer = in_lane("con:1", &n.to_string(), clock.now());
        write(&engine, &clock, |tx| timer.put(tx)).await;
    }
    run(&jobs).await;
    let (waiting, asked) = (in_lane("con:1", "next", clock.now()), job.runs());
    write(&engine, &clock, |tx| waiting.put(tx)).await;
    run(&jobs).await;
    assert_eq!(job.runs(), asked, "the lane is held");
    let waiting = in_lane("con:1", "another", clock.now());
    write(&engine, &clock, |tx| waiting.put(tx)).await;
    alive(&*engine, "con:1", clock.now()).await.unwrap();
    run(&jobs).await;
    assert_eq!(job.runs(), asked + 1);
    // Of a lane that is well it says nothing.
    alive(&*engine, "con:2", clock.now()).await.unwrap();
}
