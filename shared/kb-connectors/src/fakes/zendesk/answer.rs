//! Answers, as they are written.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, DATE, LOCATION};
use jiff::fmt::rfc2822::DateTimePrinter;
use kb_domain::Timestamp;
use serde_json::{Value, json};

/// An answer.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
}

/// What an answer holds.
pub(super) enum Content {
    Nothing,
    Json(Value),
    Html(String),
}

/// A good answer.
pub(super) fn good(json: Value) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        content: Content::Json(json),
    }
}

/// A page.
pub(super) fn page(status: u16, html: String) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        content: Content::Html(html),
    }
}

/// Leads to another address.
pub(super) fn lead(to: String) -> Answer {
    Answer {
        status: 302,
        headers: vec![(LOCATION.as_str(), to)],
        content: Content::Nothing,
    }
}

/// Refuses, in the words of the resources.
pub(super) fn refuse(status: u16, error: &str, description: &str) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        content: Content::Json(json!({"error": error, "description": description})),
    }
}

/// Refuses, in the words of OAuth (RFC 6749, 5.2).
pub(super) fn refuse_token(status: u16, error: &str, description: &str) -> Answer {
    Answer {
        content: Content::Json(json!({"error": error, "error_description": description})),
        ..refuse(status, error, description)
    }
}

impl Answer {
    pub(super) fn into_response(self, now: Timestamp) -> Response {
        let mut response = Response::builder().status(self.status);
        if let Some(date) = http_date(now) {
            response = response.header(DATE, date);
        }
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let (kind, body) = match self.content {
            Content::Nothing => (None, Body::empty()),
            Content::Json(json) => (Some("application/json"), Body::from(json.to_string())),
            Content::Html(html) => (Some("text/html; charset=utf-8"), Body::from(html)),
        };
        if let Some(kind) = kind {
            response = response.header(CONTENT_TYPE, kind);
        }
        response
            .body(body)
            .expect("a fake writes well-formed headers")
    }
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7).
pub(super) fn http_date(at: Timestamp) -> Option<String> {
    let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}
