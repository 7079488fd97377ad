//! The Runtime API of Lambda on loopback, as its guide describes it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): one invocation at a time, and no forgiveness.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kb_domain::Clock;
use kb_runtime::SystemClock;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// The longest answer that Lambda takes from a function, in bytes.
const ANSWER_MAX_BYTES: usize = 6 * 1024 * 1024;
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// What a function made of an event: its answer, or the fault that it told.
pub type Outcome = Result<Value, Value>;

struct Invocation {
    id: String,
    event: String,
    done: oneshot::Sender<Outcome>,
}

struct Shared {
    function: String,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    open: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    faults: Mutex<Vec<String>>,
    no_start: Mutex<Option<Value>>,
}

impl Shared {
    fn fault(&self, fault: String) {
        self.faults.lock().unwrap().push(fault);
    }
}

/// A running Runtime API of one function.
pub struct RuntimeApi {
    /// Where it listens, as `AWS_LAMBDA_RUNTIME_API` says it.
    pub address: String,
    shared: Arc<Shared>,
    invocations: mpsc::UnboundedSender<Invocation>,
    count: u64,
}

impl RuntimeApi {
    /// Begins to listen.
    pub async fn start(function: &str) -> Self {
        let (invocations, waiting) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            function: function.to_owned(),
            waiting: tokio::sync::Mutex::new(waiting),
            open: Mutex::default(),
            faults: Mutex::default(),
            no_start: Mutex::default(),
        });
        let runtime = "/2018-06-01/runtime";
        let router = Router::new()
            .route(&format!("{runtime}/invocation/next"), get(next))
            .route(
                &format!("{runtime}/invocation/{{id}}/response"),
                post(response),
            )
            .route(&format!("{runtime}/invocation/{{id}}/error"), post(error))
            .route(&format!("{runtime}/init/error"), post(init_error))
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            .layer(DefaultBodyLimit::disable())
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            shared,
            invocations,
            count: 0,
        }
    }

    /// Queues an event; the function fetches it when it is ready.
    pub fn invoke(&mut self, event: &Value) -> oneshot::Receiver<Outcome> {
        self.count += 1;
        let (done, outcome) = oneshot::channel();
        let invocation = Invocation {
            id: format!("8476a536-e9f4-11e8-9739-{:012x}", self.count),
            event: event.to_string(),
            done,
        };
        assert!(
            self.invocations.send(invocation).is_ok(),
            "the Runtime API listens"
        );
        outcome
    }

    /// Everything that the function did against the rules.
    pub fn faults(&self) -> Vec<String> {
        self.shared.faults.lock().unwrap().clone()
    }

    /// Why the function said that it cannot start.
    pub fn no_start(&self) -> Option<Value> {
        self.shared.no_start.lock().unwrap().clone()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    if let Some((id, _)) = &*shared.open.lock().unwrap() {
        shared.fault(format!(
            "it asks for the next event before it answered {id}"
        ));
        return refusal(StatusCode::FORBIDDEN, "InvalidStateTransition");
    }
    let Some(invocation) = shared.waiting.lock().await.recv().await else {
        return refusal(StatusCode::GONE, "Shutdown");
    };
    let deadline_ms = SystemClock.now().micros() / 1_000 + 30_000;
    let arn = format!(
        "arn:aws:lambda:eu-central-1:123456789012:function:{}",
        shared.function
    );
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", invocation.id.clone()),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
    ];
    *shared.open.lock().unwrap() = Some((invocation.id, invocation.done));
    let mut answer = invocation.event.into_response();
    for (name, value) in headers {
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    answer
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let Some(done) = close(&shared, &id) else {
        return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID");
    };
    if body.len() > ANSWER_MAX_BYTES {
        let fault = json!({"errorType": "Function.ResponseSizeTooLarge", "bytes": body.len()});
        // Nobody waits when the test has failed already.
        let _ = done.send(Err(fault));
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge");
    }
    let Ok(answer) = serde_json::from_slice(&body) else {
        shared.fault(format!("its answer to {id} is not JSON"));
        return refusal(StatusCode::BAD_REQUEST, "InvalidResponse");
    };
    let _ = done.send(Ok(answer));
    accepted()
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(done) = close(&shared, &id) else {
        return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID");
    };
    let _ = done.send(Err(told(&shared, &headers, &body)));
    accepted()
}

async fn init_error(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = told(&shared, &headers, &body);
    *shared.no_start.lock().unwrap() = Some(fault);
    accepted()
}

async fn unknown(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.fault(format!(
        "it asks for {} {}",
        request.method(),
        request.uri()
    ));
    refusal(StatusCode::NOT_FOUND, "NotFound")
}

/// Takes the open invocation, if it is the one that is named.
fn close(shared: &Shared, id: &str) -> Option<oneshot::Sender<Outcome>> {
    let mut open = shared.open.lock().unwrap();
    if open.as_ref().is_none_or(|(known, _)| known != id) {
        shared.fault(format!("it answers {id}, which is not open"));
        return None;
    }
    open.take().map(|(_, done)| done)
}

/// The fault that a function tells, in the form that the guide asks for.
fn told(shared: &Shared, headers: &HeaderMap, body: &Bytes) -> Value {
    let fault: Value = serde_json::from_slice(body).unwrap_or_default();
    let is_complete = fault["errorType"].is_string() && fault["errorMessage"].is_string();
    if !is_complete || !headers.contains_key(ERROR_TYPE) {
        shared.fault(format!("it tells a fault without type or message: {fault}"));
    }
    fault
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, axum::Json(json!({"status": "OK"}))).into_response()
}

fn refusal(status: StatusCode, kind: &str) -> Response {
    (
        status,
        axum::Json(json!({"errorType": kind, "errorMessage": kind})),
    )
        .into_response()
}
