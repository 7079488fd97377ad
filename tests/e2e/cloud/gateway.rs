//! API Gateway's HTTP API on loopback: a request becomes an event of payload format 2.0, and goes to the function that the
//! template of the stack routes it to.

use crate::lambda::{Function, told};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// The longest body that API Gateway takes.
const BODY_MAX_BYTES: usize = 10 * 1024 * 1024;

/// A function behind the gateway; it takes one event at a time.
type Behind = Arc<Mutex<Function>>;

#[derive(Clone)]
struct Routes(Arc<Vec<(&'static str, Behind)>>);

/// Begins to listen; answers the address. Of the routes, each the beginning of a path, the first one that fits is taken.
pub async fn listen(routes: Vec<(&'static str, Behind)>) -> String {
    let router = Router::new()
        .fallback(pass)
        .with_state(Routes(Arc::new(routes)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn pass(State(routes): State<Routes>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let route = routes.0.iter().find(|(begin, _)| path.starts_with(begin));
    let (_, function) = route.unwrap();
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let event = event(&parts, &body);
    let told = match function.lock().await.invoke(&event).await {
        Ok(answer) => told(&answer),
        Err(fault) => panic!("{path}: {fault}"),
    };
    let mut response = Response::new(told.text.into());
    *response.status_mut() = StatusCode::from_u16(told.status).unwrap();
    for (name, value) in told.headers {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    for cookie in told.cookies {
        response
            .headers_mut()
            .append("set-cookie", cookie.parse().unwrap());
    }
    response
}

/// The event of a request. Values of a header that came several times are joined; cookies stand apart; the path is decoded.
fn event(parts: &axum::http::request::Parts, body: &Bytes) -> Value {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        let value = value.to_str().unwrap().to_owned();
        if name == "cookie" {
            cookies.extend(value.split("; ").map(str::to_owned));
            continue;
        }
        let joined = headers.entry(name.as_str().to_owned()).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&value);
    }
    let path = percent_encoding::percent_decode_str(parts.uri.path())
        .decode_utf8()
        .unwrap();
    let kind = headers.get("content-type").map_or("", String::as_str);
    let text = kind.starts_with("application/json") || kind.starts_with("text/");
    let body_text = if text {
        String::from_utf8_lossy(body).into_owned()
    } else {
        STANDARD.encode(body)
    };
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "k3n5x7p9q1",
            "domainName": "help.example.com",
            "domainPrefix": "help",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "UmR01gh1lliAEJZA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "25/Nov/2026:15:04:01 +0000",
            "timeEpoch": 1_795_619_041_000_u64,
        },
        "isBase64Encoded": !text && !body.is_empty(),
    });
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !body.is_empty() {
        event["body"] = json!(body_text);
    }
    event
}
