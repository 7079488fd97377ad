//! How the indexer writes: many records of the stream become few requests, and little of the time until a change can be found is
//! its own. Forwarders before the search engine and the table count and clock; `--nocapture` prints the figures.

use super::Running;
use super::mapping::Mapped;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kb_domain::Clock;
use kb_events::Event;
use kb_runtime::SystemClock;
use kb_runtime::system::monotonic;
use kb_store::{Consumer, Feed, FeedRecord, Outcome};
use sidenote_tests::stack::server;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Records in a batch of the stream.
const BATCH: usize = 100;
/// Records of the burst.
const BURST: usize = 1_000;
/// Records that are handed over alone.
const ALONE: usize = 200;

/// A request to a server.
#[derive(Debug)]
struct Asked {
    /// When its last byte came.
    at: Duration,
    /// When its answer was there.
    answered: Duration,
    /// How many documents it writes to the index.
    writes: Option<usize>,
}

/// What the servers were asked since one last looked.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Asked>>>);

impl Log {
    fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The requests that wrote since one last looked.
    fn writes(&self) -> Vec<Asked> {
        let mut asked = self.take();
        asked.retain(|a| a.writes.is_some());
        asked
    }
}

/// How long no server was busy from `since` until the one request that writes came, and how long that was in all.
fn own_share(mut asked: Vec<Asked>, since: Duration) -> (Duration, Duration) {
    asked.sort_by_key(|a| a.at);
    let write = asked.pop().unwrap();
    assert!(write.writes.is_some(), "{write:?}");
    let (mut own, mut idle_from) = (Duration::ZERO, since);
    for Asked { at, answered, .. } in asked {
        own += at.saturating_sub(idle_from);
        idle_from = idle_from.max(answered);
    }
    own += write.at.saturating_sub(idle_from);
    (own, write.at.saturating_sub(since))
}

#[derive(Clone)]
struct Forward {
    server: String,
    client: reqwest::Client,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
    log: Log,
}

impl Forward {
    /// Begins to forward to a server; answers the address.
    async fn listen(self) -> String {
        let router = Router::new().fallback(pass).with_state(self);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }
}

async fn pass(State(forward): State<Forward>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let lines = body.split(|byte| *byte == b'\n').count();
    let writes = (parts.uri.path().ends_with("/_bulk")).then_some(lines / 2);
    let at = (forward.clock)();
    let request = forward
        .client
        .request(parts.method, format!("{}{}", forward.server, parts.uri))
        .headers(parts.headers)
        .body(body);
    let Ok(answer) = request.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    forward.log.0.lock().unwrap().push(Asked {
        at,
        answered: (forward.clock)(),
        writes,
    });
    (status, headers, body).into_response()
}

/// Keeps what a stream brings.
#[derive(Default)]
struct Kept(Mutex<Vec<FeedRecord>>);

#[async_trait::async_trait]
impl Consumer for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        self.0.lock().unwrap().extend_from_slice(batch);
        vec![Outcome::Done; batch.len()]
    }
}

async fn hand(indexer: &Mapped, batch: &[FeedRecord]) {
    let outcomes = indexer.consume(batch).await;
    assert!(outcomes.iter().all(|o| *o == Outcome::Done), "{outcomes:?}");
}

// The forwarder goes on while the test waits for a program.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/engines/up"]
async fn a_hundred_records_are_one_write_and_a_thousand_are_ten() {
    let (clock, log) = (Arc::new(monotonic()), Log::default());
    let before = |variable| Forward {
        server: server(variable),
        client: reqwest::Client::new(),
        clock: clock.clone(),
        log: log.clone(),
    };
    let running = Running::start_with(&[
        (
            "SIDENOTE_OPENSEARCH",
            &before("SIDENOTE_TEST_OPENSEARCH").listen().await,
        ),
        (
            "AWS_ENDPOINT_URL_DYNAMODB",
            &before("SIDENOTE_TEST_DYNAMODB").listen().await,
        ),
    ])
    .await;
    let documents = running.data.path().join("many");
    for n in 0..BATCH {
        let text = format!(
            "---\ntitle: Heron {n}\n---\n{}",
            "Open the page. ".repeat(200)
        );
        let file = documents.join(format!("en/account/sign-in/heron-{n}.md"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let folder = documents.to_str().unwrap();
    running.sidenote(&["import", folder, "--audience", "public", "--activate"]);
    let kept = Kept::default();
    while running
        .stream
        .pump(&kept, BATCH, SystemClock.now())
        .await
        .unwrap()
        > 0
    {}
    let about_article = |record: &FeedRecord| {
        Event::of(record).is_ok_and(|e| e.is_some_and(|e| e.what.reindexes().is_some()))
    };
    let mut of_articles = kept.0.into_inner().unwrap();
    of_articles.retain(about_article);
    assert!(of_articles.len() >= BATCH, "{}", of_articles.len());
    log.take();

    let at = clock();
    hand(&running.indexer, &of_articles[..BATCH]).await;
    let first = log.writes();
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].writes, Some(BATCH));
    println!(
        "{BATCH} records: 1 write, {:?} after they came",
        first[0].at.saturating_sub(at)
    );

    let at = clock();
    hand(&running.indexer, &of_articles[..BATCH]).await;
    let ideal = clock().saturating_sub(at) * (BURST / BATCH) as u32;
    log.take();
    let burst: Vec<FeedRecord> = (0..BURST).map(|n| of_articles[n % BATCH].clone()).collect();
    let at = clock();
    for batch in burst.chunks(BATCH) {
        hand(&running.indexer, batch).await;
    }
    let (burst, took) = (log.writes(), clock().saturating_sub(at));
    assert_eq!(burst.len(), BURST / BATCH);
    println!(
        "{BURST} records: {} writes in {took:?}, ideal {ideal:?}",
        burst.len()
    );

    let (mut own, mut whole) = (Vec::new(), Vec::new());
    for n in 0..ALONE {
        let at = clock();
        hand(&running.indexer, &of_articles[n % BATCH..=n % BATCH]).await;
        let mut asked = log.take();
        // What follows the write is not on the way to it.
        let written = asked.iter().position(|a| a.writes.is_some()).unwrap();
        let end = asked[written].at;
        asked.retain(|a| a.at <= end);
        let (share, all) = own_share(asked, at);
        own.push(share);
        whole.push(all);
    }
    own.sort();
    whole.sort();
    let of = |times: &[Duration], percent: usize| times[(ALONE * percent / 100).min(ALONE - 1)];
    println!(
        "one record: own share {:?} (p50), {:?} (p99); with the servers {:?} (p50), {:?} (p99) until it is written",
        of(&own, 50),
        of(&own, 99),
        of(&whole, 50),
        of(&whole, 99)
    );
}
