//! The client of the crate `oauth2`, on the port of outgoing requests.

use super::LIMITS;
use super::fault::{CallFault, TokenFault};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use kb_fetch::{Fetch, FetchError};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use std::pin::Pin;
use std::sync::Arc;

/// Characters of a partner's word that are kept.
const WORD_MAX_CHARS: usize = 40;

pub(crate) struct TokenClient {
    fetch: Arc<dyn Fetch>,
    json_body: bool,
}

impl TokenClient {
    /// `json_body`: some partners take JSON where the standard says a form.
    pub(crate) fn new(fetch: &Arc<dyn Fetch>, json_body: bool) -> Self {
        Self {
            fetch: fetch.clone(),
            json_body,
        }
    }
}

impl<'c> AsyncHttpClient<'c> for TokenClient {
    type Error = CallFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = if self.json_body {
                as_json(request)
            } else {
                request.map(Bytes::from)
            };
            let answer = self.fetch.send(request, LIMITS).await;
            good(answer).map_err(CallFault)
        })
    }
}

fn as_json(request: HttpRequest) -> Request<Bytes> {
    let (mut parts, form) = request.into_parts();
    let fields = url::form_urlencoded::parse(&form).into_owned();
    let fields = fields.map(|(name, value)| match value.parse::<u64>() {
        // The lives of tokens are numbers there; everything else is text, even where it has digits alone.
        Ok(seconds) if name.ends_with("expires_in") => (name, seconds.into()),
        _ => (name, Value::String(value)),
    });
    let body = Value::Object(fields.collect::<Map<_, _>>()).to_string();
    let json = HeaderValue::from_static("application/json");
    parts.headers.insert(header::CONTENT_TYPE, json);
    Request::from_parts(parts, Bytes::from(body))
}

/// A good answer as the crate wants it; else what is known of the tokens.
fn good(answer: Result<Response<Bytes>, FetchError>) -> Result<HttpResponse, TokenFault> {
    let answer = answer.map_err(|error| match error {
        FetchError::Forbidden(_) | FetchError::NotSent(_) => TokenFault::NotSent(error.to_string()),
        FetchError::NoAnswer(_) | FetchError::TooLarge(_) => TokenFault::Unsure(error.to_string()),
    })?;
    let status = answer.status().as_u16();
    match status {
        200..=299 => {
            let (parts, body) = answer.into_parts();
            // The crate takes none but "ok", and partners answer "created" as well.
            let mut answer = Response::new(body.to_vec());
            *answer.headers_mut() = parts.headers;
            Ok(answer)
        }
        // A server in front of theirs has given up, and theirs may still be at it.
        408 | 502 | 504 => Err(TokenFault::Unsure(format!("status {status}"))),
        400 | 401 if word(answer.body()).as_deref() == Some("invalid_grant") => {
            Err(TokenFault::Refused)
        }
        _ => {
            let word = word(answer.body()).unwrap_or_else(|| format!("status {status}"));
            Err(TokenFault::Answered(word))
        }
    }
}

/// The word for what is wrong (RFC 6749, 5.2), if it is one.
fn word(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let word = body["error"].as_str()?;
    // A token, whatever it does there, has digits or capitals.
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let plain = word.len() <= WORD_MAX_CHARS && !word.is_empty() && word.chars().all(is_word);
    plain.then(|| word.to_owned())
}
