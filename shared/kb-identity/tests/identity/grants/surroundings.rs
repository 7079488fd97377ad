//! Table and partner as a worker of the simulation has them: it pauses before and behind each call, where it may be killed. And each
//! rule of a renewal as it can be taken away without a change of the program: its surroundings undo what it does.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use kb_domain::Timestamp;
use kb_fetch::{Fetch, FetchError, Limits};
use kb_identity::grants::PROCESS_MAX_SECONDS;
use kb_store::{
    Condition, Embedded, Error, Key, Op, Page, Query, Row, Table, TableName, Transaction, Version,
};
use kb_testkit::TokenServer;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// Which rule is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None.
    Whole,
    /// What is shown is written first.
    Announced,
    /// It is written over the row that was read.
    AnnouncedOnce,
    /// Who finds it shown waits until whoever has shown it is over.
    Patience,
    /// It is shown once more, and that is the last time.
    Finality,
    /// A pair is stored while the one before is in the row.
    NewestStays,
    /// A refusal counts for the pair that was shown.
    OwnVerdict,
    /// A server that fails has ended nothing.
    FaultsEndNothing,
    /// Who does not answer may have heard.
    SilenceIsUnsure,
}

/// What the workers have in common.
pub struct Shared {
    pub rule: Rule,
    pub paused: AtomicBool,
    /// Whether something was written since somebody looked.
    pub written: AtomicBool,
    /// The moment, in microseconds.
    pub now: AtomicI64,
}

impl Shared {
    /// Where a worker may be interrupted for good.
    async fn pause(&self) {
        let mut first = true;
        poll_fn(|_| {
            if std::mem::take(&mut first) {
                self.paused.store(true, Ordering::Relaxed);
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// The table.
pub struct Stepping {
    pub table: Arc<Embedded>,
    pub shared: Arc<Shared>,
}

/// What is written of a grant.
enum Written {
    Announcement,
    Verdict,
    Pair,
    Other,
}

fn written(ops: &[Op], body: &Value) -> Written {
    // An announcement is alone in its transaction; everything else gives the lease back.
    match (body["shown_at"].is_string(), ops.len()) {
        (true, 1) => Written::Announcement,
        _ if body["end"] == "refused" => Written::Verdict,
        (false, 2) => Written::Pair,
        _ => Written::Other,
    }
}

impl Stepping {
    /// The transaction without the rule; `None` where it is not written at all.
    fn without_rule(&self, mut transaction: Transaction) -> Option<Transaction> {
        let rule = self.shared.rule;
        let ops = transaction.ops.clone();
        for op in &mut transaction.ops {
            let Op::Put(key, row, condition) = op else {
                continue;
            };
            if key.sort != "GRANT" {
                continue;
            }
            let mut body: Value = serde_json::from_str(&row.body).unwrap();
            let now = self.shared.now.load(Ordering::Relaxed).unsigned_abs();
            let is_anyhow = match (written(&ops, &body), rule) {
                (Written::Announcement, Rule::Announced) => return None,
                (Written::Announcement, Rule::Patience) => {
                    let shown: Timestamp =
                        serde_json::from_value(body["shown_at"].clone()).unwrap();
                    body["shown_at"] = json!(shown.plus_seconds(-PROCESS_MAX_SECONDS));
                    false
                }
                (Written::Announcement, Rule::Finality) => {
                    body["shown_again"] = json!(false);
                    false
                }
                (Written::Announcement, Rule::AnnouncedOnce)
                | (Written::Pair, Rule::NewestStays)
                | (Written::Verdict, Rule::OwnVerdict) => true,
                _ => false,
            };
            row.body = body.to_string();
            if is_anyhow {
                *condition = Condition::Any;
                transaction.now_us = now;
            }
        }
        Some(transaction)
    }
}

#[async_trait]
impl Table for Stepping {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        self.shared.pause().await;
        let row = self.table.get(table, key, now).await;
        self.shared.pause().await;
        row
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.shared.pause().await;
        let rows = self.table.get_many(table, keys, now).await;
        self.shared.pause().await;
        rows
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.table.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        self.shared.pause().await;
        let version = transaction.version();
        let done = match self.without_rule(transaction) {
            Some(transaction) => {
                self.shared.written.store(true, Ordering::Relaxed);
                self.table.commit(transaction).await
            }
            None => Ok(version),
        };
        self.shared.pause().await;
        done
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        self.table.add_get(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        self.table.walk(table, part, parts, limit, cursor).await
    }
}

/// The way of one worker to the partner.
pub struct Line {
    pub server: Arc<TokenServer>,
    pub shared: Arc<Shared>,
    /// The access token of the pair that it was answered last.
    pub holds: Arc<Mutex<Option<String>>>,
}

#[async_trait]
impl Fetch for Line {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        self.shared.pause().await;
        let answer = self.server.send(request, limits).await;
        if let Ok(answer) = &answer {
            let body: Option<Value> = serde_json::from_slice(answer.body()).ok();
            let token = body.as_ref().and_then(|body| body["access_token"].as_str());
            *self.holds.lock().unwrap() = token.map(str::to_owned);
        }
        self.shared.pause().await;
        match (answer, self.shared.rule) {
            (Err(FetchError::NoAnswer(cause)), Rule::SilenceIsUnsure) => {
                Err(FetchError::NotSent(cause))
            }
            (Ok(answer), Rule::FaultsEndNothing) if answer.status().is_server_error() => {
                let refused = Response::builder().status(400);
                Ok(refused
                    .body(Bytes::from_static(br#"{"error":"invalid_grant"}"#))
                    .unwrap())
            }
            (answer, _) => answer,
        }
    }
}
