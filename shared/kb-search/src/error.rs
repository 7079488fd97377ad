//! What can go wrong between a query and an engine.

use kb_domain::ErrorKind;

/// The error of every engine and query.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine does not answer; a retry may succeed.
    #[error("the search index does not answer: {0}")]
    Unavailable(String),
    /// The index was written by another version of the analysis; it must be rebuilt.
    #[error(
        "the search index was built by analysis {found}, this program uses {wanted}: run `sidenote reindex`"
    )]
    Outdated {
        /// Version in the index.
        found: u32,
        /// Version of this program.
        wanted: u32,
    },
    /// The index cannot be read.
    #[error("the search index cannot be read: {0}")]
    Broken(String),
}

impl Error {
    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Outdated { .. } | Self::Broken(_) => ErrorKind::Internal,
        }
    }
}
