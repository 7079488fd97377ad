//! Pages as answers, and where a browser is sent next.

use crate::answer::location;
use crate::problem::{Rejection, status_of};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use kb_domain::{ErrorKind, Locale};
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

/// The page that says what is wrong, with the status of the kind of fault.
pub fn failed_page(rendered: Result<String, impl Display>, kind: ErrorKind) -> Response {
    let mut response = page(rendered);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status_of(kind);
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

/// After a form: 303 to a path of this server, with a cookie where one is set.
pub fn see_other(path: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let local = location(if is_local(path) { path } else { "/" });
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

/// The language of an interface that belongs to no portal: the one asked for in the address, else the browser's first
/// that there is, else the first. Errors: the one in the address is no locale.
pub fn interface_locale(
    asked: Option<&str>,
    headers: &HeaderMap,
    offered: &[Locale],
) -> Result<Locale, Rejection> {
    let first = || offered.first().cloned().unwrap_or_else(Locale::en);
    let fitting = |wanted: &Locale| {
        let found = wanted.chain(offered, wanted, wanted);
        found.filter(|l| l.language() == wanted.language()).cloned()
    };
    if let Some(asked) = asked.filter(|a| !a.is_empty()) {
        let wanted: Locale = asked.parse().map_err(|_| {
            Rejection::parameter("locale", "not a language tag such as en or zh-TW")
        })?;
        return Ok(fitting(&wanted).unwrap_or_else(first));
    }
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let tags = accepted
        .split(',')
        .take(10)
        .filter_map(|part| part.split(';').next()?.trim().parse::<Locale>().ok());
    let mut found = tags.filter_map(|wanted| fitting(&wanted));
    Ok(found.next().unwrap_or_else(first))
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

    #[test]
    fn the_interface_speaks_the_asked_language_else_the_browsers() {
        let offered: Vec<Locale> = ["en", "zh-Hans", "zh-Hant"]
            .iter()
            .map(|l| l.parse().unwrap())
            .collect();
        let browser = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
            headers
        };
        for (asked, accept, expected) in [
            (Some("zh-TW"), "en", "zh-Hant"),
            (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
            (None, "fr, zh-HK;q=0.5", "zh-Hant"),
            (None, "fr", "en"),
            (Some(""), "*", "en"),
            (Some("fr"), "zh-CN", "en"),
        ] {
            let found = interface_locale(asked, &browser(accept), &offered).unwrap();
            assert_eq!(found.as_str(), expected, "{asked:?} {accept}");
        }
        assert!(interface_locale(Some("not a tag"), &HeaderMap::new(), &offered).is_err());
    }
}
