//! The client: what it makes of answers, how often it calls, and where the grant goes.

use crate::client::{BearerSource, Budget, Call, Class, OutgoingClient, Pace, VendorClient};
use crate::port::Fault;
use crate::vendors::vendor;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use kb_domain::{Clock, ConnectionId};
use kb_fetch::{Fetch, FetchError, Limits};
use kb_store::{Embedded, MemoryBlobs, Store};
use kb_testkit::MockClock;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

type Answer = Result<Response<Bytes>, FetchError>;

/// Answers from a list, and keeps what was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

#[async_trait]
impl Fetch for Script {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Answer {
        self.asked.lock().unwrap().push(request);
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or_else(|| answer(200, &[], "{}"))
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands among answers that did not come"
)]
fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Bytes::from(body.to_owned())).unwrap())
}

/// Tokens in their order.
struct Tokens(Mutex<Vec<&'static str>>);

#[async_trait]
impl BearerSource for Tokens {
    async fn bearer(&self) -> Result<String, Fault> {
        let tokens = self.0.lock().unwrap();
        Ok((*tokens.last().unwrap()).to_owned())
    }

    async fn refused(&self, bearer: &str) -> Result<String, Fault> {
        let mut tokens = self.0.lock().unwrap();
        if tokens.last() == Some(&bearer) {
            tokens.pop();
        }
        let next = tokens.last().map(|t| (*t).to_owned());
        next.ok_or_else(|| Fault::Grant("no token is left".to_owned()))
    }
}

struct Bench {
    script: Arc<Script>,
    clock: Arc<MockClock>,
    client: OutgoingClient,
}

fn bench(class: Class, tokens: &[&'static str], answers: Vec<Answer>) -> Bench {
    let script = Arc::new(Script::default());
    script.answers.lock().unwrap().extend(answers);
    let clock = Arc::new(MockClock::default());
    let store = Store::new(
        Embedded::in_memory(None).unwrap(),
        Arc::new(MemoryBlobs::default()),
    );
    let profile = vendor("zendesk").unwrap().profile();
    let con = ConnectionId::of_nothing();
    let pace = Pace::new(store, con, profile.allowances, profile.limits);
    let client = OutgoingClient {
        fetch: script.clone(),
        bearer: Arc::new(Tokens(Mutex::new(tokens.to_vec()))),
        pace: Arc::new(pace),
        clock: clock.clone(),
        base: "https://acme.example.com".parse().unwrap(),
        class,
        budget: Budget::new(1_000, clock.now().plus_seconds(100_000)),
    };
    Bench {
        script,
        clock,
        client,
    }
}

impl Bench {
    async fn get(&self) -> Result<crate::client::Reply, Fault> {
        self.client
            .call(Call::get("api/things").with("page[size]", 5))
            .await
    }

    fn asked(&self) -> Vec<String> {
        let asked = self.script.asked.lock().unwrap();
        let told = asked.iter().map(|request| {
            let bearer = request.headers()["authorization"].to_str().unwrap();
            format!("{} {} {bearer}", request.method(), request.uri())
        });
        told.collect()
    }

    /// Seconds until the moment of a fault.
    fn busy(&self, fault: Result<crate::client::Reply, Fault>) -> i64 {
        match fault {
            Err(Fault::Busy(until)) => until.unix_seconds() - self.clock.now().unix_seconds(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    let b = bench(Class::Live, &["two", "one"], vec![answer(401, &[], "{}")]);
    assert_eq!(b.get().await.unwrap().status, 200);
    let address = "GET https://acme.example.com/api/things?page%5Bsize%5D=5 Bearer";
    assert_eq!(
        b.asked(),
        [format!("{address} one"), format!("{address} two")]
    );
    let refused = || answer(401, &[], r#"{"error":"invalid_token"}"#);
    let b = bench(
        Class::Live,
        &["three", "two", "one"],
        vec![refused(), refused()],
    );
    assert!(matches!(b.get().await, Err(Fault::Grant(_))));
    assert_eq!(b.asked().len(), 2, "not a third time");
}

#[tokio::test]
async fn case_080_each_answer_is_the_fault_that_says_what_is_done_next() {
    let fault = async |answer: Answer| bench(Class::Live, &["t"], vec![answer]).get().await;
    for status in [301, 302, 307, 408, 500, 502, 504] {
        let told = fault(answer(status, &[("location", "https://evil.example/")], "")).await;
        assert!(
            matches!(told, Err(Fault::Unreachable(_))),
            "{status}: {told:?}"
        );
    }
    for body in ["<h1>hello</h1>", "{\"a\":", "\u{feff}{}"] {
        let told = fault(answer(200, &[], body)).await;
        assert!(
            matches!(told, Err(Fault::Unreachable(_))),
            "{body}: {told:?}"
        );
    }
    assert!(matches!(
        fault(answer(403, &[], "{}")).await,
        Err(Fault::Forbidden(_))
    ));
    assert!(matches!(
        fault(answer(409, &[], "{}")).await,
        Err(Fault::Stale)
    ));
    assert!(
        fault(answer(404, &[], "{}"))
            .await
            .unwrap_err()
            .is_absence()
    );
    let words = r#"{"error":"RecordInvalid","description":"no title"}"#;
    let refused = Fault::Refused {
        code: "RecordInvalid".to_owned(),
        detail: "no title".to_owned(),
    };
    assert_eq!(fault(answer(422, &[], words)).await.unwrap_err(), refused);
    let odd = r#"{"error":{"title":"Odd","message":"words"}}"#;
    assert!(
        matches!(fault(answer(400, &[], odd)).await, Err(Fault::Refused { code, .. }) if code == "Odd")
    );
    let unsent = fault(Err(FetchError::NotSent("tls".to_owned()))).await;
    assert!(matches!(unsent, Err(Fault::Unreachable(_))));
    assert!(matches!(
        fault(Err(FetchError::TooLarge(20))).await,
        Err(Fault::Refused { .. })
    ));
}

#[tokio::test]
async fn a_write_without_an_answer_may_have_been_done_and_one_that_never_left_was_not() {
    let write = async |answer: Answer| {
        let call = Call::write(Method::POST, "api/things", json!({"a": 1}));
        bench(Class::Live, &["t"], vec![answer])
            .client
            .call(call)
            .await
    };
    for lost in [
        Err(FetchError::NoAnswer("reset".to_owned())),
        answer(502, &[], ""),
        answer(201, &[], "{"),
    ] {
        assert!(matches!(write(lost).await, Err(Fault::OutcomeUnknown(_))));
    }
    let unsent = write(Err(FetchError::NotSent("refused".to_owned()))).await;
    assert!(matches!(unsent, Err(Fault::Unreachable(_))));
    assert!(matches!(
        write(answer(503, &[], "")).await,
        Err(Fault::Busy(_))
    ));
}

#[tokio::test]
async fn asked_to_wait_nobody_calls_before_and_a_503_is_a_429() {
    for status in [429, 503] {
        let b = bench(
            Class::Live,
            &["t"],
            vec![answer(status, &[("retry-after", "90")], "")],
        );
        assert_eq!(b.busy(b.get().await), 90);
        b.clock.advance(80);
        assert_eq!(b.busy(b.get().await), 10, "the rest of the wait");
        assert_eq!(b.asked().len(), 1, "they were not asked again");
        b.clock.advance(10);
        assert!(b.get().await.is_ok());
    }
    let spent = [
        ("x-rate-limit", "200"),
        ("x-rate-limit-remaining", "0"),
        ("ratelimit-reset", "25"),
    ];
    let b = bench(Class::Live, &["t"], vec![answer(200, &spent, "{}")]);
    assert!(b.get().await.is_ok());
    assert_eq!(b.busy(b.get().await), 25, "nothing is left of their minute");
}

#[tokio::test]
async fn we_take_half_of_their_limit_and_bulk_leaves_room_for_whoever_waits() {
    let limit = || answer(200, &[("x-rate-limit", "40")], "{}");
    let count = async |class: Class, live_first: u32| {
        let b = bench(class, &["t"], (0..200).map(|_| limit()).collect());
        let live = OutgoingClient {
            fetch: b.script.clone(),
            bearer: b.client.bearer.clone(),
            pace: b.client.pace.clone(),
            clock: b.clock.clone(),
            base: b.client.base.clone(),
            class: Class::Live,
            budget: Budget::new(1_000, b.clock.now().plus_seconds(1_000)),
        };
        for _ in 0..live_first {
            live.call(Call::get("api")).await.unwrap();
        }
        let mut calls = 0;
        while b.get().await.is_ok() {
            calls += 1;
        }
        let left = live.call(Call::get("api")).await.is_ok();
        b.clock.advance(60);
        assert!(b.get().await.is_ok(), "the next minute is another");
        (calls, left)
    };
    assert_eq!(count(Class::Live, 0).await, (20, false));
    assert_eq!(count(Class::Bulk, 0).await, (16, true), "four fifths");
    assert_eq!(
        count(Class::Bulk, 15).await,
        (5, true),
        "what live work leaves"
    );
}

#[tokio::test]
async fn a_run_ends_with_its_budget() {
    let mut b = bench(Class::Live, &["t"], Vec::new());
    b.client.budget = Budget::new(3, b.clock.now().plus_seconds(60));
    for _ in 0..3 {
        b.get().await.unwrap();
    }
    assert_eq!(b.busy(b.get().await), 0, "the next run goes on at once");
    b.client.budget = Budget::new(3, b.clock.now());
    assert_eq!(b.busy(b.get().await), 0);
    assert_eq!(b.asked().len(), 3);
}

#[test]
fn case_039_a_grant_goes_to_its_own_origin_and_nowhere_else() {
    let b = bench(Class::Live, &["t"], Vec::new());
    let own = b
        .client
        .follow("https://acme.example.com/api/things?page%5Bafter%5D=a%2Bb%3D&x=1")
        .unwrap();
    assert_eq!(own.path, ["api", "things"]);
    assert_eq!(own.query[0], ("page[after]".into(), "a+b=".to_owned()));
    assert!(
        b.client.follow("https://acme.example.com:443/api").is_ok(),
        "the same port, spelled out"
    );
    for elsewhere in [
        "http://acme.example.com/api",
        "https://acme.example.com:8443/api",
        "https://evil.example/api",
        "https://acme.example.com.evil.example/api",
        "https://acme.example.com@evil.example/api",
        "https://evil@acme.example.com/api",
        "https://sub.acme.example.com/api",
        "//evil.example/api",
        "/api/things",
        "https://127.0.0.1/api",
        "javascript:alert(1)",
        "",
    ] {
        assert!(b.client.follow(elsewhere).is_err(), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_segment_of_a_path_stays_one_segment() {
    let b = bench(Class::Live, &["t"], Vec::new());
    b.client
        .call(Call::get("api/things").at("a/b?c#d%2f.."))
        .await
        .unwrap();
    let asked = b.asked().remove(0);
    assert!(
        asked.contains("/api/things/a%2Fb%3Fc%23d%252f.. "),
        "{asked}"
    );
}

#[tokio::test]
async fn case_059_a_token_stands_in_its_header_and_nowhere_else() {
    let echo = r#"{"error":"odd","description":"words"}"#;
    let answers = [
        answer(401, &[], echo),
        answer(500, &[], echo),
        answer(200, &[], "["),
    ];
    let b = bench(Class::Live, &["canary-b", "canary-a"], answers.into());
    let mut told = String::new();
    for _ in 0..3 {
        told += &format!("{:?}", b.get().await);
    }
    assert!(!told.contains("canary"), "{told}");
    let asked = b.script.asked.lock().unwrap();
    assert_eq!(asked.len(), 4);
    for request in asked.iter() {
        let (mut headers, uri) = (request.headers().clone(), request.uri().to_string());
        headers.remove("authorization");
        let rest = format!("{headers:?} {uri} {:?}", request.body());
        assert!(!rest.contains("canary"), "{rest}");
    }
}
