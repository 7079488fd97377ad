//! Conditions, versions, counters.

use super::{NOW, NOW_US, assert_condition, get, put, row};
use crate::error::Error;
use crate::table::{Condition, Key, Op, Row, Table, TableName, Transaction};
use futures::future::join_all;

pub(super) async fn a_transaction_is_whole_or_nothing(table: &dyn Table) {
    let (a, b, c) = (
        Key::new("WHOLE", "a"),
        Key::new("WHOLE", "b"),
        Key::new("WHOLE", "c"),
    );
    let first = put(table, NOW_US, &a, row("1"), Condition::Absent).await;
    assert_eq!(first.expect("nothing is there"), NOW_US);
    let mut tx = Transaction::new(TableName::Main, NOW_US + 1);
    tx.put(b.clone(), row("1"), Condition::Absent);
    tx.push(Op::Add(c.clone(), 1));
    tx.check(a.clone(), Condition::Version(NOW_US - 1));
    assert_condition(&table.commit(tx).await, &a, Some(NOW_US));
    assert_eq!((get(table, &b).await, get(table, &c).await), (None, None));

    let mut tx = Transaction::new(TableName::Main, NOW_US + 2);
    tx.put(b.clone(), row("2"), Condition::Absent);
    tx.push(Op::Add(c.clone(), 1));
    tx.delete(a.clone(), Condition::Version(NOW_US));
    assert_eq!(table.commit(tx).await.expect("all hold"), NOW_US + 2);
    assert_eq!(get(table, &a).await, None);
    assert_eq!(get(table, &b).await.map(|r| r.version), Some(NOW_US + 2));
    assert_eq!(get(table, &c).await.map(|r| r.n), Some(1));
}

pub(super) async fn each_condition_fails_as_it_should(table: &dyn Table) {
    let (there, gone) = (Key::new("EACH", "there"), Key::new("EACH", "gone"));
    let version = put(table, NOW_US, &there, row("x"), Condition::Absent).await;
    let version = version.expect("nothing is there");
    let make = |key: &Key, condition| {
        [
            Op::Put(key.clone(), row("y"), condition),
            Op::Delete(key.clone(), condition),
            Op::Check(key.clone(), condition),
        ]
    };
    let failing = [
        (&there, Condition::Absent, Some(version)),
        (&there, Condition::Version(version - 1), Some(version)),
        (&there, Condition::Version(version + 1), Some(version)),
        (&gone, Condition::Version(version), None),
    ];
    for (key, condition, found) in failing {
        for op in make(key, condition) {
            for others in [0, 1] {
                let mut tx = Transaction::new(TableName::Main, NOW_US + 10);
                for n in 0..others {
                    tx.put(Key::new("EACH", format!("o{n}")), row("o"), Condition::Any);
                }
                tx.push(op.clone());
                assert_condition(&table.commit(tx).await, key, found);
            }
        }
    }
    assert_eq!(
        get(table, &there).await.map(|r| r.body),
        Some("\"x\"".to_owned())
    );
    assert_eq!(get(table, &Key::new("EACH", "o0")).await, None);
    // The first that fails is named.
    let mut tx = Transaction::new(TableName::Main, NOW_US + 10);
    tx.check(gone.clone(), Condition::Absent);
    tx.check(there.clone(), Condition::Absent);
    tx.check(Key::new("EACH", "third"), Condition::Version(1));
    assert_condition(&table.commit(tx).await, &there, Some(version));
    // What holds.
    for op in [
        Op::Check(there.clone(), Condition::Version(version)),
        Op::Check(gone.clone(), Condition::Absent),
        Op::Check(gone.clone(), Condition::Any),
        Op::Delete(gone.clone(), Condition::Any),
        Op::Delete(gone.clone(), Condition::Absent),
        Op::Delete(there.clone(), Condition::Version(version)),
        Op::Put(there.clone(), row("z"), Condition::Absent),
    ] {
        let mut tx = Transaction::new(TableName::Main, NOW_US + 20);
        tx.push(op.clone());
        let done = table.commit(tx).await;
        assert!(done.is_ok(), "{op:?}: {done:?}");
    }
}

