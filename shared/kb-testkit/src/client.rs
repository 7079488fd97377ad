//! A client that asks a router in process.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use kb_http::ClientAddress;
use serde_json::Value;
use std::net::IpAddr;
use tower::ServiceExt;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answered {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}

/// Asks as one caller.
#[derive(Clone)]
pub struct Client {
    router: Router,
    bearer: Option<String>,
    cookie: Option<String>,
    address: Option<IpAddr>,
    /// Headers beside those that replace one another.
    more: Vec<(String, String)>,
}

impl Client {
    /// Nobody signed in.
    pub fn new(router: Router) -> Self {
        Self {
            router,
            bearer: None,
            cookie: None,
            address: None,
            more: Vec::new(),
        }
    }

    /// From this address.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: address.parse().ok(),
            ..self.clone()
        }
    }

    /// With an API key or a frame's bearer.
    #[must_use]
    pub fn bearer(&self, secret: &str) -> Self {
        Self {
            bearer: Some(secret.to_owned()),
            cookie: None,
            ..self.clone()
        }
    }

    /// With a session cookie, as a browser on our own pages sends it.
    #[must_use]
    pub fn session(&self, secret: &str) -> Self {
        Self {
            cookie: Some(format!("{}={secret}", kb_http::SESSION_COOKIE)),
            bearer: None,
            ..self.clone()
        }
    }

    /// GET with a header above the client's own of the same name, so that it stands twice.
    pub async fn send_twice(&self, path: &str, name: &str, value: &str) -> Answered {
        let mut twice = self.clone();
        twice.more = vec![(name.to_owned(), value.to_owned()); 2];
        twice.get(path).await
    }

    /// Sends a request; `headers` replace the client's own.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8600");
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if let Some(cookie) = &self.cookie {
            request = request
                .header(header::COOKIE, cookie)
                .header("sec-fetch-site", "same-origin");
        }
        let mut request = request
            .body(body.into())
            .expect("tests ask well-formed addresses");
        for (name, value) in headers {
            let name: axum::http::HeaderName =
                name.parse().expect("tests send well-formed headers");
            let value = value.parse().expect("tests send well-formed headers");
            request.headers_mut().insert(name, value);
        }
        for (name, value) in &self.more {
            let name: axum::http::HeaderName =
                name.parse().expect("tests send well-formed headers");
            let value = value.parse().expect("tests send well-formed headers");
            request.headers_mut().append(name, value);
        }
        if let Some(address) = self.address {
            request.extensions_mut().insert(ClientAddress(address));
        }
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (parts, body) = answer.into_parts();
        let bytes = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        Answered {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answered {
        self.send("GET", path, &[], Body::empty()).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answered {
        self.json("POST", path, &[], body).await
    }

    /// Any method with JSON.
    pub async fn json(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answered {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(method, path, &all, body.to_string()).await
    }
}
