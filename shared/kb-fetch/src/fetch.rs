//! The port.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;

/// Sends requests to servers outside. Follows nothing and repeats nothing.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a request to its absolute address and answers the whole response, whatever its status. Errors: see [`FetchError`].
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError>;

    /// The address at which a browser reaches what answers at this one: the same, but for servers that are inside this program.
    fn in_browser(&self, url: &str) -> String {
        url.to_owned()
    }
}

/// How much a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time of all of it: looking up, connecting, sending, waiting, reading.
    pub total: Duration,
    /// Bytes of the body, as they come in.
    pub bytes: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none that may be asked. Nothing was sent, and nothing would be the next time.
    #[error(
        "{0} may not be asked: only public servers, by https and by name, and what fetch-allow lists"
    )]
    Forbidden(String),
    /// There was no connection, so nothing was sent: a write may be sent again.
    #[error("not reached: {0}")]
    NotSent(String),
    /// There was a connection and no whole answer: the other side may have done what it was asked.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than so many bytes. The other side has done what it was asked.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
}

/// A fault with its causes, which often say more than it does.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
