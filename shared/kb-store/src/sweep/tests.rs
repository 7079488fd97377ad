use super::*;
use crate::table::{IndexName, Page, Query, Row};
use crate::{Chaos, Embedded};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};

fn row(expires_at: Option<i64>) -> Row {
    Row {
        kind: "thing.1".into(),
        body: "{}".into(),
        expires_at,
        ..Row::default()
    }
}

#[tokio::test]
async fn a_sweep_removes_what_is_over_and_nothing_else() {
    for chaos in [None, Some(Chaos { seed: 7 })] {
        let engine = Embedded::in_memory(chaos).unwrap();
        for n in 0..300_u64 {
            let mut tx = Transaction::new(TableName::Main, n + 1);
            let mut row = row([None, Some(100), Some(101)][usize::try_from(n % 3).unwrap()]);
            row.indexes
                .insert(IndexName::Person, ("p".into(), format!("{n:03}")));
            tx.put(Key::new("S", format!("{n:03}")), row, Condition::Absent);
            engine.commit(tx).await.unwrap();
        }
        let (mut removed, mut batches, mut cursor) = (0, 0, None);
        loop {
            let swept = sweep(&*engine, TableName::Main, 100, 128, cursor).await;
            let swept = swept.unwrap();
            removed += swept.removed;
            batches += 1;
            cursor = swept.cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((removed, batches), (100, 3));
        // Read as of a moment before any was over, so that only what is gone from the disk is missing.
        let left = engine
            .query(TableName::Main, &Query::partition("S", 0))
            .await
            .unwrap();
        assert_eq!(left.rows.len(), 200);
        assert!(left.rows.iter().all(|(_, r)| r.expires_at != Some(100)));
        engine.settle().unwrap();
        let query = Query {
            index: Some(IndexName::Person),
            ..Query::partition("p", 0)
        };
        let listed = engine.query(TableName::Main, &query).await.unwrap();
        assert_eq!(listed.rows.len(), 200);
    }
}

/// An engine in which somebody writes a row anew between the look at it and its removal.
struct Interrupted(Arc<Embedded>, Mutex<Option<Transaction>>);

#[async_trait]
impl Table for Interrupted {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        self.0.get(table, key, now).await
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.0.get_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.0.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        let first = self.1.lock().unwrap().take();
        if let Some(first) = first {
            self.0.commit(first).await?;
        }
        self.0.commit(transaction).await
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        self.0.add_get(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        self.0.walk(table, part, parts, limit, cursor).await
    }
}

#[tokio::test]
async fn a_row_that_is_written_anew_during_a_sweep_stays() {
    let engine = Embedded::in_memory(None).unwrap();
    let keys = ["a", "b", "c"].map(|sort| Key::new("S", sort));
    for key in &keys {
        let mut tx = Transaction::new(TableName::Main, 1);
        tx.put(key.clone(), row(Some(5)), Condition::Absent);
        engine.commit(tx).await.unwrap();
    }
    let mut anew = Transaction::new(TableName::Main, 9_000_000);
    anew.put(keys[1].clone(), row(Some(50)), Condition::Absent);
    let engine = Interrupted(engine, Mutex::new(Some(anew)));
    let swept = sweep(&engine, TableName::Main, 9, 10, None).await.unwrap();
    assert_eq!(swept.removed, 2);
    let left = engine.get_many(TableName::Main, &keys, 0).await.unwrap();
    let left: Vec<Option<i64>> = left.iter().map(|r| r.as_ref()?.expires_at).collect();
    assert_eq!(left, [None, Some(50), None]);
}
