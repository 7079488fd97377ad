//! What can go wrong between a repository and an engine.

use crate::key::Key;
use kb_domain::ErrorKind;

/// The error of every engine and repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A condition of a transaction does not hold; nothing of it was written.
    #[error("{key} is not in the state that the write was made for")]
    Condition {
        /// The first operation whose condition fails.
        key: Key,
        /// The version that is there; `None` when the row is absent.
        found: Option<u64>,
    },
    /// A transaction or row breaks a limit that both engines hold.
    #[error("{key}: {rule}")]
    Limit {
        /// The row.
        key: Key,
        /// The limit, as a sentence.
        rule: String,
    },
    /// The engine does not answer; a retry may succeed.
    #[error("the table does not answer: {0}")]
    Unavailable(String),
    /// What is stored cannot be read.
    #[error("{key} cannot be read: {cause}")]
    Broken {
        /// The row.
        key: Key,
        /// What is wrong with it.
        cause: String,
    },
    /// A rule of the domain.
    #[error(transparent)]
    Domain(#[from] kb_domain::Error),
}

impl Error {
    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Condition { .. } => ErrorKind::Stale,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Limit { .. } => ErrorKind::Invalid,
            Self::Broken { .. } => ErrorKind::Internal,
            Self::Domain(e) => e.kind(),
        }
    }
}
