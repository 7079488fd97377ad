//! Why a verb did not do what was asked.

use kb_domain::{Action, Denied, ErrorKind, Resource};
use kb_events::Ran;
use kb_store::Outcome;

/// The error of every verb.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Absent, or not to be known by this viewer; the two cannot be told apart.
    #[error("there is no such {0}")]
    NotFound(Resource),
    /// Nobody is signed in and the verb needs somebody.
    #[error("sign in first")]
    Unauthenticated,
    /// Known, but not allowed.
    #[error("this needs the right to {}; an API key needs the scope {}", .0.phrase(), .0.scope())]
    Forbidden(Action),
    /// The caller's version is not the current one.
    #[error("it has changed since you read it; the current version is {current}")]
    Stale {
        /// The current version.
        current: u64,
    },
    /// A rule of the domain.
    #[error(transparent)]
    Domain(#[from] kb_domain::Error),
    /// Something did not come in time.
    #[error("{0} took too long")]
    Overdue(&'static str),
    /// A part of ours failed.
    #[error("{0} failed")]
    Broken(&'static str),
    /// The store.
    #[error(transparent)]
    Store(kb_store::Error),
    /// The search index.
    #[error(transparent)]
    Search(#[from] kb_search::Error),
}

impl Error {
    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Unauthenticated => ErrorKind::Unauthenticated,
            Self::Forbidden(_) => ErrorKind::Forbidden,
            Self::Stale { .. } => ErrorKind::Stale,
            Self::Overdue(_) => ErrorKind::Timeout,
            Self::Broken(_) => ErrorKind::Internal,
            Self::Domain(e) => e.kind(),
            Self::Store(e) => e.kind(),
            Self::Search(e) => e.kind(),
        }
    }

    /// Whether another write came between reading and writing.
    pub fn is_stale(&self) -> bool {
        self.kind() == ErrorKind::Stale
    }
}

impl From<kb_store::Error> for Error {
    fn from(error: kb_store::Error) -> Self {
        match error {
            kb_store::Error::Domain(error) => Self::Domain(error),
            kb_store::Error::Condition {
                found: Some(current),
                ..
            } => Self::Stale { current },
            other => Self::Store(other),
        }
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Absent => Self::NotFound(Resource::Page),
            Denied::Lacks(action) => Self::Forbidden(action),
            Denied::SignIn => Self::Unauthenticated,
        }
    }
}

/// What a consumer of the feed answers for a record that it could not handle.
impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::stopped(error.kind(), &error)
    }
}

/// What a job answers that did not come to an end.
impl From<Error> for Ran {
    fn from(error: Error) -> Self {
        Self::stopped(error.kind(), &error)
    }
}
