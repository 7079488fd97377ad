//! The port of outgoing requests, until its crate is here.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;

/// Sends requests to servers outside.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a request and answers the whole response, whatever its status.
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError>;
}

/// How much a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time of all of it.
    pub total: Duration,
    /// Bytes of the body.
    pub bytes: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none that may be asked.
    #[error("{0} may not be asked")]
    Forbidden(String),
    /// There was no connection, so nothing was sent.
    #[error("not reached: {0}")]
    NotSent(String),
    /// There was a connection and no whole answer.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than so many bytes.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
}