pub(super) async fn an_expired_row_is_absent_to_conditions(table: &dyn Table) {
    let over = |text: &str| Row {
        expires_at: Some(NOW),
        ..row(text)
    };
    let key = Key::new("OVER", "x");
    let before = NOW_US - 10_000_000;
    let version = put(table, before, &key, over("old"), Condition::Absent).await;
    let version = version.expect("nothing is there");
    assert!(
        table
            .get(TableName::Main, &key, NOW - 1)
            .await
            .is_ok_and(|r| r.is_some())
    );
    assert_eq!(get(table, &key).await, None);
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.check(key.clone(), Condition::Version(version));
    assert_condition(&table.commit(tx).await, &key, None);
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.delete(key.clone(), Condition::Version(version));
    assert_condition(&table.commit(tx).await, &key, None);
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.check(key.clone(), Condition::Absent);
    table.commit(tx).await.expect("it is over");
    // Its version does not hold a new one back either.
    let ahead = Key::new("OVER", "ahead");
    let late = put(
        table,
        NOW_US + 50_000_000,
        &ahead,
        over("old"),
        Condition::Any,
    )
    .await;
    late.expect("nothing is there");
    put(table, NOW_US, &ahead, row("new"), Condition::Any)
        .await
        .expect("what is over does not stand in the way");
    put(table, NOW_US, &key, row("new"), Condition::Absent)
        .await
        .expect("what is over does not stand in the way");
    assert_eq!(get(table, &key).await.map(|r| r.expires_at), Some(None));
}

pub(super) async fn versions_grow_and_an_older_write_is_refused(table: &dyn Table) {
    let key = Key::new("GROW", "x");
    let first = put(table, NOW_US, &key, row("1"), Condition::Absent).await;
    let first = first.expect("nothing is there");
    // A clock that stands still or steps back never lowers a version.
    let second = put(table, NOW_US - 5, &key, row("2"), Condition::Version(first)).await;
    assert_eq!(second.expect("the version holds"), first + 1);
    for now_us in [NOW_US - 5, NOW_US, NOW_US + 1] {
        let late = put(table, now_us, &key, row("late"), Condition::Any).await;
        assert_condition(&late, &key, Some(first + 1));
    }
    let third = put(table, NOW_US + 2, &key, row("3"), Condition::Any).await;
    assert_eq!(third.expect("it is newer"), NOW_US + 2);
    // One version stands on every row of a transaction.
    let mut tx = Transaction::new(TableName::Main, 7);
    tx.put(key.clone(), row("4"), Condition::Version(NOW_US + 2));
    tx.put(Key::new("GROW", "y"), row("4"), Condition::Absent);
    let version = tx.version();
    assert_eq!(table.commit(tx).await.expect("both hold"), version);
    for sort in ["x", "y"] {
        let found = get(table, &Key::new("GROW", sort)).await;
        assert_eq!(found.map(|r| r.version), Some(NOW_US + 3));
    }
}

pub(super) async fn of_many_writers_one_wins(table: &dyn Table) {
    let key = Key::new("RACE", "x");
    let tries = (0..20).map(|n| put(table, NOW_US + n, &key, row("mine"), Condition::Absent));
    let won = join_all(tries).await.into_iter().filter_map(Result::ok);
    let won: Vec<_> = won.collect();
    assert_eq!(won.len(), 1);
    let edits = (0..20).map(|n| {
        let row = row(&n.to_string());
        put(
            table,
            NOW_US + 100 + n,
            &key,
            row,
            Condition::Version(won[0]),
        )
    });
    let edited = join_all(edits).await;
    assert_eq!(edited.iter().filter(|r| r.is_ok()).count(), 1);
    let version = edited.iter().find_map(|r| r.as_ref().ok().copied());
    for lost in edited.iter().filter(|r| r.is_err()) {
        assert_condition(lost, &key, version);
    }
}

