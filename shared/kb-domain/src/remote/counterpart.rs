//! Their thing and ours, and what becomes of ours when theirs changes.

use super::id::{Gone, RemoteId, RemoteVersion, Thing};
use crate::clock::Timestamp;
use crate::id::{ArticleId, ConnectionId, NodeId, RevisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long something that cannot be seen is given to come back, when no listing speaks for it.
const UNSEEN_SECONDS: i64 = 3_600;

/// The thing of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ours {
    /// An article.
    Article(ArticleId),
    /// A category or section.
    Node(NodeId),
}

impl Ours {
    /// What sort of thing it is there.
    pub fn thing(self) -> Thing {
        match self {
            Self::Article(_) => Thing::Article,
            Self::Node(_) => Thing::Place,
        }
    }
}

/// Whose text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Master {
    /// Theirs: ours is read-only.
    Theirs,
    /// Ours.
    Ours,
}

/// A state of theirs that ours came of, or that came of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeenVersion {
    /// Their version.
    pub version: RemoteVersion,
    /// What it says, as a digest: an echo of ours is told by it, never by time or author.
    pub digest: String,
    /// The revision of ours; `None` for a draft that did not come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<RevisionId>,
}

/// Where a counterpart stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CounterpartState {
    /// Ours follows theirs.
    Current,
    /// It cannot be seen there; no listing has spoken yet.
    Unseen {
        /// Since when.
        at: Timestamp,
    },
    /// Both sides were changed: neither is written until a person chooses.
    Diverged {
        /// Since when.
        at: Timestamp,
    },
    /// It is gone there, and ours is archived.
    Gone {
        /// Since when.
        at: Timestamp,
    },
    /// Archived here on purpose: it does not come back by itself.
    Unwanted {
        /// Since when.
        at: Timestamp,
    },
}

/// Their thing and ours. Every write of ours is conditioned on its row, which is read before the other system is asked: of two who
/// look at once the later write fails and looks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    /// The connection by which theirs is seen.
    pub connection: ConnectionId,
    /// Theirs.
    pub id: RemoteId,
    /// Ours.
    pub ours: Ours,
    /// Whose text counts.
    pub master: Master,
    /// Their newest version that is in ours, as their listings say it.
    pub version: Option<RemoteVersion>,
    /// Their texts that are in ours, by language as they write it.
    pub texts: BTreeMap<String, SeenVersion>,
    /// What theirs stands in, so that what an admin or they say of a place holds for it at once.
    pub places: Vec<RemoteId>,
    /// Their rules about who reads it.
    pub readers: Vec<RemoteId>,
    /// Where it stands.
    pub state: CounterpartState,
    /// When it was last looked at.
    pub checked_at: Timestamp,
}

/// What is done with a text of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Merge {
    /// It is taken over.
    Take,
    /// It says what ours says: an echo, or a change that shows nothing.
    Nothing,
    /// It is older than what is in ours.
    Late,
    /// Both sides were changed: a person chooses.
    Diverged,
}

/// What is done with a text of theirs that says `digest`; `ours` is the revision that is live here now.
pub fn decide_merge(
    known: &Counterpart,
    language: &str,
    version: RemoteVersion,
    digest: &str,
    ours: Option<RevisionId>,
) -> Merge {
    if matches!(known.state, CounterpartState::Unwanted { .. }) {
        return Merge::Nothing;
    }
    let Some(seen) = known.texts.get(language) else {
        return match known.master {
            Master::Theirs => Merge::Take,
            Master::Ours => Merge::Diverged,
        };
    };
    if seen.digest == digest {
        return Merge::Nothing;
    }
    if version < seen.version {
        return Merge::Late;
    }
    let edited_here = seen.revision.is_some() && seen.revision != ours;
    let open = matches!(known.state, CounterpartState::Diverged { .. });
    if known.master == Master::Ours || edited_here || open {
        return Merge::Diverged;
    }
    Merge::Take
}

/// What is done when a thing of theirs is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absence {
    /// Ours stays as it is.
    Nothing,
    /// Ours stays, and that it cannot be seen is remembered.
    Remember,
    /// Ours is archived, with its history.
    Archive,
    /// No copy of ours stays.
    Erase,
    /// Ours counts there as well: a person chooses.
    Diverged,
}

/// What is done when a look finds a thing gone. `unlisted`: a complete listing did not have it either, which is said of a thing that
/// was in ours before the listing began.
pub fn decide_absence(known: &Counterpart, gone: Gone, unlisted: bool, at: Timestamp) -> Absence {
    if gone == Gone::Erased {
        return Absence::Erase;
    }
    let unseen_at = match known.state {
        CounterpartState::Gone { .. } | CounterpartState::Unwanted { .. } => {
            return Absence::Nothing;
        }
        CounterpartState::Unseen { at } => Some(at),
        CounterpartState::Current | CounterpartState::Diverged { .. } => None,
    };
    let twice = unseen_at.is_some_and(|first| at >= first.plus_seconds(UNSEEN_SECONDS));
    if gone == Gone::Unseen && !unlisted && !twice {
        return Absence::Remember;
    }
    match known.master {
        Master::Theirs => Absence::Archive,
        Master::Ours => Absence::Diverged,
    }
}
