//! Single things, each looked at by itself.

use super::Sink;
use super::take::{Stopped, Taken, Taker};
use crate::port::{ChangeFeed, Fault};
use kb_domain::Clock;
use kb_domain::remote::RemoteId;
use kb_store::Error;

/// Asks for these things and brings ours to what they say; what cannot be done is put off by the sink. Errors: the other system does
/// not answer; our store does not.
pub async fn look<T, S>(
    feed: &dyn ChangeFeed<T>,
    sink: &S,
    clock: &dyn Clock,
    ids: &[RemoteId],
) -> Result<Result<(), Fault>, Error>
where
    T: Send + Sync + 'static,
    S: Sink<T>,
{
    let taker = Taker {
        feed,
        sink,
        clock,
        unlisted: false,
    };
    let looks = ids.iter().map(|id| (id.clone(), None)).collect();
    match taker.looks(looks, &mut Taken::default()).await {
        Ok(()) => Ok(Ok(())),
        Err(Stopped::Fault(fault)) => Ok(Err(fault)),
        Err(Stopped::Error(error)) => Err(error),
    }
}
