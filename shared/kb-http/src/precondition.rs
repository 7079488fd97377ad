//! `If-Match`: a write says which version it was made for.

use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};

/// A version as a strong ETag.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The version in `If-Match`; 428 when the header is missing.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub u64);

impl IfMatch {
    /// What the header says; `None` when it is missing. Errors: it is not one of our ETags.
    pub fn of(headers: &HeaderMap) -> Result<Option<u64>, Rejection> {
        let Some(value) = headers.get(header::IF_MATCH) else {
            return Ok(None);
        };
        let version = value
            .to_str()
            .ok()
            .and_then(|v| v.trim().trim_matches('"').parse().ok());
        version.map(Some).ok_or_else(|| {
            Rejection::Request(
                ProblemKind::Malformed,
                "If-Match holds one ETag, as it was answered".to_owned(),
            )
        })
    }

    /// Why a change without the header is refused.
    pub fn missing() -> Rejection {
        let detail = "send If-Match with the ETag of the version that the change is made for";
        Rejection::Request(ProblemKind::PreconditionRequired, detail.to_owned())
    }

    /// Refuses a change that was made for another version than the current one.
    pub fn check(self, current: u64) -> Result<(), Rejection> {
        if self.0 == current {
            Ok(())
        } else {
            Err(kb_actions::Error::Stale { current }.into())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        Self::of(&parts.headers)?
            .map(Self)
            .ok_or_else(Self::missing)
    }
}
