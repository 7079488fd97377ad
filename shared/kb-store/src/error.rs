//! What can go wrong between a record and an engine.

use crate::key::Key;
use kb_domain::ErrorKind;

/// What another library said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The error of every engine and repository. Its text is for the log: it names rows.
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
    #[error("the storage engine does not answer")]
    Unavailable(#[source] Cause),
    /// What is stored cannot be read.
    #[error("{key} cannot be read")]
    Broken {
        /// The row.
        key: Key,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// A rule of the domain.
    #[error(transparent)]
    Domain(#[from] kb_domain::Error),
}

impl Error {
    /// The engine does not answer.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// A row that cannot be read.
    pub fn broken(key: &Key, cause: impl Into<Cause>) -> Self {
        Self::Broken {
            key: key.clone(),
            cause: cause.into(),
        }
    }

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

/// An error with all that caused it, as one line for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