/// Two moves that read the same tree: each is right for itself, both together would make a circle.
pub(super) async fn of_two_moves_of_a_tree_one_wins(table: &dyn Table) {
    let node = |name: &str| Key::new("MOVES", name);
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    for name in ["#", "a", "b"] {
        tx.put(node(name), row("root"), Condition::Absent);
    }
    let tree = table.commit(tx).await.expect("nothing is there");
    let below = |child: &str, parent: &str| {
        let mut tx = Transaction::new(TableName::Main, NOW_US + 1);
        tx.put(node("#"), row("tree"), Condition::Version(tree));
        tx.put(node(child), row(parent), Condition::Version(tree));
        table.commit(tx)
    };
    let (one, other) = futures::join!(below("a", "b"), below("b", "a"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let parents = [get(table, &node("a")).await, get(table, &node("b")).await];
    let at_root = |r: &&Option<Row>| r.as_ref().is_some_and(|r| r.body == "\"root\"");
    assert_eq!(parents.iter().filter(at_root).count(), 1);
}

pub(super) async fn counters_keep_every_step(table: &dyn Table) {
    let counter = Key::new("COUNT", "n");
    let adds = (0..40_i64).map(|n| {
        let mut tx = Transaction::new(TableName::Main, NOW_US);
        tx.push(Op::Add(counter.clone(), if n % 4 == 0 { -1 } else { 1 }));
        if n % 2 == 0 {
            let vote = Key::new("COUNT", format!("v{n}"));
            tx.put(vote, row("vote"), Condition::Absent);
        }
        table.commit(tx)
    });
    for added in join_all(adds).await {
        added.expect("an addition has no condition");
    }
    assert_eq!(get(table, &counter).await.map(|r| r.n), Some(20));
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.delete(counter.clone(), Condition::Any);
    table.commit(tx).await.expect("a counter can be removed");
    for step in [1_000_000_000_000, -1_000_000_000_000, -3] {
        let mut tx = Transaction::new(TableName::Main, NOW_US);
        tx.push(Op::Add(counter.clone(), step));
        table
            .commit(tx)
            .await
            .expect("an addition has no condition");
    }
    assert_eq!(get(table, &counter).await.map(|r| r.n), Some(-3));
}

pub(super) async fn a_counter_is_only_added_to(table: &dyn Table) {
    let key = Key::new("COUNT", "plain");
    let version = put(table, NOW_US, &key, row("x"), Condition::Absent).await;
    let version = version.expect("nothing is there");
    let mut tx = Transaction::new(TableName::Main, NOW_US + 1);
    tx.push(Op::Add(key.clone(), 1));
    assert_condition(&table.commit(tx).await, &key, Some(version));
    assert_eq!(
        get(table, &key).await.map(|r| (r.n, r.version)),
        Some((0, version))
    );
}

pub(super) async fn a_count_that_expires_is_answered_to_each_who_adds(table: &dyn Table) {
    let key = Key::new("RATE#n", "#");
    for name in [TableName::Main, TableName::Log] {
        let adds = (0..40).map(|_| table.add_get(name, &key, 3, NOW_US, NOW + 60));
        let mut counts: Vec<i64> = join_all(adds)
            .await
            .into_iter()
            .map(|count| count.expect("an addition has no condition"))
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=40).map(|n| 3 * n).collect::<Vec<i64>>());
        let at = async |now| {
            table
                .get(name, &key, now)
                .await
                .expect("the engine answers")
        };
        assert_eq!(at(NOW + 59).await.map(|row| row.n), Some(120));
        assert_eq!(at(NOW + 60).await, None);
    }
    let plain = Key::new("RATE#plain", "#");
    let written = put(table, NOW_US, &plain, row("x"), Condition::Absent).await;
    written.expect("nothing is there");
    let refused = table
        .add_get(TableName::Main, &plain, 1, NOW_US + 1, NOW + 60)
        .await;
    assert!(
        matches!(refused, Err(Error::Condition { .. })),
        "{refused:?}"
    );
    assert_eq!(get(table, &plain).await.map(|r| r.n), Some(0));
}

/// The engine's own token makes its retries one transaction; two callers with the same wish are two.
pub(super) async fn a_repeated_transaction_is_another_one(table: &dyn Table) {
    let key = Key::new("AGAIN", "n");
    for _ in 0..2 {
        let mut tx = Transaction::new(TableName::Main, NOW_US);
        tx.push(Op::Add(key.clone(), 1));
        tx.check(Key::new("AGAIN", "free"), Condition::Absent);
        table.commit(tx).await.expect("nothing stands in the way");
    }
    assert_eq!(get(table, &key).await.map(|r| r.n), Some(2));
    let claim = Key::new("AGAIN", "claim");
    let first = put(table, NOW_US, &claim, row("x"), Condition::Absent).await;
    let first = first.expect("nothing is there");
    let second = put(table, NOW_US, &claim, row("x"), Condition::Absent).await;
    assert_condition(&second, &claim, Some(first));
    // A put alone that asks nothing, and finds there what it would write, is done already; another text is not.
    let again = put(table, NOW_US, &claim, row("x"), Condition::Any).await;
    assert_eq!(again.expect("it is there"), first);
    let other = put(table, NOW_US, &claim, row("y"), Condition::Any).await;
    assert_condition(&other, &claim, Some(first));
}
