//! Pages that the reader has already: a page bears the digest of all that it shows, so that it is sent again only when that changes.

use crate::precondition::is_known;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kb_store::keys::hex;
use sha2::{Digest, Sha256};

/// The answer with an ETag of its content, or 304 when the reader has that. Answers that may not be kept are left as they are.
pub(super) async fn unless_known(
    method: &Method,
    asked: &HeaderMap,
    response: Response,
) -> Response {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let headers = response.headers();
    let kept = headers.get(header::CACHE_CONTROL);
    let may_be_kept = kept.is_some_and(|v| !v.as_bytes().ends_with(b"no-store"));
    let is_own = headers.contains_key(header::SET_COOKIE) || headers.contains_key(header::ETAG);
    if !reads || response.status() != StatusCode::OK || !may_be_kept || is_own {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // Weak: it names what is shown, however that is encoded on its way.
    let etag = format!("W/\"{}\"", hex(&Sha256::digest(&bytes)[..16]));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        parts.headers.insert(header::ETAG, value);
    }
    let who = HeaderValue::from_static("cookie, authorization");
    parts.headers.entry(header::VARY).or_insert(who);
    if is_known(asked, &etag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
