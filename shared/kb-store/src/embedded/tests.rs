use super::*;
use crate::table::Condition;
use futures::future::join_all;

fn put(now_us: u64, key: &Key, body: &str, condition: Condition) -> Transaction {
    let mut tx = Transaction::new(TableName::Main, now_us);
    let row = Row {
        kind: "thing.1".into(),
        body: format!("\"{body}\""),
        ..Row::default()
    };
    tx.put(key.clone(), row, condition);
    tx
}

#[tokio::test]
async fn writers_that_wait_together_share_a_durable_commit() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    let before = engine.durable_commits();
    join_all((0..200).map(|n| {
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
