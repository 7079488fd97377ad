//! `Idempotency-Key`: a request that makes something is done once, however often it is sent within a day.
//!
//! A handler that makes something returns [`Created`]: the answer, and the transaction that is still to be written. Here it is
//! committed, together with the answer where the request has a key, so that there is never one without the other. A transaction
//! that met another one in between is prepared again. The draft standard is "The Idempotency-Key HTTP Header Field" of the IETF.

use crate::answer::Answer;
use crate::caller::{Asking, Deps, viewer};
use crate::json::collect;
use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Collected};
use kb_actions::Error;
use kb_domain::Who;
use kb_events::{Attempts, Prepared};
use kb_store::keys;
use kb_store::repo::{Replay, insert_replay};
use sha2::{Digest, Sha256};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// What is to be written for an answer, on its way out of the handler.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<Prepared<()>>>>);

/// The answer of a handler that makes something, with the transaction that makes it.
pub struct Created {
    answer: Answer,
    pending: Pending,
}

impl Created {
    /// An answer that holds once `prepared` is committed.
    pub fn of<T>(prepared: Prepared<T>, answer: Answer) -> Self {
        let (_, rest) = prepared.split();
        Self {
            answer,
            pending: Pending(Arc::new(Mutex::new(Some(rest)))),
        }
    }
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        response.extensions_mut().insert(self.pending);
        response
    }
}

/// Whether a handler has prepared something that nobody has committed: its route was not made by [`crate::route::create`].
pub(crate) fn is_unwritten(response: &Response) -> bool {
    let pending = response.extensions().get::<Pending>();
    pending.is_some_and(|p| p.0.lock().unwrap_or_else(PoisonError::into_inner).is_some())
}

/// The header.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key.
const KEY_MAX_CHARS: usize = 200;

/// A handler that makes something: its transaction is committed here, once for each key.
#[derive(Clone)]
pub(crate) struct Once<H>(pub H);

/// Tells the parameters of the handler inside.
pub(crate) struct Inside<M>(PhantomData<M>);

impl<H, M> Handler<Inside<M>, Deps> for Once<H>
where
    H: Handler<M, Deps> + Sync,
    M: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, deps: Deps) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let done = make(&self.0, &parts, body, &deps).await;
            done.unwrap_or_else(IntoResponse::into_response)
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

/// A request under a key: where its answer is kept, and what it was.
struct Keyed {
    at: kb_store::Key,
    digest: String,
}

async fn make<H, M>(
    handler: &H,
    parts: &Parts,
    body: Body,
    deps: &Deps,
) -> Result<Response, Rejection>
where
    H: Handler<M, Deps> + Sync,
    M: 'static,
{
    let key = key_of(&parts.headers)?;
    let body = collect(body).await?;
    let keyed = match key {
        None => None,
        Some(key) => keyed(parts, &body, deps, &key).await?,
    };
    if let Some(keyed) = &keyed
        && let Some(done) = kept(deps, keyed).await?
    {
        return repeat(done, &keyed.digest);
    }
    let (mut attempts, mut again) = (Attempts::default(), false);
    loop {
        let mut request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        if let Some(asking) = parts.extensions.get::<Asking>().filter(|_| again) {
            request.extensions_mut().insert(asking.afresh());
        }
        again = true;
        let response = handler.clone().call(request, deps.clone()).await;
        match commit(response, deps, keyed.as_ref()).await {
            // Another write came between: it is prepared again.
            Err(Rejection::Action(error)) if attempts.again(error.is_stale()) => {}
            done => return done,
        }
    }
}

/// The key of a signed-in caller; for nobody no answer is kept, and the handler says so.
async fn keyed(
    parts: &Parts,
    body: &[u8],
    deps: &Deps,
    key: &str,
) -> Result<Option<Keyed>, Rejection> {
    let viewer = viewer(parts, deps).await?;
    if viewer.who == Who::Nobody {
        return Ok(None);
    }
    let address = parts.uri.path_and_query().map_or("", |p| p.as_str());
    Ok(Some(Keyed {
        at: keys::idempotency(&viewer.who.to_string(), key),
        digest: digest_of(&[parts.method.as_str(), address], body),
    }))
}

/// What was answered under this key within a day.
async fn kept(deps: &Deps, keyed: &Keyed) -> Result<Option<Replay>, Error> {
    let store = deps.kb.store();
    let found = store.get_live::<Replay>(&keyed.at, deps.kb.now()).await?;
    Ok(found.map(|found| found.value))
}

/// Commits what a handler has prepared, with its answer where there is a key. Errors: as the commit; nothing is made then.
async fn commit(
    response: Response,
    deps: &Deps,
    keyed: Option<&Keyed>,
) -> Result<Response, Rejection> {
    let pending = response.extensions().get::<Pending>().cloned();
    let pending = pending.and_then(|p| p.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    let Some(mut prepared) = pending else {
        return Ok(response);
    };
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(Collected::to_bytes);
    let body = body.map_err(|_| {
        Rejection::Request(ProblemKind::Internal, "the answer broke off".to_owned())
    })?;
    if let Some(keyed) = keyed {
        let done = replay_of(&parts.headers, parts.status, &body, keyed.digest.clone());
        prepared.also(|tx| insert_replay(tx, keyed.at.clone(), &done, deps.kb.now()));
    }
    match prepared.commit(deps.kb.store()).await.map_err(Error::from) {
        Ok(()) => Ok(Response::from_parts(parts, Body::from(body))),
        Err(error) => {
            // The same request may have been done in the meantime.
            if let Some(keyed) = keyed.filter(|_| error.is_stale())
                && let Some(done) = kept(deps, keyed).await?
            {
                return repeat(done, &keyed.digest);
            }
            Err(error.into())
        }
    }
}

/// Each part with its length, so that no two requests read alike.
fn digest_of(parts: &[&str], body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    for part in parts.iter().map(|p| p.as_bytes()).chain([body]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    keys::hex(&hasher.finalize())
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

fn repeat(done: Replay, digest: &str) -> Result<Response, Rejection> {
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
