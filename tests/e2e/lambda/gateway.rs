//! What API Gateway does on both sides of a function: its events (`tests/e2e/events`, payload format 2.0 of an HTTP API), and
//! how it reads an answer.

use axum::http::HeaderName;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kb_testkit::{Answered, Client};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// An answer as a client gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The headers, but for the request id, which is another in every answer.
    pub headers: BTreeMap<String, String>,
    /// The cookies that it sets.
    pub cookies: Vec<String>,
    /// The body.
    pub text: String,
}

impl Told {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The version that the ETag names.
    pub fn version(&self) -> &str {
        self.headers["etag"].trim_matches('"')
    }

    fn of(
        status: u16,
        mut headers: BTreeMap<String, String>,
        cookies: Vec<String>,
        text: String,
    ) -> Self {
        let id = headers.remove("x-request-id").unwrap_or_default();
        assert_eq!(id.len(), 32, "an answer has a request id: {headers:?}");
        Self {
            status,
            headers,
            cookies,
            text,
        }
    }
}

/// Reads a function's answer. Anything that API Gateway would turn into a 502 ends the test.
pub fn told(answer: &Value) -> Told {
    let status = answer["statusCode"]
        .as_u64()
        .and_then(|s| u16::try_from(s).ok());
    let headers = answer["headers"].as_object().unwrap();
    let headers = headers.iter().map(|(name, value)| {
        let value = value.as_str().unwrap();
        assert!(
            value.is_ascii(),
            "API Gateway does not pass on {name}: {value}"
        );
        assert_eq!(*name, name.to_ascii_lowercase());
        (name.clone(), value.to_owned())
    });
    let mut headers: BTreeMap<_, _> = headers.collect();
    assert!(!headers.contains_key("set-cookie"), "cookies stand apart");
    let cookies = answer["cookies"].as_array().unwrap().iter();
    let cookies = cookies.map(|c| c.as_str().unwrap().to_owned()).collect();
    let text = match (&answer["body"], answer["isBase64Encoded"].as_bool()) {
        (Value::Null, Some(false)) => String::new(),
        (Value::String(body), Some(false)) => body.clone(),
        (Value::String(body), Some(true)) => {
            let bytes = STANDARD.decode(body).unwrap();
            if headers.remove("content-encoding").as_deref() == Some("gzip") {
                headers.remove("content-length");
                std::io::read_to_string(flate2::read::GzDecoder::new(&bytes[..])).unwrap()
            } else {
                String::from_utf8(bytes).unwrap()
            }
        }
        (body, encoded) => panic!("{body} is no body, or {encoded:?} no sign of its encoding"),
    };
    Told::of(status.unwrap(), headers, cookies, text)
}

/// An event of `tests/e2e/events`, with `{{name}}` replaced by what a test knows by that name.
pub fn event(file: &str, values: &BTreeMap<&str, String>) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("e2e/events/{file}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&filled(&text, values)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The text with `{{name}}` replaced.
pub fn filled(text: &str, values: &BTreeMap<&str, String>) -> String {
    let filled = values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    });
    assert!(!filled.contains("{{"), "a name without a value in {filled}");
    filled
}

/// Asks a router in process what the client of an event asked; `address` is the one the client sent.
pub async fn directly(client: &Client, event: &Value, address: &str) -> Told {
    let mut headers: Vec<(&str, String)> = event["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap().to_owned()))
        .collect();
    if let Some(cookies) = event["cookies"].as_array() {
        let pairs: Vec<&str> = cookies.iter().filter_map(Value::as_str).collect();
        headers.push(("cookie", pairs.join("; ")));
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let body = event["body"].as_str().unwrap_or_default();
    let body = if event["isBase64Encoded"].as_bool().unwrap() {
        STANDARD.decode(body).unwrap()
    } else {
        body.as_bytes().to_vec()
    };
    let method = event["requestContext"]["http"]["method"].as_str().unwrap();
    of_router(client.send(method, address, &headers, body).await)
}

fn of_router(answered: Answered) -> Told {
    let values = |name| {
        let values = answered.headers.get_all(name).iter();
        values.map(|v| v.to_str().unwrap().to_owned())
    };
    let cookies = values("set-cookie").collect();
    let names = answered.headers.keys().map(HeaderName::as_str);
    let headers = names
        .filter(|name| *name != "set-cookie")
        .map(|name| (name.to_owned(), values(name).collect::<Vec<_>>().join(", ")))
        .collect();
    Told::of(answered.status, headers, cookies, answered.text)
}
