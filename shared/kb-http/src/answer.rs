//! What a handler returns when all went well.

use crate::precondition::{etag, is_known};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

/// What is encoded in a location, besides all that is not ASCII. An address that is encoded already stays as it is.
const NOT_IN_A_LOCATION: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// 301: the page has moved for good.
pub fn moved(url: &str) -> Response {
    let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(value) = HeaderValue::from_str(&location(url)) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// An address for `Location`, which is ASCII: gateways and older browsers read other bytes each in their own way.
pub(crate) fn location(url: &str) -> String {
    utf8_percent_encode(url, NOT_IN_A_LOCATION).to_string()
}

/// A good answer: JSON or nothing, with its version and place.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    etag: Option<String>,
    location: Option<String>,
    cookie: Option<String>,
}

impl Answer {
    /// 200 with JSON.
    pub fn ok<T: Serialize>(body: &T) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self {
            status: StatusCode::OK,
            body: Some(body),
            etag: None,
            location: None,
            cookie: None,
        }
    }

    /// 201 with JSON and the address of what was made.
    pub fn created<T: Serialize>(body: &T, location: String) -> Self {
        Self {
            status: StatusCode::CREATED,
            location: Some(location),
            ..Self::ok(body)
        }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            etag: None,
            location: None,
            cookie: None,
        }
    }

    /// 304 without a body, when the caller has this version already. Only for an answer that its version covers entirely: one
    /// that also shows other rows would be kept for too long.
    #[must_use]
    pub fn unless_known(mut self, headers: &HeaderMap) -> Self {
        let known = self.etag.as_deref();
        if self.status == StatusCode::OK && known.is_some_and(|etag| is_known(headers, etag)) {
            self.status = StatusCode::NOT_MODIFIED;
            self.body = None;
        }
        self
    }

    /// The same with the version as ETag.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.etag = Some(etag(version));
        self
    }

    /// The same with a cookie, where one is set.
    #[must_use]
    pub fn cookie(mut self, cookie: Option<String>) -> Self {
        self.cookie = cookie;
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(body) = self.body {
            response = (self.status, body).into_response();
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        for (name, value) in [
            (header::ETAG, self.etag),
            (header::LOCATION, self.location),
            (header::SET_COOKIE, self.cookie),
        ] {
            if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}
