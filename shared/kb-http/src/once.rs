//! `Idempotency-Key`: a request that makes something is done once, however often it is sent within a day.
//!
//! The handler's transaction is held back until its answer is known; then both are written together, so that there is never
//! one without the other. The draft standard is "The Idempotency-Key HTTP Header Field" of the IETF.

use crate::caller::{Deps, viewer};
use crate::json::collect;
use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Collected};
use kb_actions::PendingCommit;
use kb_domain::{ErrorKind, Who};
use kb_store::keys::hex;
use kb_store::repo::Replay;
use sha2::{Digest, Sha256};
use std::marker::PhantomData;
use std::pin::Pin;

/// The header.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key.
const KEY_MAX_CHARS: usize = 200;

/// A handler that makes something once for each key.
#[derive(Clone)]
pub(crate) struct Once<H>(pub H);

/// Tells the parameters of the handler inside.
pub(crate) struct Inside<M>(PhantomData<M>);

impl<H, M> Handler<Inside<M>, Deps> for Once<H>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, deps: Deps) -> Self::Future {
        Box::pin(async move {
            match key_of(request.headers()) {
                Ok(None) => self.0.call(request, deps).await,
                Ok(Some(key)) => once(self.0, request, deps, &key)
                    .await
                    .unwrap_or_else(IntoResponse::into_response),
                Err(rejection) => rejection.into_response(),
            }
        })
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > KEY_MAX_CHARS {
        let detail = format!("Idempotency-Key is 1 to {KEY_MAX_CHARS} visible characters");
        return Err(Rejection::Request(ProblemKind::Malformed, detail));
    }
    Ok(Some(key.to_owned()))
}

async fn once<H, M>(
    handler: H,
    request: Request,
    deps: Deps,
    key: &str,
) -> Result<Response, Rejection>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    let (mut parts, body) = request.into_parts();
    let viewer = viewer(&parts, &deps).await?;
    if viewer.who == Who::Nobody {
        // Nobody to keep an answer for; the handler says so.
        return Ok(handler.call(Request::from_parts(parts, body), deps).await);
    }
    let caller = viewer.who.to_string();
    let body = collect(body).await?;
    let address = parts.uri.path_and_query().map_or("", |p| p.as_str());
    let digest = digest_of(&[parts.method.as_str(), address], &body);
    let replays = deps.kb.replays.clone();
    if let Some(done) = replays.get(&caller, key, deps.kb.clock.now()).await? {
        return again(done, &digest);
    }
    let held = PendingCommit::default();
    parts.extensions.insert(held.clone());
    let request = Request::from_parts(parts, Body::from(body));
    let response = handler.call(request, deps.clone()).await;
    // What fails after its transaction was made is not done at all.
    let Some(mut tx) = held.take().filter(|_| response.status().is_success()) else {
        return Ok(response);
    };
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(Collected::to_bytes);
    let body = body.map_err(|_| {
        Rejection::Request(ProblemKind::Internal, "the answer broke off".to_owned())
    })?;
    let done = replay_of(&parts.headers, parts.status, &body, digest.clone());
    replays.put(&mut tx, &caller, key, &done, deps.kb.clock.now());
    match deps.kb.write(tx).await {
        Ok(_) => Ok(Response::from_parts(parts, Body::from(body))),
        Err(error) if error.kind() == ErrorKind::Stale => {
            // The same request may have been done meanwhile; if it was another one, the fault stands.
            match replays.get(&caller, key, deps.kb.clock.now()).await? {
                Some(done) => again(done, &digest),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Each part with its length, so that no two requests read alike.
fn digest_of(parts: &[&str], body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    for part in parts.iter().map(|p| p.as_bytes()).chain([body]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

fn replay_of(headers: &HeaderMap, status: StatusCode, body: &Bytes, request: String) -> Replay {
    let text = |name| {
        let value: Option<&HeaderValue> = headers.get(name);
        value.and_then(|v| v.to_str().ok()).map(str::to_owned)
    };
    Replay {
        request,
        status: status.as_u16(),
        etag: text(header::ETAG),
        location: text(header::LOCATION),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

fn again(done: Replay, digest: &str) -> Result<Response, Rejection> {
    if done.request != digest {
        let detail =
            "this Idempotency-Key belongs to a request that was another one; send a new key";
        return Err(Rejection::Request(
            ProblemKind::KeyReused,
            detail.to_owned(),
        ));
    }
    let status = StatusCode::from_u16(done.status).map_err(|_| {
        Rejection::Request(
            ProblemKind::Internal,
            "the kept answer has no status".to_owned(),
        )
    })?;
    let mut response = (status, done.body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, Some("application/json".to_owned())),
        (header::CACHE_CONTROL, Some("private, no-store".to_owned())),
        (header::ETAG, done.etag),
        (header::LOCATION, done.location),
    ] {
        headers.remove(&name);
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
