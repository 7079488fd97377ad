//! RFC 9457 problem details: what a request that was turned away or failed is answered.

use crate::kind::ProblemKind;
use crate::limits::Standing;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kb_actions::Error;
use kb_domain::FieldError;
use serde::Serialize;
use std::error::Error as _;

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
    pub errors: Vec<FieldError>,
    /// The version that is current, when the caller's is stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<u64>,
}

/// Why a request was turned away, or failed.
#[derive(Debug)]
pub enum Rejection {
    /// A verb's error.
    Action(Error),
    /// A problem of the request itself.
    Request(ProblemKind, String),
    /// A field of the request that cannot be read.
    Field(FieldError),
    /// There was too much of it; where the caller stands.
    Throttled(Standing),
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

impl Rejection {
    /// A field of the address or query that cannot be read.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::Field(FieldError {
            pointer: format!("/{name}"),
            code: "malformed".to_owned(),
            detail: detail.into(),
        })
    }

    /// What sort of problem it is.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::Request(kind, _) => *kind,
            Self::Throttled(_) => ProblemKind::Throttled,
            Self::Field(_) | Self::Action(Error::Domain(kb_domain::Error::Malformed { .. })) => {
                ProblemKind::Malformed
            }
            Self::Action(error) => error.kind().into(),
        }
    }

    /// The fields that are wrong, if it is about fields.
    pub fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Field(field) => vec![field.clone()],
            Self::Action(Error::Domain(kb_domain::Error::Fields(fields))) => fields.clone(),
            _ => Vec::new(),
        }
    }

    /// The problem that is told.
    pub fn problem(&self) -> Problem {
        let kind = self.kind();
        let detail = match self {
            Self::Request(_, detail) => detail.clone(),
            Self::Field(field) => field.detail.clone(),
            Self::Throttled(standing) => standing.to_string(),
            Self::Action(error) => public_detail(error),
        };
        Problem {
            kind: format!("/problems/{}", kind.slug()),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: shortened(detail),
            errors: self.fields().into_iter().map(shortened_field).collect(),
            current_version: match self {
                Self::Action(Error::Stale { current }) => Some(*current),
                _ => None,
            },
        }
    }

    /// Logs the cause of a fault of ours, once, with everything behind it.
    fn log(&self) {
        let Self::Action(error) = self else {
            return;
        };
        if self.kind().is_fault() {
            let (mut causes, mut next) = (Vec::new(), error.source());
            while let Some(cause) = next {
                causes.push(cause.to_string());
                next = cause.source();
            }
            tracing::error!(%error, causes = causes.join(": "), "a request failed");
        }
    }
}

/// What callers are told of an error. What the store and the index say names keys and hosts, so it is for the log alone.
fn public_detail(error: &Error) -> String {
    let kind = ProblemKind::from(error.kind());
    match error {
        Error::Store(kb_store::Error::Domain(rule)) => rule.to_string(),
        Error::Store(_) | Error::Search(_) | Error::Stale { .. } => kind.sentence().to_owned(),
        _ if kind.is_fault() => kind.sentence().to_owned(),
        _ => error.to_string(),
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
    /// Problem details. The kind travels beside them, so that a page can say the same in its reader's language.
    fn into_response(self) -> Response {
        self.log();
        let kind = self.kind();
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        let mut response = (kind.status_code(), body).into_response();
        response.extensions_mut().insert(kind);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        add_remedy(kind, headers);
        if let Self::Throttled(standing) = self {
            standing.tell_to_wait(headers);
        }
        response
    }
}

/// The headers that tell a program what helps.
pub(crate) fn add_remedy(kind: ProblemKind, headers: &mut HeaderMap) {
    let (name, value) = match kind {
        ProblemKind::Unauthenticated => (header::WWW_AUTHENTICATE, "Bearer"),
        ProblemKind::Throttled | ProblemKind::Unavailable => (header::RETRY_AFTER, "2"),
        _ => return,
    };
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use kb_store::Key;

    /// An error that names a row, of every sort that the store has.
    fn store_errors() -> Vec<kb_store::Error> {
        let key = || Key::new("ART#secret", "HEAD");
        let text = || "ART#secret at table-7".to_owned();
        vec![
            kb_store::Error::Condition {
                key: key(),
                found: None,
            },
            kb_store::Error::Condition {
                key: key(),
                found: Some(3),
            },
            kb_store::Error::Limit {
                key: key(),
                rule: "a row holds 350,000 bytes".to_owned(),
            },
            kb_store::Error::unavailable(text()),
            kb_store::Error::Broken {
                key: key(),
                cause: text().into(),
            },
        ]
    }

    #[test]
    fn no_public_detail_names_a_row_or_a_host() {
        for error in store_errors() {
            let said = error.to_string();
            let problem = Rejection::from(error).problem();
            let told = serde_json::to_string(&problem).unwrap();
            for secret in ["ART#", "HEAD", "table-7"] {
                assert!(!told.contains(secret), "{said}: {told}");
            }
            assert!(!problem.detail.is_empty(), "{said}");
        }
        let search = kb_search::Error::Unavailable("https://search.internal:9200".to_owned());
        let problem = Rejection::Action(search.into()).problem();
        assert_eq!(
            (problem.status, problem.detail.as_str()),
            (503, "try again in a moment")
        );
    }

    #[test]
    fn a_stale_write_is_told_the_version_and_the_remedy() {
        let problem = Rejection::Action(Error::Stale { current: 7 }).problem();
        assert_eq!((problem.status, problem.current_version), (412, Some(7)));
        assert_eq!(
            problem.detail,
            "it has changed since you read it; reload and try again"
        );
    }

    #[test]
    fn who_must_wait_is_told_for_how_long() {
        let answer = Rejection::from(kb_store::Error::unavailable(String::new())).into_response();
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers()["retry-after"].as_bytes()
            ),
            (503, &b"2"[..])
        );
    }
}
