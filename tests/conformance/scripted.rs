//! What the emulators cannot show, told by a connector in front of the SDK: throttling, conflicts, answers that are lost, several
//! shards, a stream that was trimmed. The replies are spelled as the service documents them.

use crate::dynamodb::Dynamo;
use async_trait::async_trait;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use kb_domain::Timestamp;
use kb_runtime::system::SystemIds;
use kb_store::{
    Condition, Consumer, Error, Feed, FeedRecord, Key, Op, Outcome, Query, Row, Table, TableName,
    Transaction,
};
use kb_store_dynamodb::{DynamoTable, SharedHttpClient, Stream};
use serde_json::{Value, json};
use sidenote_tests::stack::in_process;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What happens to a call.
enum Step {
    /// It goes to the server.
    Pass,
    /// It goes to the server, and the answer is lost.
    LoseAnswer,
    /// The server is not reached.
    Away,
    /// It is answered with this fault.
    Fault(&'static str, Value),
    /// It is answered with this.
    Reply(Value),
}

#[derive(Clone, Debug)]
struct Script(Arc<Inner>);

struct Inner {
    steps: Mutex<VecDeque<Step>>,
    /// The bodies of all calls.
    calls: Mutex<Vec<String>>,
    server: SharedHttpClient,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a script")
    }
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Arc::new(Inner {
            steps: Mutex::new(steps.into_iter().collect()),
            calls: Mutex::default(),
            server: Builder::new().build_http(),
        }))
    }

    fn calls(&self) -> Vec<String> {
        self.0.calls.lock().unwrap().clone()
    }

    fn is_done(&self) -> bool {
        self.0.steps.lock().unwrap().is_empty()
    }
}

#[derive(Debug)]
struct Connector {
    script: Script,
    server: SharedHttpConnector,
}

impl HttpClient for Script {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            script: self.clone(),
            server: self.0.server.http_connector(settings, components),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
        self.script.0.calls.lock().unwrap().push(body);
        let step = self.script.0.steps.lock().unwrap().pop_front();
        match step.unwrap_or(Step::Pass) {
            Step::Pass => self.server.call(request),
            Step::LoseAnswer => {
                let answer = self.server.call(request);
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    Err(ConnectorError::timeout("the answer is lost".into()))
                })
            }
            Step::Away => HttpConnectorFuture::ready(Err(ConnectorError::io("refused".into()))),
            Step::Fault(kind, mut more) => {
                more["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{kind}"));
                more["message"] = json!(kind);
                let status = if kind == "InternalServerError" {
                    500
                } else {
                    400
                };
                HttpConnectorFuture::ready(Ok(response(status, &more)))
            }
            Step::Reply(body) => HttpConnectorFuture::ready(Ok(response(200, &body))),
        }
    }
}

fn response(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap();
    let mut response = HttpResponse::new(status, body.to_string().into());
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    response
}

fn canceled(reasons: &[&str]) -> Step {
    let reasons: Vec<Value> = reasons.iter().map(|r| json!({"Code": r})).collect();
    Step::Fault(
        "TransactionCanceledException",
        json!({"CancellationReasons": reasons}),
    )
}

/// An engine in process, and the same one behind a script.
async fn behind(steps: impl IntoIterator<Item = Step>) -> (Dynamo, DynamoTable, Script) {
    let dynamo = Dynamo::at(&in_process().await).await;
    let script = Script::new(steps);
    let mut settings = dynamo.settings.clone();
    settings.http = Some(SharedHttpClient::new(script.clone()));
    let table = DynamoTable::new(settings, Arc::new(SystemIds));
    (dynamo, table, script)
}

const NOW_US: u64 = 1_800_000_000_000_000;

fn row(text: &str) -> Row {
    Row {
        kind: "thing.1".to_owned(),
        body: format!("\"{text}\""),
        ..Row::default()
    }
}

/// A vote: a row that must be new, and a count.
fn vote() -> Transaction {
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.put(Key::new("VOTE", "me"), row("up"), Condition::Absent);
    tx.push(Op::Add(Key::new("COUNT", "votes"), 1));
    tx
}

async fn votes(table: &DynamoTable) -> i64 {
    let row = table
        .get(TableName::Main, &Key::new("COUNT", "votes"), 0)
        .await;
    row.unwrap().map_or(0, |row| row.n)
}

