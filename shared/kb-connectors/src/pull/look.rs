//! Single things: what a webhook, a listing or an earlier look said may have changed.

use super::take::{Stopped, Taken, Taker};
use super::{Pull, Sink};
use crate::port::{ChangeFeed, Fault};
use kb_domain::remote::RemoteId;
use kb_store::Error;

/// What looking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Each was looked at, or is put off by itself.
    Done,
    /// As the fault says; some may have been looked at.
    Stopped(Fault),
}

/// Looks at these things. Errors: our store does not answer.
pub async fn look<T, S>(
    pull: &Pull<'_>,
    feed: &dyn ChangeFeed<T>,
    sink: &S,
    ids: &[RemoteId],
) -> Result<Looked, Error>
where
    T: Send + Sync + 'static,
    S: Sink<T>,
{
    let taker = Taker {
        feed,
        sink,
        clock: pull.clock,
        unlisted: false,
    };
    let looks = ids.iter().map(|id| (id.clone(), None)).collect();
    match taker.looks(looks, &mut Taken::default()).await {
        Ok(()) => Ok(Looked::Done),
        Err(Stopped::Fault(fault)) => Ok(Looked::Stopped(fault)),
        Err(Stopped::Error(error)) => Err(error),
    }
}
