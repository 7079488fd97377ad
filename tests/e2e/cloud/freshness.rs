//! How the indexer writes: many records of the stream become few requests, and little of the time until a change can be found is
//! its own. A forwarder before the search engine counts and clocks; `--nocapture` prints the figures.

use super::Running;
use super::mapping::Mapped;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kb_domain::Clock;
use kb_events::{Event, EventKind};
use kb_runtime::SystemClock;
use kb_runtime::system::monotonic;
use kb_store::{Consumer, Feed, Outcome, Record};
use sidenote_tests::stack::server;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Records in a batch of the stream.
const BATCH: usize = 100;
/// Records of the burst.
const BURST: usize = 1_000;
/// Records that are handed over alone.
const ALONE: usize = 200;

/// When the last byte of a request that writes came, and how many documents it writes.
type Writes = Arc<Mutex<Vec<(Duration, usize)>>>;

#[derive(Clone)]
struct Forward {
    server: String,
    client: reqwest::Client,
    clock: Arc<dyn Fn() -> Duration + Send + Sync>,
    writes: Writes,
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
    if parts.uri.path().ends_with("/_bulk") {
        let lines = body.split(|byte| *byte == b'\n').count();
        let mut writes = forward.writes.lock().unwrap();
        writes.push(((forward.clock)(), lines / 2));
    }
    let request = forward
        .client
        .request(parts.method, format!("{}{}", forward.server, parts.uri))
        .headers(parts.headers)
        .body(body);
    let Ok(answer) = request.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap()).into_response()
}

/// Keeps what a stream brings.
#[derive(Default)]
struct Kept(Mutex<Vec<Record>>);

#[async_trait::async_trait]
impl Consumer for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    async fn consume(&self, batch: &[Record]) -> Vec<Outcome> {
        self.0.lock().unwrap().extend_from_slice(batch);
        vec![Outcome::Done; batch.len()]
    }
}

async fn hand(indexer: &Mapped, batch: &[Record]) {
    let outcomes = indexer.consume(batch).await;
    assert!(outcomes.iter().all(|o| *o == Outcome::Done), "{outcomes:?}");
}

// The forwarder goes on while the test waits for a program.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/engines/up"]
async fn a_hundred_records_are_one_write_and_a_thousand_are_ten() {
    let (since, writes) = (monotonic(), Writes::default());
    let forward = Forward {
        server: server("SIDENOTE_TEST_OPENSEARCH"),
        client: reqwest::Client::new(),
        clock: Arc::new(since),
        writes: writes.clone(),
    };
    let clock = forward.clock.clone();
    let address = forward.listen().await;
    let running = Running::start_with(&[("SIDENOTE_OPENSEARCH", &address)]).await;
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
    let about_article = |record: &Record| {
        Event::of(record).is_ok_and(|e| e.kind == EventKind::TranslationPublished)
    };
    let mut of_articles = kept.0.into_inner().unwrap();
    of_articles.retain(about_article);
    assert!(of_articles.len() >= BATCH, "{}", of_articles.len());
    let written = || std::mem::take(&mut *writes.lock().unwrap());

    let at = clock();
    hand(&running.indexer, &of_articles[..BATCH]).await;
    let first = written();
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].1, BATCH);
    println!(
        "{BATCH} records: 1 write, {:?} after they came",
        first[0].0.saturating_sub(at)
    );

    let at = clock();
    hand(&running.indexer, &of_articles[..BATCH]).await;
    let ideal = clock().saturating_sub(at) * (BURST / BATCH) as u32;
    written();
    let burst: Vec<Record> = (0..BURST).map(|n| of_articles[n % BATCH].clone()).collect();
    let at = clock();
    for batch in burst.chunks(BATCH) {
        hand(&running.indexer, batch).await;
    }
    let (burst, took) = (written(), clock().saturating_sub(at));
    assert_eq!(burst.len(), BURST / BATCH);
    println!(
        "{BURST} records: {} writes in {took:?}, ideal {ideal:?}",
        burst.len()
    );

    let mut own = Vec::new();
    for n in 0..ALONE {
        let at = clock();
        hand(&running.indexer, &of_articles[n % BATCH..=n % BATCH]).await;
        let write = written();
        assert_eq!(write.len(), 1);
        own.push(write[0].0.saturating_sub(at));
    }
    own.sort();
    let share = |percent: usize| own[(ALONE * percent / 100).min(ALONE - 1)];
    println!(
        "one record: written {:?} (p50), {:?} (p99) after it came",
        share(50),
        share(99)
    );
}
