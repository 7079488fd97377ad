//! Stand-in until kb-fetch is merged.
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;
/// See kb-fetch.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends.
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError>;
}
/// Limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time.
    pub total: Duration,
    /// Bytes.
    pub bytes: usize,
}
/// Errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Forbidden.
    #[error("{0} may not be asked")]
    Forbidden(String),
    /// Not sent.
    #[error("not reached: {0}")]
    NotSent(String),
    /// No answer.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Too large.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
}
