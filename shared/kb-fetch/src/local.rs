//! Requests that never leave the process.

use crate::address::Target;
use crate::allowed::Allowed;
use crate::fetch::{Fetch, FetchError, Limits, chain};
use crate::read::{whole, within};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Body;
use std::error::Error;
use tower::{Service, ServiceExt};

type BoxError = Box<dyn Error + Send + Sync>;

/// Hands requests for one host to a service of this process, such as a router, as if it had read them from a socket; there is no other
/// host. Addresses are held to the same rules as outside.
pub struct Local<S> {
    host: String,
    service: S,
}

impl<S> Local<S> {
    /// The service answers as `https://host`.
    pub fn new(host: impl Into<String>, service: S) -> Self {
        Self {
            host: host.into(),
            service,
        }
    }
}

#[async_trait]
impl<S, B> Fetch for Local<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send,
{
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        let host = Target::of(request.uri(), &Allowed::default())?.host;
        if !host.eq_ignore_ascii_case(&self.host) {
            return Err(FetchError::Forbidden(host));
        }
        let request = as_received(request, &host)?;
        let service = self.service.clone();
        let exchange = async {
            let answer = service.oneshot(request).await;
            let answer = answer.map_err(|e| FetchError::NoAnswer(chain(&*e.into())))?;
            whole(answer, limits.bytes).await
        };
        within(limits, exchange, FetchError::NoAnswer).await
    }
}

/// The request as a server has it: the host stands in a header, and the address begins with the path.
fn as_received(
    mut request: Request<Bytes>,
    host: &str,
) -> Result<Request<Full<Bytes>>, FetchError> {
    let malformed = || FetchError::Forbidden(host.to_owned());
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| malformed())?;
    let name = HeaderValue::from_str(host).map_err(|_| malformed())?;
    request.headers_mut().insert(HOST, name);
    Ok(request.map(Full::new))
}

/// Sends nothing anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

#[async_trait]
impl Fetch for Nowhere {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        let host = request.uri().host().unwrap_or_default();
        Err(FetchError::Forbidden(host.to_owned()))
    }
}

#[cfg(test)]
mod tests;