#[tokio::test]
async fn case_076_whatever_repeats_a_transaction_it_happens_once() {
    let faults: Vec<Vec<Step>> = vec![
        vec![Step::LoseAnswer],
        vec![Step::LoseAnswer, Step::LoseAnswer, Step::Away],
        vec![
            Step::Fault("ThrottlingException", json!({})),
            Step::LoseAnswer,
        ],
        vec![Step::Fault(
            "ProvisionedThroughputExceededException",
            json!({}),
        )],
        vec![Step::Fault("RequestLimitExceeded", json!({}))],
        vec![Step::Fault("InternalServerError", json!({})), Step::Away],
        vec![
            Step::LoseAnswer,
            Step::Fault("TransactionInProgressException", json!({})),
        ],
        vec![
            canceled(&["None", "TransactionConflict"]),
            canceled(&["TransactionConflict", "None"]),
        ],
        vec![
            canceled(&["ThrottlingError", "TransactionConflict"]),
            Step::LoseAnswer,
        ],
        vec![canceled(&["ProvisionedThroughputExceeded", "None"])],
    ];
    for steps in faults {
        let tries = steps.len() + 1;
        let (dynamo, table, script) = behind(steps).await;
        assert_eq!(table.commit(vote()).await.unwrap(), NOW_US);
        assert_eq!(votes(&dynamo.table).await, 1);
        let calls = script.calls();
        assert_eq!((calls.len(), script.is_done()), (tries, true));
        assert!(calls[0].contains("\"ClientRequestToken\":\""));
        assert!(
            calls.windows(2).all(|pair| pair[0] == pair[1]),
            "{calls:#?}"
        );
        // The caller's own retry is another transaction: a claim of its own catches it.
        let again = table.commit(vote()).await;
        assert!(
            matches!(
                again,
                Err(Error::Condition {
                    found: Some(NOW_US),
                    ..
                })
            ),
            "{again:?}"
        );
        assert_eq!(votes(&dynamo.table).await, 1);
    }
}

