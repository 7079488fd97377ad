//! What stands around every router: request id, log line, security headers, caught panics.

use crate::caller::Deps;
use crate::kind::ProblemKind;
use crate::pages::explained_without_portal;
use crate::problem::Rejection;
use crate::ready::{Found, ready};
use crate::request_id::RequestId;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, Predicate};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that a request has once or not at all: of two, each part of the way could believe another.
const ONCE: [HeaderName; 4] = [
    header::HOST,
    header::AUTHORIZATION,
    header::ORIGIN,
    header::CONTENT_TYPE,
];

/// Shorter answers are sent as they are.
const COMPRESSED_FROM_BYTES: u64 = 1_024;

/// Whoever came by https comes so for the next year.
const KEEP_TO_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Headers of every answer. Pages that are framed replace the policy with their own, and what may be kept says so itself.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "private, no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; connect-src 'self'; frame-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// Finishes a router: every request gets an id and a log line, every answer the headers, a panic becomes a problem; `/healthz`
/// answers whoever watches the process, `/health` is its older name, and `/readyz` whoever sends requests here.
pub fn finish(router: Router<Deps>, deps: Deps) -> Router {
    let (ids, is_https) = (deps.kb.ids().clone(), deps.settings.secure_cookies);
    router
        .route(
            "/readyz",
            get({
                let (found, deps) = (Found::default(), deps.clone());
                async move || ready(&found, &deps).await
            }),
        )
        .route("/healthz", get(async || "ok"))
        .route("/health", get(async || "ok"))
        .with_state(deps)
        .method_not_allowed_fallback(async || {
            let detail = "see /api for what there is".to_owned();
            Rejection::Request(ProblemKind::MethodNotAllowed, detail)
        })
        .layer(CatchPanicLayer::custom(|_| broken()))
        .layer(CompressionLayer::new().compress_when(LongTexts))
        .layer(middleware::from_fn(
            move |request: Request<Body>, next: Next| {
                let id = ids.uuid().simple().to_string();
                around(request, next, id, is_https)
            },
        ))
        // What stands around the routes can panic as well: a log, a page that tells of a fault.
        .layer(CatchPanicLayer::custom(|_| broken()))
}

/// Which answers are compressed: texts of some length. What sets a cookie, or bears a strong ETag, is sent as it is; so is the short
/// answer that tells a secret, whose length would say something of it.
#[derive(Clone, Copy)]
struct LongTexts;

impl Predicate for LongTexts {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let headers = response.headers();
        let text = |name| {
            headers
                .get(name)
                .and_then(|v: &HeaderValue| v.to_str().ok())
                .unwrap_or_default()
        };
        let kind = text(header::CONTENT_TYPE);
        let kinds = ["text/", "json", "xml", "javascript"];
        response.status() == StatusCode::OK
            && kinds.iter().any(|k| kind.contains(k))
            && response.body().size_hint().lower() >= COMPRESSED_FROM_BYTES
            && !headers.contains_key(header::SET_COOKIE)
            && !text(header::ETAG).starts_with('"')
    }
}

fn broken() -> Response {
    let detail = ProblemKind::Internal.sentence().to_owned();
    Rejection::Request(ProblemKind::Internal, detail).into_response()
}

async fn around(mut request: Request<Body>, next: Next, id: String, is_https: bool) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let reader = (!is_for_programs(&path)).then(|| (request.uri().clone(), languages(&request)));
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("http", request.id = %id);
    let mut response = match readable(&request) {
        Ok(()) => next.run(request).instrument(span.clone()).await,
        Err(rejection) => rejection.into_response(),
    };
    let status = response.status();
    span.in_scope(|| tracing::info!(%method, path, status = status.as_u16(), "answered"));
    if let Some(problem) = told(&path, status, response.headers()) {
        response = problem.into_response();
    }
    // Who reads pages is told on a page what went wrong outside every route, too.
    if let (Some(kind), Some((uri, headers))) = (response.extensions().get().copied(), reader) {
        response = explained_without_portal(kind, uri, headers, id.clone());
    }
    let status = response.status();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, KEEP_TO_HTTPS);
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Errors: what no handler can be given. Handlers are given texts, so that an address that is none is refused before one of them is
/// chosen.
fn readable(request: &Request<Body>) -> Result<(), Rejection> {
    let malformed = |detail: String| Err(Rejection::Request(ProblemKind::Malformed, detail));
    let path = percent_encoding::percent_decode_str(request.uri().path());
    if path.decode_utf8().is_err() {
        return malformed("the address is not UTF-8 when it is decoded".to_owned());
    }
    let is_twice = |name: &&HeaderName| request.headers().get_all(*name).iter().nth(1).is_some();
    match ONCE.iter().find(is_twice) {
        Some(name) => malformed(format!("send {name} once")),
        None => Ok(()),
    }
}

fn is_for_programs(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with("/health") || path == "/readyz"
}

/// What the browser says of its reader's languages.
fn languages(request: &Request) -> HeaderMap {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
    accepted
        .map(|value| (header::ACCEPT_LANGUAGE, value))
        .into_iter()
        .collect()
}

/// The problem that stands for a fault of the router itself, which knows only plain text: an address that is no UTF-8.
fn told(path: &str, status: StatusCode, headers: &HeaderMap) -> Option<Rejection> {
    let own = headers.contains_key(header::CONTENT_TYPE)
        && !headers[header::CONTENT_TYPE]
            .as_bytes()
            .starts_with(b"text/plain");
    if own || !is_for_programs(path) || !status.is_client_error() {
        return None;
    }
    let detail = "the address cannot be read".to_owned();
    Some(Rejection::Request(ProblemKind::Malformed, detail))
}
