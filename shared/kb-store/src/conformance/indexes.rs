//! Reads by index: pages, and that an index follows its rows.

use super::ranges::{pages, query};
use super::{NOW, NOW_US, Subject, put, row};
use crate::table::{Condition, IndexName, Key, Order, Query, TableName, Transaction};
use std::collections::BTreeSet;

pub(super) async fn an_index_in_pages(subject: &dyn Subject) {
    let table = subject.table();
    // Several rows stand at one place of the index.
    for n in 0..30 {
        let mut row = row(&n.to_string());
        for index in [IndexName::Inverse, IndexName::Queue, IndexName::Person] {
            let place = (format!("AT{index:?}"), format!("s{:02}", n / 3));
            row.indexes.insert(index, place);
        }
        put(
            table,
            NOW_US,
            &Key::new(format!("ROWS{n:02}"), "#"),
            row,
            Condition::Absent,
        )
        .await
        .expect("nothing is there");
    }
    subject.settle().await;
    for index in [IndexName::Inverse, IndexName::Queue, IndexName::Person] {
        for order in [Order::Ascending, Order::Descending] {
            for limit in [1, 4, 30, 100] {
                let asked = Query {
                    index: Some(index),
                    order,
                    limit,
                    ..Query::partition(format!("AT{index:?}"), NOW)
                };
                let (rows, _) = pages(table, asked).await;
                let places: Vec<&str> = rows
                    .iter()
                    .map(|(_, r)| r.indexes[&index].1.as_str())
                    .collect();
                let up = order == Order::Ascending;
                assert!(
                    places.is_sorted_by(|a, b| if up { a <= b } else { a >= b }),
                    "{places:?}"
                );
                let distinct: BTreeSet<&Key> = rows.iter().map(|(key, _)| key).collect();
                assert_eq!(
                    (rows.len(), distinct.len()),
                    (30, 30),
                    "{index:?} {order:?} {limit}"
                );
            }
        }
        let asked = Query {
            index: Some(index),
            from: Some("s03".to_owned()),
            below: Some("s05".to_owned()),
            limit: 4,
            ..Query::partition(format!("AT{index:?}"), NOW)
        };
        assert_eq!(pages(table, asked).await.0.len(), 6);
    }
}

pub(super) async fn an_index_follows_its_rows(subject: &dyn Subject) {
    let table = subject.table();
    let key = Key::new("FOLLOW", "x");
    let at = |place: &str| {
        let mut row = row("x");
        row.indexes
            .insert(IndexName::Queue, (format!("FOLLOW{place}"), "1".to_owned()));
        row
    };
    let in_index = async |place: &str| {
        let asked = Query {
            index: Some(IndexName::Queue),
            ..Query::partition(format!("FOLLOW{place}"), NOW)
        };
        query(table, &asked).await.rows.len()
    };
    put(table, NOW_US, &key, at("A"), Condition::Absent)
        .await
        .expect("nothing is there");
    subject.settle().await;
    assert_eq!(in_index("A").await, 1);
    put(table, NOW_US + 1, &key, at("B"), Condition::Any)
        .await
        .expect("it is newer");
    // Whether the index has caught up or not: what no longer stands there is not found there.
    assert_eq!(in_index("A").await, 0);
    subject.settle().await;
    assert_eq!((in_index("A").await, in_index("B").await), (0, 1));
    put(table, NOW_US + 2, &key, row("x"), Condition::Any)
        .await
        .expect("it is newer");
    assert_eq!(in_index("B").await, 0);
    put(table, NOW_US + 3, &key, at("A"), Condition::Any)
        .await
        .expect("it is newer");
    let mut tx = Transaction::new(TableName::Main, NOW_US + 4);
    tx.delete(key, Condition::Any);
    table.commit(tx).await.expect("a delete has no condition");
    assert_eq!(in_index("A").await, 0);
    subject.settle().await;
    assert_eq!((in_index("A").await, in_index("B").await), (0, 0));
}
