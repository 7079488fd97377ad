//! `If-Match`: a write says which version it was made for.

use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};

/// A version as a strong ETag.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The version in `If-Match`; 428 when the header is missing.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub u64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let detail =
                "send If-Match with the ETag of the version that the change is made for".to_owned();
            return Err(Rejection::Request("precondition-required", detail));
        };
        let version = value
            .to_str()
            .ok()
            .and_then(|v| v.trim().trim_matches('"').parse().ok());
        version.map(Self).ok_or_else(|| {
            Rejection::Request(
                "malformed",
                "If-Match holds one ETag as it was answered".to_owned(),
            )
        })
    }
}
