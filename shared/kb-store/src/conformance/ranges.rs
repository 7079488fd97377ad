//! Reads of many rows: by key, by partition, all.

use super::{NOW, NOW_US, Subject, noise, put, row};
use crate::table::{
    Condition, IndexName, Key, Order, Page, Query, Row, Table, TableName, Transaction,
};
use std::collections::BTreeSet;

pub(super) async fn query(table: &dyn Table, query: &Query) -> Page {
    let page = table.query(TableName::Main, query).await;
    page.expect("the engine answers")
}

/// Every page of a query; the pages' sizes beside the rows.
pub(super) async fn pages(table: &dyn Table, mut asked: Query) -> (Vec<(Key, Row)>, Vec<usize>) {
    let (mut rows, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = query(table, &asked).await;
        assert!(
            page.rows.len() <= asked.limit,
            "a page holds more than was asked for"
        );
        sizes.push(page.rows.len());
        assert!(sizes.len() < 1_000, "the pages do not end");
        rows.extend(page.rows);
        match page.cursor {
            Some(cursor) => asked.cursor = Some(cursor),
            None => return (rows, sizes),
        }
    }
}

fn sorts(rows: &[(Key, Row)]) -> Vec<&str> {
    rows.iter().map(|(key, _)| key.sort.as_str()).collect()
}

