//! The feed: nothing is lost, what fails leaves a row, what is unavailable comes again, what kills is dead in the end.

use super::{NOW_US, Subject, row};
use crate::deliver::ATTEMPTS_MAX;
use crate::feed::{Consumer, Feed, FeedRecord, Outcome};
use crate::keys;
use crate::table::{Condition, IndexName, Key, TableName, Transaction};
use async_trait::async_trait;
use kb_domain::{EventId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// A moment of the checks.
const AT: Timestamp = Timestamp(1_800_000_000_000_000);

/// A consumer that writes down what it is handed and answers by the subject.
struct Taker {
    name: &'static str,
    answer: fn(&str, usize) -> Outcome,
    seen: Mutex<BTreeMap<String, usize>>,
    order: Mutex<Vec<FeedRecord>>,
}

impl Taker {
    fn new(name: &'static str, answer: fn(&str, usize) -> Outcome) -> Self {
        Self {
            name,
            answer,
            seen: Mutex::default(),
            order: Mutex::default(),
        }
    }

    fn seen(&self) -> BTreeMap<String, usize> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    fn records(&self) -> Vec<FeedRecord> {
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.clone()
    }
}

#[async_trait]
impl Consumer for Taker {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for record in batch {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let times = seen.entry(record.key.sort.clone()).or_default();
            *times += 1;
            let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
            order.push(record.clone());
            outcomes.push((self.answer)(record.subject(), *times));
            if matches!(outcomes.last(), Some(Outcome::Unavailable(_))) {
                break;
            }
        }
        outcomes
    }
}

/// Writes something and the event that says so; answers the event's id.
async fn say(subject: &dyn Subject, about: &str, n: u64) -> String {
    let mut tx = Transaction::new(TableName::Main, NOW_US + n);
    tx.put(
        Key::new("SAID", format!("{about}{n}")),
        row("x"),
        Condition::Absent,
    );
    let id = EventId::new(uuid_of(n));
    let mut event = row("what happened");
    event.kind = format!("{}.1", keys::EVENT_KIND);
    event
        .indexes
        .insert(IndexName::Inverse, keys::event_by_subject(about, id));
    tx.put(keys::event(AT, id), event, Condition::Absent);
    let done = subject.table().commit(tx).await;
    done.expect("nothing stands in the way");
    id.to_string()
}

fn uuid_of(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128((0x0199_u128 << 112) | (0x7 << 76) | (0x8 << 60) | u128::from(n))
}

/// Pumps until nothing comes any more.
async fn drain(feed: &dyn Feed, consumer: &Taker, limit: usize) {
    let mut quiet = 0;
    for _ in 0..10_000 {
        let settled = feed.pump(consumer, limit, AT).await;
        quiet = if settled.expect("the engine answers") == 0 {
            quiet + 1
        } else {
            0
        };
        if quiet == 5 {
            return;
        }
    }
    panic!("the feed does not end");
}

async fn dead(subject: &dyn Subject, consumer: &str, event: &str) -> Option<String> {
    let key = keys::dead_letter(consumer, event);
    let row = subject.table().get(TableName::Main, &key, 0).await;
    row.expect("the engine answers").map(|r| r.body)
}

/// What a feed promises.
pub async fn feed(subject: &dyn Subject) {
    let feed = subject.feed();
    let mut said = BTreeSet::new();
    for n in 1..=40 {
        said.insert(say(subject, &format!("s{}", n % 5), n).await);
    }
    everything_comes_with_its_row(feed, &said).await;
    what_fails_becomes_a_dead_letter_with_its_event(subject, feed, &said).await;
    what_is_unavailable_comes_again_and_in_order(feed, &said).await;
    what_panics_becomes_a_dead_letter_alone(subject, feed, &said).await;
    what_kills_the_process_is_dead_after_some_tries(subject, &said).await;
}

async fn everything_comes_with_its_row(feed: &dyn Feed, said: &BTreeSet<String>) {
    for (name, limit) in [("one by one", 1), ("in sevens", 7), ("at once", 1_000)] {
        let taker = Taker::new(name, |_, _| Outcome::Done);
        drain(feed, &taker, limit).await;
        let seen: BTreeSet<String> = taker.seen().into_keys().collect();
        assert_eq!(seen, *said, "{name}");
        for record in taker.records() {
            assert!(record.row.kind.starts_with(keys::EVENT_KIND));
            assert_eq!(record.row.body, "\"what happened\"");
            assert!(record.subject().contains('s'), "{}", record.subject());
            assert!(record.row.version >= NOW_US);
        }
    }
}

