//! RFC 9457 problem details, and the one table from kinds of fault to status codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kb_actions::Error;
use kb_domain::{ErrorKind, FieldError};
use serde::Serialize;

/// A problem, as `application/problem+json`.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable address of the kind of problem; it is served as a page.
    #[serde(rename = "type")]
    #[schema(example = "/problems/stale")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, with the remedy.
    pub detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<crate::schema::FieldErrorSchema>)]
    pub errors: Vec<FieldError>,
    /// The version that is current, when the caller's is stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<u64>,
}

/// The kinds of problem: slug, status, title.
const KINDS: [(&str, u16, &str); 17] = [
    ("not-found", 404, "There is no such thing"),
    ("malformed", 400, "The request cannot be read"),
    ("invalid", 422, "A rule is broken"),
    ("conflict", 409, "The state does not allow it"),
    ("stale", 412, "It was changed meanwhile"),
    ("precondition-required", 428, "If-Match is missing"),
    ("unauthenticated", 401, "Sign in first"),
    ("forbidden", 403, "Not allowed"),
    ("cross-site", 403, "The request comes from another site"),
    ("throttled", 429, "Too many requests"),
    ("too-large", 413, "The request is too large"),
    ("unsupported-type", 415, "The body is not JSON"),
    ("unavailable", 503, "A part does not answer"),
    ("timeout", 504, "A part did not answer in time"),
    ("internal", 500, "A fault of ours"),
    ("method-not-allowed", 405, "The method is not allowed here"),
    (
        "key-reused",
        422,
        "The Idempotency-Key belongs to another request",
    ),
];

/// Slug and title of every kind of problem, for the pages that explain them.
pub fn problem_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|(slug, _, title)| (*slug, *title))
}

/// Why a request was turned away, or failed.
#[derive(Debug)]
pub enum Rejection {
    /// A verb's error.
    Action(Error),
    /// A problem of the request itself, by its slug.
    Request(&'static str, String),
    /// A field of the request that cannot be read.
    Field(FieldError),
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Action(error)
    }
}

impl From<kb_domain::Error> for Rejection {
    fn from(error: kb_domain::Error) -> Self {
        Self::Action(error.into())
    }
}

impl From<kb_store::Error> for Rejection {
    fn from(error: kb_store::Error) -> Self {
        Self::Action(error.into())
    }
}

fn slug_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not-found",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Stale => "stale",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::Throttled => "throttled",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Internal => "internal",
    }
}

/// The status of a kind of fault, for pages.
pub fn status_of(kind: ErrorKind) -> StatusCode {
    let slug = slug_of(kind);
    let code = KINDS
        .iter()
        .find(|(s, ..)| *s == slug)
        .map_or(500, |(_, code, _)| *code);
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl Rejection {
    /// A field of the address or query that cannot be read.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::Field(FieldError {
            pointer: format!("/{name}"),
            code: "malformed".to_owned(),
            detail: detail.into(),
        })
    }

    /// The problem that is told.
    pub fn problem(&self) -> Problem {
        let (slug, detail, errors, current_version) = match self {
            Self::Request(slug, detail) => (*slug, detail.clone(), Vec::new(), None),
            Self::Field(field) => ("malformed", field.detail.clone(), vec![field.clone()], None),
            Self::Action(error) => {
                let errors = match error {
                    Error::Domain(kb_domain::Error::Fields(fields)) => fields.clone(),
                    _ => Vec::new(),
                };
                let current = match error {
                    Error::Stale { current } => Some(*current),
                    _ => None,
                };
                let slug = match error {
                    Error::Domain(kb_domain::Error::Malformed { .. }) => "malformed",
                    other => slug_of(other.kind()),
                };
                // The cause of a fault of ours is for the log alone.
                let detail = match error.kind() {
                    ErrorKind::Internal => {
                        "the fault is logged under the request id of this answer".to_owned()
                    }
                    ErrorKind::Unavailable => "try again in a moment".to_owned(),
                    _ => error.to_string(),
                };
                (slug, detail, errors, current)
            }
        };
        let (_, status, title) = KINDS
            .iter()
            .find(|(s, ..)| *s == slug)
            .unwrap_or(&KINDS[14]);
        Problem {
            kind: format!("/problems/{slug}"),
            title: (*title).to_owned(),
            status: *status,
            detail: shortened(detail),
            errors: errors.into_iter().map(shortened_field).collect(),
            current_version,
        }
    }
}

/// The longest sentence of a problem, in characters: it may quote what was sent, and that may be anything.
const DETAIL_MAX_CHARS: usize = 500;

fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn shortened_field(field: FieldError) -> FieldError {
    FieldError {
        pointer: shortened(field.pointer),
        detail: shortened(field.detail),
        ..field
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if let Self::Action(error) = &self
            && matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable)
        {
            tracing::error!(%error, "a request failed");
        }
        problem.into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.status {
            401 => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            429 | 503 => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