pub(super) async fn rows_by_key(table: &dyn Table) {
    let key = |n: usize| Key::new(format!("MANY{}", n % 7), n.to_string());
    for n in (0..260).step_by(2) {
        put(
            table,
            NOW_US,
            &key(n),
            row(&n.to_string()),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    let mut asked: Vec<Key> = (0..260).rev().map(key).collect();
    asked.push(key(4));
    let found = table.get_many(TableName::Main, &asked, NOW).await;
    let found = found.expect("the engine answers");
    assert_eq!(found.len(), asked.len());
    for (key, found) in asked.iter().zip(&found) {
        let n: usize = key.sort.parse().expect("a number");
        let body = n.is_multiple_of(2).then(|| format!("\"{n}\""));
        assert_eq!(found.as_ref().map(|r| r.body.clone()), body, "{key}");
    }
    let none = table.get_many(TableName::Main, &[], NOW).await;
    assert!(none.expect("the engine answers").is_empty());
    // 60 rows of 300 KB are more than any engine hands out at once.
    let large = |n: u64| Key::new("MANYLARGE", n.to_string());
    for n in 0..60 {
        put(
            table,
            NOW_US,
            &large(n),
            row(&noise(n, 300_000)),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    let asked: Vec<Key> = (0..60).map(large).collect();
    let found = table.get_many(TableName::Main, &asked, NOW).await;
    let found = found.expect("the engine answers").into_iter().flatten();
    assert_eq!(found.filter(|r| r.body.len() == 300_002).count(), 60);
}

pub(super) async fn a_partition_in_pages(table: &dyn Table) {
    for n in 0..25_u64 {
        put(
            table,
            NOW_US,
            &Key::new("PAGES", format!("k{n:03}")),
            row("x"),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
        put(
            table,
            NOW_US,
            &Key::new("PAGESX", format!("k{n:03}")),
            row("x"),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    for order in [Order::Ascending, Order::Descending] {
        for limit in [1, 7, 25, 26, 1_000] {
            let asked = Query {
                order,
                limit,
                ..Query::partition("PAGES", NOW)
            };
            let (rows, _) = pages(table, asked).await;
            let mut wanted: Vec<String> = (0..25).map(|n| format!("k{n:03}")).collect();
            if order == Order::Descending {
                wanted.reverse();
            }
            assert_eq!(sorts(&rows), wanted);
        }
    }
    let none = query(table, &Query::partition("PAGESNONE", NOW)).await;
    assert!(none.rows.is_empty() && none.cursor.is_none());
    // A row that goes away, or comes, between two pages moves no other.
    let mut asked = Query {
        limit: 10,
        ..Query::partition("PAGES", NOW)
    };
    let first = query(table, &asked).await;
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.delete(Key::new("PAGES", "k009"), Condition::Any);
    tx.put(Key::new("PAGES", "k0095"), row("x"), Condition::Absent);
    table.commit(tx).await.expect("both hold");
    asked.cursor = first.cursor;
    let (rest, _) = pages(table, asked).await;
    assert_eq!(rest.len(), 16);
    assert_eq!(rest[0].0.sort, "k0095");
}

/// A page may be short though more follows: an engine hands out a megabyte at once.
pub(super) async fn a_page_ends_where_it_must(table: &dyn Table) {
    for n in 0..12 {
        let key = Key::new("WIDE", format!("{n:02}"));
        put(
            table,
            NOW_US,
            &key,
            row(&noise(n, 200_000)),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    for order in [Order::Ascending, Order::Descending] {
        let asked = Query {
            order,
            ..Query::partition("WIDE", NOW)
        };
        let (rows, _) = pages(table, asked).await;
        assert_eq!(rows.len(), 12);
        assert!(rows.iter().all(|(_, r)| r.body.len() == 200_002));
    }
}

pub(super) async fn bounds_of_a_range(table: &dyn Table) {
    let keys = [
        "#",
        "P#1",
        "P#2",
        "P#20",
        "P#3",
        "P$",
        "T#en",
        "T#zh-Hans",
        "é",
        "密",
        "\u{1F600}",
    ];
    for sort in keys {
        put(
            table,
            NOW_US,
            &Key::new("RANGE", sort),
            row("x"),
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let cases: [(&str, &str, &str, &[&str]); 12] = [
        ("", "", "", &keys),
        ("P#", "", "", &["P#1", "P#2", "P#20", "P#3"]),
        ("P#2", "", "", &["P#2", "P#20"]),
        ("P#", "P#2", "", &["P#2", "P#20", "P#3"]),
        ("P#", "A", "", &["P#1", "P#2", "P#20", "P#3"]),
        ("P#", "", "P#2", &["P#1"]),
        ("P#", "P#2", "P#3", &["P#2", "P#20"]),
        (
            "",
            "P#3",
            "",
            &["P#3", "P$", "T#en", "T#zh-Hans", "é", "密", "\u{1F600}"],
        ),
        ("", "", "P#1", &["#"]),
        ("", "T", "密", &["T#en", "T#zh-Hans", "é"]),
        ("P#", "P#3", "P#2", &[]),
        ("X", "", "", &[]),
    ];
    for (prefix, from, below, wanted) in cases {
        for order in [Order::Ascending, Order::Descending] {
            for limit in [1, 100] {
                let asked = Query {
                    prefix: prefix.to_owned(),
                    from: text(from),
                    below: text(below),
                    order,
                    limit,
                    ..Query::partition("RANGE", NOW)
                };
                let (rows, _) = pages(table, asked).await;
                let mut wanted = wanted.to_vec();
                if order == Order::Descending {
                    wanted.reverse();
                }
                assert_eq!(
                    sorts(&rows),
                    wanted,
                    "{prefix:?} {from:?} {below:?} {order:?}"
                );
            }
        }
    }
}

pub(super) async fn expired_rows_are_in_no_range(subject: &dyn Subject) {
    let table = subject.table();
    for n in 0..20 {
        let mut row = row("x");
        row.expires_at = (n % 4 != 0).then_some(NOW);
        let place = ("OVERQUEUE".to_owned(), format!("{n:02}"));
        row.indexes.insert(IndexName::Queue, place);
        put(
            table,
            NOW_US - 9_000_000,
            &Key::new("OVERS", format!("{n:02}")),
            row,
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    subject.settle().await;
    let in_index = Query {
        index: Some(IndexName::Queue),
        limit: 3,
        ..Query::partition("OVERQUEUE", NOW)
    };
    let in_table = Query {
        limit: 3,
        ..Query::partition("OVERS", NOW)
    };
    for asked in [in_index, in_table] {
        let (rows, _) = pages(table, asked).await;
        assert_eq!(sorts(&rows), ["00", "04", "08", "12", "16"]);
    }
    let keys: Vec<Key> = (0..20)
        .map(|n| Key::new("OVERS", format!("{n:02}")))
        .collect();
    let found = table.get_many(TableName::Main, &keys, NOW).await;
    assert_eq!(
        found.expect("the engine answers").iter().flatten().count(),
        5
    );
}

pub(super) async fn the_two_tables_are_apart(table: &dyn Table) {
    let key = Key::new("APART", "x");
    for (name, text) in [(TableName::Main, "main"), (TableName::Log, "log")] {
        let mut tx = Transaction::new(name, NOW_US);
        tx.put(key.clone(), row(text), Condition::Absent);
        table.commit(tx).await.expect("nothing is there");
    }
    for (name, text) in [(TableName::Main, "\"main\""), (TableName::Log, "\"log\"")] {
        let found = table
            .get(name, &key, NOW)
            .await
            .expect("the engine answers");
        assert_eq!(found.map(|r| r.body).as_deref(), Some(text));
        let page = table.query(name, &Query::partition("APART", NOW)).await;
        assert_eq!(page.expect("the engine answers").rows.len(), 1);
    }
}

pub(super) async fn a_walk_meets_every_row_once(table: &dyn Table) {
    for n in 0..40_u64 {
        let mut tx = Transaction::new(TableName::Log, NOW_US);
        let key = Key::new(format!("WALK{}", n % 9), n.to_string());
        tx.put(key, row(&noise(n, 60_000)), Condition::Absent);
        table.commit(tx).await.expect("nothing is there");
    }
    for (parts, limit) in [(1, 7), (3, 1_000), (4, 5)] {
        let (mut met, mut steps) = (Vec::new(), 0);
        for part in 0..parts {
            let mut cursor = None;
            loop {
                let page = table.walk(TableName::Log, part, parts, limit, cursor).await;
                let page = page.expect("the engine answers");
                let rows = page.rows.into_iter().map(|(key, _)| key);
                met.extend(rows.filter(|k| k.partition.starts_with("WALK")));
                steps += 1;
                assert!(steps < 10_000, "the walk does not end");
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        let distinct: BTreeSet<&Key> = met.iter().collect();
        assert_eq!((met.len(), distinct.len()), (40, 40), "{parts} parts");
    }
}
