//! Sizes, nesting, numbers, texts.

use super::{NOW_US, get, noise, put, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, IndexName, Key, Op, Row, Table, TableName, Transaction};

fn main() -> Transaction {
    Transaction::new(TableName::Main, NOW_US)
}

fn body(text: impl Into<String>) -> Row {
    Row {
        body: text.into(),
        ..row("")
    }
}

fn one(key: Key, row: Row) -> Transaction {
    let mut tx = main();
    tx.put(key, row, Condition::Any);
    tx
}

pub(super) async fn what_breaks_a_limit_is_refused(table: &dyn Table) {
    let key = || Key::new("LIMIT", "x");
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let indexed = |partition: &str, sort: &str| {
        let mut row = row("x");
        let place = (partition.to_owned(), sort.to_owned());
        row.indexes.insert(IndexName::Queue, place);
        row
    };
    let event = |name: &str| {
        let mut row = row("x");
        row.kind = format!("{}.1", keys::EVENT_KIND);
        Op::Put(Key::new("LIMIT", name), row, Condition::Absent)
    };
    let several = |ops: Vec<Op>| {
        let mut tx = main();
        tx.ops = ops;
        tx
    };
    let broken = [
        ("no operation", main()),
        (
            "101 operations",
            several(
                (0..101)
                    .map(|n| Op::Add(Key::new("LIMIT", n.to_string()), 1))
                    .collect(),
            ),
        ),
        (
            "one row twice",
            several(vec![Op::Add(key(), 1), Op::Check(key(), Condition::Any)]),
        ),
        ("two events", several(vec![event("a"), event("b")])),
        ("an empty partition", one(Key::new("", "x"), row("x"))),
        ("an empty sort key", one(Key::new("LIMIT", ""), row("x"))),
        (
            "a key of 513 bytes",
            one(Key::new("LIMIT", "x".repeat(513)), row("x")),
        ),
        ("a key with NUL", one(Key::new("LIMIT", "a\0b"), row("x"))),
        (
            "a key with the last character",
            one(Key::new("LIMIT", "a\u{10FFFF}"), row("x")),
        ),
        ("an empty place in an index", one(key(), indexed("", "x"))),
        (
            "an empty sort key in an index",
            one(key(), indexed("x", "")),
        ),
        (
            "a row above 350,000 bytes",
            one(key(), row(&"x".repeat(350_000))),
        ),
        (
            "a transaction above 3.5 MB",
            several(
                (0..11)
                    .map(|n| {
                        let row = row(&"x".repeat(340_000));
                        Op::Put(Key::new("LIMIT", n.to_string()), row, Condition::Any)
                    })
                    .collect(),
            ),
        ),
        ("31 levels", one(key(), body(nested(31)))),
        ("a body that is no JSON", one(key(), body("{"))),
        ("a count that is put", one(key(), Row { n: 1, ..row("x") })),
        (
            "a count that moves too far",
            several(vec![Op::Add(key(), 1_000_000_000_001)]),
        ),
    ];
    for (what, tx) in broken {
        let refused = table.commit(tx).await;
        assert!(
            matches!(refused, Err(Error::Limit { .. })),
            "{what}: {refused:?}"
        );
    }
    let page = table
        .query(TableName::Main, &crate::table::Query::partition("LIMIT", 0))
        .await
        .expect("the engine answers");
    assert!(page.rows.is_empty(), "{:?}", page.rows);
}

pub(super) async fn what_reaches_a_limit_is_held(table: &dyn Table) {
    // 350,000 bytes that cannot be compressed to much less, under keys of 512 bytes of several scripts.
    let long = |n: u8| format!("{n:02}{}", "密".repeat(170));
    let key = Key::new(long(1), long(2));
    let mut large = row(&noise(1, 349_998));
    for (index, n) in [IndexName::Inverse, IndexName::Queue, IndexName::Person]
        .into_iter()
        .zip(3..)
    {
        large.indexes.insert(index, (long(n), long(n + 10)));
    }
    put(table, NOW_US, &key, large.clone(), Condition::Absent)
        .await
        .expect("a row of the largest size");
    let found = get(table, &key).await.expect("it was written");
    assert_eq!((found.body, found.indexes), (large.body, large.indexes));

    let mut tx = main();
    for n in 0..100_u64 {
        let key = Key::new("LARGE", format!("{n:03}"));
        tx.put(key, row(&noise(n, 34_900)), Condition::Absent);
    }
    table.commit(tx).await.expect("100 operations of 3.49 MB");
    let last = get(table, &Key::new("LARGE", "099")).await;
    assert_eq!(last.map(|r| r.body), Some(row(&noise(99, 34_900)).body));

    let deep = "[".repeat(30) + &"]".repeat(30);
    let key = Key::new("LIMIT", "deep");
    put(table, NOW_US, &key, body(deep.clone()), Condition::Absent)
        .await
        .expect("30 levels");
    assert_eq!(get(table, &key).await.map(|r| r.body), Some(deep));
    let mut tx = main();
    tx.delete(key, Condition::Any);
    table.commit(tx).await.expect("it can be removed");
}

pub(super) async fn a_body_comes_back_byte_for_byte(table: &dyn Table) {
    let bodies = [
        "{}".to_owned(),
        "null".to_owned(),
        "\"\"".to_owned(),
        " { \"b\" : 1,\n\t\"a\":[ ] }\r\n".to_owned(),
        r#"{"n":9007199254740993,"e":1.50,"m":-0,"big":123456789012345678901234567890123456789012}"#
            .to_owned(),
        r#"{"tiny":1e-200,"exact":0.1000000000000000055511151231257827}"#.to_owned(),
        r#""\u0000 \ud83d\ude00 \u00e9""#.to_owned(),
        "\"重置密码 é e\u{301} \u{1F600} \u{FEFF} \u{200B}\"".to_owned(),
        format!("\"{}\"", "密".repeat(900)),
        format!("\"{}\"", noise(3, 3_000)),
        format!("[{}1]", "1, ".repeat(5_000)),
    ];
    for (n, text) in bodies.into_iter().enumerate() {
        let key = Key::new("BYTES", n.to_string());
        put(table, NOW_US, &key, body(text.clone()), Condition::Absent)
            .await
            .expect("a body is any JSON");
        assert_eq!(get(table, &key).await.map(|r| r.body), Some(text));
    }
    let key = Key::new("BYTES # ~ / \" ' \\ % é \u{1F600}", "\u{1}\n\t ~\u{7f}");
    let strange = Row {
        kind: "strange-kind.12".to_owned(),
        expires_at: Some(i64::from(u32::MAX)),
        ..row("x")
    };
    put(table, NOW_US, &key, strange.clone(), Condition::Absent)
        .await
        .expect("a key is any text");
    let found = get(table, &key).await.expect("it was written");
    assert_eq!(
        found,
        Row {
            version: NOW_US,
            ..strange
        }
    );
}