async fn what_fails_becomes_a_dead_letter_with_its_event(
    subject: &dyn Subject,
    feed: &dyn Feed,
    said: &BTreeSet<String>,
) {
    let taker = Taker::new("failing", |about, _| match about {
        about if about.ends_with("s3") => Outcome::Failed("it cannot be done".to_owned()),
        _ => Outcome::Done,
    });
    drain(feed, &taker, 100).await;
    let failed: BTreeSet<String> = taker
        .records()
        .iter()
        .filter(|r| r.subject().ends_with("s3"))
        .map(|r| r.key.sort.clone())
        .collect();
    assert_eq!((taker.seen().len(), failed.len()), (said.len(), 8));
    for event in said {
        let body = dead(subject, "failing", event).await;
        assert_eq!(body.is_some(), failed.contains(event));
        if let Some(body) = body {
            assert!(
                body.contains("what happened") && body.contains("it cannot be done"),
                "{body}"
            );
        }
    }
}

async fn what_is_unavailable_comes_again_and_in_order(feed: &dyn Feed, said: &BTreeSet<String>) {
    // Each event is unavailable twice, so that no batch passes at once.
    let taker = Taker::new("away", |_, times| {
        if times <= 2 {
            Outcome::Unavailable("away".to_owned())
        } else {
            Outcome::Done
        }
    });
    for _ in 0..1_000 {
        let settled = feed.pump(&taker, 10, AT).await;
        settled.expect("the engine answers");
        if taker.seen().len() == said.len() && taker.seen().values().all(|times| *times > 2) {
            break;
        }
    }
    assert_eq!(taker.seen().len(), said.len());
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    for record in taker.records() {
        // What was not done yet never stands behind something later about the same thing.
        if done.insert(record.key.sort.clone()) {
            let before = last.insert(record.subject().to_owned(), record.key.sort.clone());
            assert!(
                before.is_none_or(|b| b < record.key.sort),
                "{}",
                record.subject()
            );
        }
    }
}

async fn what_panics_becomes_a_dead_letter_alone(
    subject: &dyn Subject,
    feed: &dyn Feed,
    said: &BTreeSet<String>,
) {
    let taker = Taker::new("panicking", |about, _| {
        if about.ends_with("s2") {
            // As a panic, without the noise of one.
            std::panic::resume_unwind(Box::new("part of a check"));
        }
        Outcome::Done
    });
    drain(feed, &taker, 100).await;
    let mut buried = 0;
    for event in said {
        buried += usize::from(dead(subject, "panicking", event).await.is_some());
    }
    assert_eq!((taker.seen().len(), buried), (said.len(), 8));
}

async fn what_kills_the_process_is_dead_after_some_tries(
    subject: &dyn Subject,
    said: &BTreeSet<String>,
) {
    /// Its hand-over of one record never returns: the process is gone in the middle of it.
    #[derive(Default)]
    struct Deadly {
        record: Mutex<Option<String>>,
        deaths: AtomicI64,
        dies: Notify,
    }
    #[async_trait]
    impl Consumer for Deadly {
        fn name(&self) -> &'static str {
            "deadly"
        }
        async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
            let deadly = {
                let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
                record.get_or_insert(batch[0].key.sort.clone()).clone()
            };
            // A feed may repeat what was settled; that is not to hang the check.
            let lives = self.deaths.load(Ordering::Relaxed) == ATTEMPTS_MAX;
            if !lives && batch.iter().any(|r| r.key.sort == deadly) {
                self.deaths.fetch_add(1, Ordering::Relaxed);
                self.dies.notify_one();
                std::future::pending::<()>().await;
            }
            batch.iter().map(|_| Outcome::Done).collect()
        }
    }
    let deadly = Deadly::default();
    for _ in 0..ATTEMPTS_MAX {
        subject.restart();
        // Dropped in the middle, as a killed process drops it.
        tokio::select! {
            ended = subject.feed().pump(&deadly, 10, AT) => panic!("it came to an end: {ended:?}"),
            () = deadly.dies.notified() => {}
        }
    }
    subject.restart();
    let mut settled = 0;
    for _ in 0..1_000 {
        let n = subject.feed().pump(&deadly, 10, AT).await;
        settled += n.expect("the engine answers");
        if settled >= said.len() {
            break;
        }
    }
    let id = deadly
        .record
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let id = id.expect("it was handed over");
    assert!(dead(subject, "deadly", &id).await.is_some());
    assert!(settled >= said.len(), "{settled}");
}