#[tokio::test]
async fn a_condition_that_fails_is_not_asked_again() {
    let (_dynamo, table, script) = behind([Step::Fault(
        "TransactionCanceledException",
        json!({"CancellationReasons": [
            {"Code": "TransactionConflict"},
            {"Code": "ConditionalCheckFailed", "Item": {"v": {"N": "17"}, "e": {"N": "1"}}},
        ]}),
    )])
    .await;
    let failed = table.commit(vote()).await;
    // What is over is not there, whatever its version.
    let Err(Error::Condition { key, found }) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!((key, found), (Key::new("COUNT", "votes"), None));
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn a_put_alone_whose_answer_is_lost_is_done() {
    let (dynamo, table, script) = behind([Step::LoseAnswer]).await;
    let key = Key::new("LOG", "1");
    let mut tx = Transaction::new(TableName::Log, NOW_US);
    tx.put(key.clone(), row("shown"), Condition::Any);
    assert_eq!(table.commit(tx).await.unwrap(), NOW_US);
    assert_eq!(script.calls().len(), 2);
    let there = dynamo.table.get(TableName::Log, &key, 0).await.unwrap();
    assert_eq!(there.unwrap().version, NOW_US);
}

#[tokio::test]
async fn a_table_that_stays_away_is_unavailable_and_never_empty() {
    let faults: [fn() -> Step; 3] = [
        || Step::Away,
        || Step::Fault("ThrottlingException", json!({})),
        || canceled(&["TransactionConflict", "None"]),
    ];
    for fault in faults {
        let (dynamo, table, script) = behind((0..100).map(|_| fault())).await;
        let done = table.commit(vote()).await;
        assert!(matches!(done, Err(Error::Unavailable(_))), "{done:?}");
        let tries = script.calls().len();
        assert!((2..=8).contains(&tries), "{tries} tries");
        assert_eq!(votes(&dynamo.table).await, 0);
    }
    let (_dynamo, table, _script) = behind((0..100).map(|_| Step::Away)).await;
    let key = Key::new("P", "x");
    let whole = Query::partition("P", 0);
    let reads = futures::join!(
        table.get(TableName::Main, &key, 0),
        table.get_many(TableName::Main, std::slice::from_ref(&key), 0),
        table.query(TableName::Main, &whole),
        table.walk(TableName::Main, 0, 1, 10, None),
    );
    assert!(
        matches!(reads.0, Err(Error::Unavailable(_))),
        "{:?}",
        reads.0
    );
    assert!(
        matches!(reads.1, Err(Error::Unavailable(_))),
        "{:?}",
        reads.1
    );
    assert!(
        matches!(reads.2, Err(Error::Unavailable(_))),
        "{:?}",
        reads.2
    );
    assert!(
        matches!(reads.3, Err(Error::Unavailable(_))),
        "{:?}",
        reads.3
    );
}

#[tokio::test]
async fn keys_that_were_not_processed_are_asked_for_again() {
    let dynamo = Dynamo::at(&in_process().await).await;
    let name = &dynamo.settings.main;
    let keys: Vec<Value> = ["a", "b"]
        .iter()
        .map(|sort| json!({"p": {"S": "P"}, "s": {"S": sort}}))
        .collect();
    let throttled = json!({
        "Responses": {name: []},
        "UnprocessedKeys": {name: {"Keys": keys, "ConsistentRead": true}},
    });
    let script = Script::new([Step::Reply(throttled.clone()), Step::Reply(throttled)]);
    let mut settings = dynamo.settings.clone();
    settings.http = Some(SharedHttpClient::new(script.clone()));
    let table = DynamoTable::new(settings, Arc::new(SystemIds));
    let mut tx = Transaction::new(TableName::Main, NOW_US);
    tx.put(Key::new("P", "a"), row("a"), Condition::Absent);
    dynamo.table.commit(tx).await.unwrap();
    let asked = [Key::new("P", "b"), Key::new("P", "a")];
    let found = table.get_many(TableName::Main, &asked, 0).await.unwrap();
    assert_eq!(
        found.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(script.calls().len(), 3);
}

/// A consumer that cannot take what is about one thing.
struct Taker(Mutex<Vec<String>>);

#[async_trait]
impl Consumer for Taker {
    fn name(&self) -> &'static str {
        "taker"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for record in batch {
            if record.key.sort.starts_with("away") {
                outcomes.push(Outcome::Unavailable("away".to_owned()));
                break;
            }
            self.0.lock().unwrap().push(record.key.sort.clone());
            outcomes.push(Outcome::Done);
        }
        outcomes
    }
}

fn record(sequence: &str, event: &str, operation: &str) -> Value {
    json!({
        "eventName": operation,
        "dynamodb": {
            "SequenceNumber": sequence,
            "NewImage": {
                "p": {"S": "EVT"}, "s": {"S": event}, "k": {"S": "event.1"}, "v": {"N": "7"},
                "b": {"S": "{}"},
            },
        },
    })
}

/// A stream behind a script. Its first call, for the stream's name, goes to the server.
async fn stream(steps: impl IntoIterator<Item = Step>) -> (Stream, Script) {
    let dynamo = Dynamo::at(&in_process().await).await;
    let script = Script::new(steps);
    let mut settings = dynamo.settings.clone();
    settings.http = Some(SharedHttpClient::new(script.clone()));
    let open = Stream::open(&settings, dynamo.table.clone()).await;
    (open.unwrap(), script)
}

fn shards(ids: &[&str]) -> Step {
    let shards: Vec<Value> = ids.iter().map(|id| json!({"ShardId": id})).collect();
    Step::Reply(json!({"StreamDescription": {"Shards": shards}}))
}

fn iterator() -> Step {
    Step::Reply(json!({"ShardIterator": "here"}))
}

fn records(records: &[Value]) -> Step {
    Step::Reply(json!({"Records": records}))
}

#[tokio::test]
async fn one_shard_that_cannot_go_on_holds_no_other() {
    let first = [
        "shardId-00000000000000000001-a",
        "shardId-00000000000000000002-b",
    ];
    let stuck = || {
        records(&[
            record("100", "away1", "INSERT"),
            record("101", "x2", "INSERT"),
        ])
    };
    let steps = [
        shards(&first),
        iterator(),
        stuck(),
        iterator(),
        // Deleted by expiry, changed: neither is an event.
        records(&[
            record("200", "gone", "REMOVE"),
            record("201", "edit", "MODIFY"),
            record("202", "y1", "INSERT"),
        ]),
        shards(&first),
        iterator(),
        stuck(),
        iterator(),
        records(&[record("203", "y2", "INSERT")]),
    ];
    let (stream, script) = stream(steps).await;
    let taker = Taker(Mutex::default());
    assert_eq!(stream.pump(&taker, 10, Timestamp(1)).await.unwrap(), 1);
    assert_eq!(stream.pump(&taker, 10, Timestamp(1)).await.unwrap(), 1);
    assert_eq!(*taker.0.lock().unwrap(), ["y1", "y2"]);
    assert!(script.is_done());
    // The second time it goes on behind what was settled.
    assert!(
        script.calls()[8].contains("\"202\""),
        "{}",
        script.calls()[8]
    );
}

#[tokio::test]
async fn a_stream_that_was_trimmed_goes_on_where_it_begins_now() {
    let shard = ["shardId-00000000000000000001-a"];
    let steps = [
        shards(&shard),
        iterator(),
        records(&[record("100", "x1", "INSERT")]),
        shards(&shard),
        Step::Fault("TrimmedDataAccessException", json!({})),
        iterator(),
        records(&[record("900", "x9", "INSERT")]),
    ];
    let (stream, script) = stream(steps).await;
    let taker = Taker(Mutex::default());
    assert_eq!(stream.pump(&taker, 10, Timestamp(1)).await.unwrap(), 1);
    assert_eq!(stream.pump(&taker, 10, Timestamp(1)).await.unwrap(), 1);
    assert_eq!(*taker.0.lock().unwrap(), ["x1", "x9"]);
    assert!(script.is_done() && script.calls()[5].contains("TRIM_HORIZON"));
}
