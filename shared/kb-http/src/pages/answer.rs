//! Pages as answers, and where a browser is sent next.

use crate::answer::location;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::fmt::Display;

/// A rendered page. It is the reader's own: nothing between may keep it.
pub fn page(rendered: Result<String, impl Display>) -> Response {
    match rendered {
        Ok(html) => {
            let mut response = Html(html).into_response();
            response.headers_mut().insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-cache"),
            );
            response
        }
        Err(error) => {
            tracing::error!(%error, "a template failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that shows a secret: no browser keeps it, and going back shows it no second time.
pub fn secret_page(rendered: Result<String, impl Display>) -> Response {
    let mut response = page(rendered);
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

/// A page with a form that was not taken: it says beside its fields why, and shows what was entered.
pub fn refused_page(rendered: Result<String, impl Display>) -> Response {
    let mut response = page(rendered);
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

/// A page that says what of the request cannot be read, and takes the cookie out of the browser that is the cause.
pub fn malformed_page(rendered: Result<String, impl Display>, clear: &str) -> Response {
    let mut response = page(rendered);
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    if let Ok(cookie) = HeaderValue::from_str(clear) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A page that these origins may show in a frame; every other page may be framed by nobody.
pub fn framed_page(rendered: Result<String, impl Display>, ancestors: &[String]) -> Response {
    let mut response = page(rendered);
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors {}",
        ancestors.join(" ")
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A page that a frame of ours on another site opens as a window, and that may answer it.
pub fn opened_page(rendered: Result<String, impl Display>) -> Response {
    let mut response = page(rendered);
    response.headers_mut().insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("unsafe-none"),
    );
    response
}

/// The path, if it is one of this server; `None` for what would lead away.
pub fn local_path(path: &str) -> Option<&str> {
    is_local(path).then_some(path)
}

/// After a form: 303 to a path of this server, with a cookie where one is set.
pub fn see_other(path: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let local = location(local_path(path).unwrap_or("/"));
    for (name, value) in [
        (header::LOCATION, Some(local.as_str())),
        (header::SET_COOKIE, cookie),
    ] {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(v).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether a browser that is sent there stays on this server: one slash, then neither a slash nor a backslash, and nothing
/// that browsers leave out before they read it.
fn is_local(path: &str) -> bool {
    let rest = path.strip_prefix('/');
    rest.is_some_and(|r| !r.starts_with(['/', '\\']))
        && !path.chars().any(|c| c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_to_paths_of_this_server_only() {
        for good in ["/", "/help/en/", "/agent/inbox?ticket=1#a", "/搜索"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "evil",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
            " //evil.example",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
