//! The engine that brings theirs in: [`step`] for what changes, [`reconcile`] for everything, [`look`] for single things.

mod look;
mod reconcile;
mod step;
mod take;

pub use look::{Looked, look};
pub use reconcile::{Reconciled, reconcile};
pub use step::{Step, step};

use crate::port::Change;
use async_trait::async_trait;
use kb_domain::remote::{RemoteId, RemoteVersion};
use kb_domain::{Clock, ConnectionId, Timestamp};
use kb_store::{Error, Store};

/// What we have of a thing of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing: it never came in.
    Nothing,
    /// This version.
    Version(RemoteVersion),
    /// What was taken away, or cannot be seen: whatever names it is looked at.
    Absent,
    /// What nobody wants: it does not come in.
    Refused,
}

/// What applying came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Ours was written.
    Written,
    /// Ours says so already.
    Same,
    /// Ours is no longer what was read before they were asked: nothing was written.
    Lost,
}

/// Why a thing is looked at again by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was read within the grain of its own version and may have changed since without showing it.
    Young,
    /// It is there and cannot be understood.
    Unreadable(String),
    /// It could not be asked for or written.
    Failed(String),
}

/// Ours, as the engine needs it. Each thing is a transaction of its own; doing it twice changes nothing.
#[async_trait]
pub trait Sink<T: Send + Sync>: Send + Sync {
    /// Our row of a thing, or that there is none, as it was read before they were asked.
    type Known: Send + Sync;

    /// Our rows of these things, in their order.
    async fn known(&self, ids: &[RemoteId]) -> Result<Vec<Self::Known>, Error>;

    /// What we have by a row.
    fn holds(&self, known: &Self::Known) -> Holds;

    /// Brings ours to what they say, on condition that our row is still this one. `unlisted`: a whole listing that began after ours
    /// came in does not have it. Errors: only [`Error::Unavailable`] ends the run; anything else puts this one thing off.
    async fn apply(
        &self,
        known: &Self::Known,
        change: &Change<T>,
        unlisted: bool,
    ) -> Result<Applied, Error>;

    /// Has a thing looked at by itself, not before a moment. Once it returns it will be, whatever ends.
    async fn later(&self, id: &RemoteId, why: Why, not_before: Timestamp) -> Result<(), Error>;

    /// A page of what is in use here, with the moment at which it was last looked at, and where the next page begins.
    async fn present(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<(RemoteId, Timestamp)>, Option<String>), Error>;
}

/// Which stream, and on what it works.
pub struct Pull<'a> {
    /// The store.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The connection.
    pub connection: ConnectionId,
    /// The stream, for example `articles`.
    pub stream: &'a str,
    /// Where a stream begins that has no cursor: the moment of connecting, as everything before it comes by a listing.
    pub floor: Timestamp,
    /// Things on a page.
    pub limit: usize,
}
