//! Names and versions that another system gives its things. They are texts to us: only the vendor's module reads them.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The id of a thing in the other system, as text, whatever it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub String);

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The other system's own measure of how new a state is. It grows, and may be coarse, so that two states share one. Where the other
/// system stamps times it is microseconds since 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RemoteVersion(pub i64);

impl From<Timestamp> for RemoteVersion {
    fn from(at: Timestamp) -> Self {
        Self(at.0)
    }
}

/// Where a listing goes on. Only the vendor's module reads it; at most 4 KB.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// Why something is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Out of use, or deleted: ours is archived.
    Deleted,
    /// Erased by order: no copy of ours stays.
    Erased,
    /// Not to be seen with our grant. It says nothing of the thing.
    Unseen,
}

/// The kinds of things that have a counterpart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// An article.
    Article,
    /// A category or section.
    Place,
}

impl Thing {
    /// Its name in keys and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Place => "place",
        }
    }
}
