//! Sync: what another system holds is brought here, and follows it.
//!
//! Each text is a transaction of its own, which holds only if the counterpart is still the one that was read before the other system
//! was asked: of two who bring the same thing the later one is told that it lost and looks again. Doing it twice changes nothing.

mod article;
mod gone;
mod head;
mod places;
mod report;
mod steps;
mod text;

pub use article::article;
pub use gone::gone;
pub use head::resettle;
pub use places::places;
pub use report::{PlaceName, Report};

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::remote::{Connection, Counterpart, Shape};
use kb_domain::{Grant, Level, Role, Timestamp, Viewer, Who};
use kb_store::Transaction;
use kb_store::record::Stored;
use kb_store::repo::Counterparts;

/// By what something is brought here.
#[derive(Clone, Copy)]
pub struct Sync<'a> {
    /// The base.
    pub kb: &'a Kb,
    /// The connection.
    pub connection: &'a Connection,
    /// Languages, places and reader rules there, as they were read last.
    pub shape: &'a Shape,
}

/// What came of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Ours was written.
    Written,
    /// Ours says so already, or is none of theirs to change.
    Same,
}

impl Sync<'_> {
    /// A context of now, with the connection as its actor.
    async fn context(&self) -> Result<RequestContext, Error> {
        let grants = vec![Grant::everywhere(Role::Admin)];
        let who = Who::Connection(self.connection.id);
        let viewer = Viewer::new(who, &self.connection.system, Level::Agent, grants);
        RequestContext::load(self.kb, viewer).await
    }
}

/// A counterpart with the condition on which it is written: as it was read, or that there is none.
struct Known<'a> {
    before: Option<&'a Stored<Counterpart>>,
    /// The version that our own writes have given it.
    version: Option<u64>,
    /// Whether our own writes have it here.
    is_here: bool,
}

impl<'a> Known<'a> {
    fn new(before: Option<&'a Stored<Counterpart>>) -> Self {
        Self {
            before,
            version: before.map(|b| b.version),
            is_here: before.is_some_and(|b| Counterparts::is_here(&b.value)),
        }
    }

    /// Adds what the counterpart is now to a transaction.
    fn put(&self, work: &mut Transaction, after: &Counterpart) {
        let stored = self.version.map(|version| Stored {
            value: after.clone(),
            version,
        });
        work.replace_or_insert(stored.as_ref(), after);
        Counterparts::count(work, self.is_here, after);
    }

    fn is_new(&self, after: &Counterpart, now: Timestamp) -> bool {
        let seen = |c: &Counterpart| Counterpart {
            checked_at: now,
            ..c.clone()
        };
        self.before.is_none_or(|b| seen(&b.value) != seen(after)) || self.version.is_none()
    }
}
