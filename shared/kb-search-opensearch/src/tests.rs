//! What goes over the wire, against servers of ours: faults, time limits, and, below, signatures.

use crate::{Config, OpenSearchIndex};
use kb_domain::Audience;
use kb_search::{Bound, Error, Part, SearchIndex, UnitQuery, Units};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

mod signatures;

/// A request as it came.
#[derive(Clone, Debug, Default)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

/// Takes one request and gives one answer.
async fn serve(listener: &TcpListener, answer: &str) -> Request {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 8_192];
        let n = stream.read(&mut more).await.unwrap();
        bytes.extend_from_slice(&more[..n]);
        let request = parse(&bytes);
        if let Some(request) = request {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return request;
        }
        assert!(n > 0, "the request was cut off");
    }
}

fn parse(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|l| l.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: BTreeMap<String, String> = headers.collect();
    let length = headers
        .get("content-length")
        .map_or(0, |l| l.parse().unwrap());
    let body = bytes[end + 4..].to_vec();
    (body.len() == length).then(|| Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}

fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn question() -> UnitQuery {
    UnitQuery {
        bound: Bound {
            audiences: vec![Audience::public().id()],
            ..Bound::default()
        },
        limit: 1,
        ..UnitQuery::default()
    }
}

async fn searched(config: Config) -> Result<Units, Error> {
    OpenSearchIndex::connect(config)?.search(&question()).await
}

/// Panics when it has no end. How soon it ends is the client's own limit; a machine with other work may add to it.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let done = timeout(Duration::from_mins(1), future).await;
    done.expect("an answer")
}

#[tokio::test]
async fn an_engine_that_is_not_there_or_says_nothing_is_unavailable_within_a_second() {
    let (listener, endpoint) = listen().await;
    assert!(Config::at(&endpoint).search_timeout < Duration::from_secs(1));
    drop(listener);
    let refused = soon(searched(Config::at(&endpoint))).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let (silent, endpoint) = listen().await;
    let waited = soon(searched(Config::at(&endpoint))).await;
    assert!(matches!(waited, Err(Error::Unavailable(_))), "{waited:?}");
    // Half an answer is none.
    let (listener, endpoint) = (silent, endpoint);
    let half = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    let (_, waited) = tokio::join!(
        async {
            // The one of before waits in the line still.
            drop(listener.accept().await);
            serve(&listener, half).await
        },
        soon(searched(Config::at(&endpoint)))
    );
    assert!(matches!(waited, Err(Error::Unavailable(_))), "{waited:?}");
}

async fn answered(status: u16, body: &str, times: usize) -> Error {
    let (listener, endpoint) = listen().await;
    let answer = answer(status, body);
    let ((), found) = tokio::join!(
        async {
            for _ in 0..times {
                serve(&listener, &answer).await;
            }
        },
        soon(searched(Config::at(&endpoint)))
    );
    found.unwrap_err()
}

#[tokio::test]
async fn what_passes_is_unavailable_and_what_stays_is_broken() {
    let busy =
        r#"{"error": {"type": "circuit_breaking_exception", "reason": "too much"}, "status": 429}"#;
    for status in [429, 502, 503, 504] {
        assert!(
            matches!(answered(status, busy, 1).await, Error::Unavailable(_)),
            "{status}"
        );
    }
    let block =
        r#"{"error": {"type": "cluster_block_exception", "reason": "disk"}, "status": 403}"#;
    assert!(matches!(
        answered(403, block, 1).await,
        Error::Unavailable(_)
    ));
    let refused = r#"{"message": "The security token included in the request is invalid."}"#;
    let refused = answered(403, refused, 1).await;
    assert!(
        matches!(&refused, Error::Broken(t) if t.contains("security token")),
        "{refused}"
    );
    let mapping = r#"{"error": {"root_cause": [{"reason": "no field"}], "type": "x", "reason": "y"}, "status": 400}"#;
    assert!(matches!(answered(400, mapping, 1).await, Error::Broken(t) if t.contains("no field")));
    assert!(matches!(answered(200, "<html>", 1).await, Error::Broken(_)));
    // An index that went away is asked for once more: a switch may have taken place.
    let missing = r#"{"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}"#;
    assert!(matches!(answered(404, missing, 2).await, Error::Broken(t) if t.contains("reindex")));
    let shards =
        r#"{"error": {"type": "search_phase_execution_exception", "reason": "all shards failed"}}"#;
    assert!(matches!(
        answered(503, shards, 2).await,
        Error::Unavailable(_)
    ));
}

#[tokio::test]
async fn a_write_that_comes_during_a_switch_is_sent_to_the_new_index() {
    let (listener, endpoint) = listen().await;
    let index = OpenSearchIndex::connect(Config::at(&endpoint)).unwrap();
    let old = r#"{"parts-1": {"aliases": {"parts": {}}}}"#;
    let gone = r#"{"items": [{"index": {"status": 404, "error": {"type": "index_not_found_exception"}}}]}"#;
    let new = r#"{"parts-2": {"aliases": {"parts": {}}}}"#;
    let done = r#"{"items": [{"index": {"status": 201}}]}"#;
    let id = "art_00000000000000000000000001#en#0".parse().unwrap();
    let (paths, written) = tokio::join!(
        async {
            let mut paths = Vec::new();
            for body in [old, gone, new, done] {
                paths.push(serve(&listener, &answer(200, body)).await.path);
            }
            paths
        },
        index.write(vec![Part::tombstone(id, 1)])
    );
    written.unwrap();
    let wanted = [
        "/parts-*/_alias",
        "/parts-1-write/_bulk",
        "/parts-*/_alias",
        "/parts-2-write/_bulk",
    ];
    assert_eq!(paths, wanted);
}
