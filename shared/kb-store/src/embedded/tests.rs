use super::*;
use crate::feed::{Consumer, Feed, Outcome, Record};
use crate::keys;
use crate::table::{Condition, IndexName, Op, Order};
use kb_domain::{EventId, Timestamp};
use std::sync::Mutex as StdMutex;

fn row(body: &str) -> Row {
    Row {
        kind: "thing.1".into(),
        body: format!("\"{body}\""),
        ..Row::default()
    }
}

fn put(now_us: u64, key: &Key, body: &str, condition: Condition) -> Transaction {
    let mut tx = Transaction::new(TableName::Main, now_us);
    tx.put(key.clone(), row(body), condition);
    tx
}

fn engines() -> Vec<(Arc<Embedded>, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    vec![
        (
            Embedded::open(folder.path(), Options::default()).unwrap(),
            Some(folder),
        ),
        (Embedded::in_memory(None).unwrap(), None),
        (Embedded::in_memory(Some(Chaos { seed: 7 })).unwrap(), None),
    ]
}

#[tokio::test]
async fn conditions_hold_and_a_transaction_is_whole_or_nothing() {
    for (engine, _folder) in engines() {
        let (a, b) = (Key::new("P", "a"), Key::new("P", "b"));
        let v = engine
            .commit(put(10, &a, "1", Condition::Absent))
            .await
            .unwrap();
        assert_eq!(v, 10);
        assert!(
            engine
                .commit(put(11, &a, "2", Condition::Absent))
                .await
                .is_err()
        );
        let mut tx = put(12, &b, "1", Condition::Absent);
        tx.check(a.clone(), Condition::Version(9));
        assert!(matches!(
            engine.commit(tx).await,
            Err(Error::Condition {
                found: Some(10),
                ..
            })
        ));
        assert!(engine.get(TableName::Main, &b, 0).await.unwrap().is_none());
        // A clock that stands still or steps back never lowers a version.
        let v = engine
            .commit(put(3, &a, "2", Condition::Version(10)))
            .await
            .unwrap();
        assert_eq!(v, 11);
        assert!(
            engine
                .commit(put(11, &a, "3", Condition::Any))
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn of_two_writers_one_wins_and_counters_keep_every_step() {
    for (engine, _folder) in engines() {
        let key = Key::new("P", "x");
        let tries = (0..20).map(|n| engine.commit(put(100 + n, &key, "mine", Condition::Absent)));
        let won = futures_join(tries)
            .await
            .iter()
            .filter(|r| r.is_ok())
            .count();
        assert_eq!(won, 1);
        let adds = (0..50).map(|_| {
            let mut tx = Transaction::new(TableName::Main, 500);
            tx.push(Op::Add(Key::new("C", "n"), 1));
            engine.commit(tx)
        });
        futures_join(adds).await;
        assert_eq!(
            engine
                .get(TableName::Main, &Key::new("C", "n"), 0)
                .await
                .unwrap()
                .unwrap()
                .n,
            50
        );
    }
}

async fn futures_join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    // Polled in turn so that the writer gets them as a group.
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        let mut n = 0;
        while n < pending.len() {
            match pending[n].as_mut().poll(context) {
                std::task::Poll::Ready(output) => {
                    done.push(output);
                    drop(pending.remove(n));
                }
                std::task::Poll::Pending => n += 1,
            }
        }
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn writers_that_wait_together_share_a_durable_commit() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    let before = engine.durable_commits();
    futures_join((0..200).map(|n| {
        engine.commit(put(
            n + 1,
            &Key::new("P", n.to_string()),
            "x",
            Condition::Absent,
        ))
    }))
    .await;
    let used = engine.durable_commits() - before;
    assert!(used < 100, "200 transactions took {used} commits");
}

#[tokio::test]
async fn ranges_pages_and_indexes() {
    for (engine, _folder) in engines() {
        for n in 0..25_u64 {
            let mut tx = Transaction::new(TableName::Main, n + 1);
            let mut row = row(&"密".repeat(900));
            row.indexes
                .insert(IndexName::Queue, ("todo".into(), format!("{n:03}")));
            tx.put(Key::new("P", format!("k{n:03}")), row, Condition::Absent);
            engine.commit(tx).await.unwrap();
        }
        engine.settle().unwrap();
        for (index, partition, prefix) in [(None, "P", "k"), (Some(IndexName::Queue), "todo", "0")]
        {
            for order in [Order::Ascending, Order::Descending] {
                let (mut seen, mut cursor) = (Vec::new(), None);
                loop {
                    let query = Query {
                        index,
                        order,
                        limit: 7,
                        prefix: prefix.into(),
                        cursor,
                        ..Query::partition(partition, 0)
                    };
                    let page = engine.query(TableName::Main, &query).await.unwrap();
                    seen.extend(
                        page.rows
                            .iter()
                            .map(|(k, r)| (k.sort.clone(), r.body.len())),
                    );
                    cursor = page.cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
                assert_eq!(seen.len(), 25);
                assert!(seen.iter().all(|(_, bytes)| *bytes == 2_702));
                assert_eq!(seen.is_sorted(), order == Order::Ascending);
            }
        }
        let query = Query {
            from: Some("k003".into()),
            below: Some("k006".into()),
            ..Query::partition("P", 0)
        };
        assert_eq!(
            engine
                .query(TableName::Main, &query)
                .await
                .unwrap()
                .rows
                .len(),
            3
        );
        let mut walked = 0;
        for part in 0..3 {
            walked += engine
                .walk(TableName::Main, part, 3, 1_000, None)
                .await
                .unwrap()
                .rows
                .len();
        }
        assert_eq!(walked, 25);
    }
}

#[tokio::test]
async fn an_expired_row_is_absent_everywhere() {
    for (engine, _folder) in engines() {
        let key = Key::new("S", "1");
        let mut tx = Transaction::new(TableName::Main, 1_000_000);
        tx.put(
            key.clone(),
            Row {
                expires_at: Some(5),
                ..row("s")
            },
            Condition::Absent,
        );
        engine.commit(tx).await.unwrap();
        assert!(
            engine
                .get(TableName::Main, &key, 4)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            engine
                .get(TableName::Main, &key, 5)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            engine
                .query(TableName::Main, &Query::partition("S", 5))
                .await
                .unwrap()
                .rows
                .is_empty()
        );
        engine
            .commit(put(6_000_000, &key, "new", Condition::Absent))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn limits_are_refused_before_anything_is_written() {
    let (engine, _folder) = engines().remove(1);
    let big = "x".repeat(400_000);
    let deep = "[".repeat(40) + &"]".repeat(40);
    for (key, body) in [
        (Key::new("", "a"), "1"),
        (Key::new("P", "a\0b"), "1"),
        (Key::new("P", "a"), deep.as_str()),
        (Key::new("P", "a"), "{"),
    ] {
        let mut tx = Transaction::new(TableName::Main, 1);
        tx.put(
            key,
            Row {
                body: body.to_owned(),
                ..row("")
            },
            Condition::Any,
        );
        assert!(
            matches!(engine.commit(tx).await, Err(Error::Limit { .. })),
            "{body}"
        );
    }
    assert!(matches!(
        engine
            .commit(put(1, &Key::new("P", "a"), &big, Condition::Any))
            .await,
        Err(Error::Limit { .. })
    ));
    let mut twice = put(1, &Key::new("P", "a"), "x", Condition::Any);
    twice.delete(Key::new("P", "a"), Condition::Any);
    assert!(matches!(
        engine.commit(twice).await,
        Err(Error::Limit { .. })
    ));
}

#[tokio::test]
async fn data_survives_a_reopening_and_a_second_owner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new("P", "a");
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    engine
        .commit(put(1, &key, "kept", Condition::Absent))
        .await
        .unwrap();
    assert!(matches!(
        Embedded::open(folder.path(), Options::default()),
        Err(OpenError::Locked)
    ));
    drop(engine);
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    assert_eq!(
        engine
            .get(TableName::Main, &key, 0)
            .await
            .unwrap()
            .unwrap()
            .body,
        "\"kept\""
    );
}

struct Taker {
    seen: StdMutex<Vec<u64>>,
    answer: fn(&Record) -> Outcome,
}

#[async_trait]
impl Consumer for Taker {
    fn name(&self) -> &'static str {
        "taker"
    }

    async fn consume(&self, batch: &[Record]) -> Vec<Outcome> {
        self.seen
            .lock()
            .unwrap()
            .extend(batch.iter().map(|r| r.sequence));
        batch.iter().map(self.answer).collect()
    }
}

async fn say(engine: &Embedded, n: u64) {
    let mut tx = put(n, &Key::new("T", n.to_string()), "x", Condition::Absent);
    let id = EventId::new(uuid::Uuid::from_u128(u128::from(n)));
    let mut event = row("what happened");
    event.kind = "event.1".to_owned();
    let subject = keys::event_by_subject(&format!("s{}", n % 3), id);
    event.indexes.insert(IndexName::Inverse, subject);
    tx.put(keys::event(Timestamp(1), id), event, Condition::Absent);
    engine.commit(tx).await.unwrap();
}

#[tokio::test]
async fn every_event_reaches_the_consumer_and_failed_ones_leave_a_dead_row() {
    for (engine, _folder) in engines() {
        for n in 1..=30 {
            say(&engine, n).await;
        }
        let taker = Taker {
            seen: StdMutex::default(),
            answer: |r| {
                if r.row.version == 5 {
                    Outcome::Failed("no".into())
                } else {
                    Outcome::Done
                }
            },
        };
        while engine.pump(&taker, 7, Timestamp(50)).await.unwrap() > 0 {}
        let mut seen = taker.seen.lock().unwrap().clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (1..=30).collect::<Vec<_>>());
        let id = EventId::new(uuid::Uuid::from_u128(5));
        let dead = keys::dead_row("taker", &id.to_string());
        assert!(
            engine
                .get(TableName::Main, &dead, 0)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(engine.pending("taker").await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_unavailable_part_holds_the_feed_in_order() {
    let (engine, _folder) = engines().remove(0);
    for n in 1..=5 {
        say(&engine, n).await;
    }
    let taker = Taker {
        seen: StdMutex::default(),
        answer: |r| {
            if r.row.version == 3 {
                Outcome::Unavailable("down".into())
            } else {
                Outcome::Done
            }
        },
    };
    assert_eq!(engine.pump(&taker, 10, Timestamp(50)).await.unwrap(), 2);
    assert_eq!(engine.pump(&taker, 10, Timestamp(50)).await.unwrap(), 0);
    assert_eq!(engine.pending("taker").await.unwrap(), 3);
    let well = Taker {
        seen: StdMutex::default(),
        answer: |_| Outcome::Done,
    };
    assert_eq!(engine.pump(&well, 10, Timestamp(50)).await.unwrap(), 3);
    assert_eq!(*well.seen.lock().unwrap(), [3, 4, 5]);
}

#[tokio::test]
async fn an_event_that_ends_the_process_is_dead_after_five() {
    struct Deadly;
    #[async_trait]
    impl Consumer for Deadly {
        fn name(&self) -> &'static str {
            "taker"
        }
        async fn consume(&self, _: &[Record]) -> Vec<Outcome> {
            panic!("the process ends here")
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let open = || Embedded::open(folder.path(), Options::default()).unwrap();
    say(&open(), 1).await;
    for _ in 0..5 {
        let engine = open();
        assert!(
            tokio::spawn(async move { engine.pump(&Deadly, 10, Timestamp(50)).await })
                .await
                .is_err()
        );
    }
    let engine = open();
    assert_eq!(engine.pump(&Deadly, 10, Timestamp(50)).await.unwrap(), 1);
    assert_eq!(engine.pending("taker").await.unwrap(), 0);
}
