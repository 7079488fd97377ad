//! The ports: what any other system is to us. No word of a vendor stands here.

use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_domain::remote::{Cursor, Gone, RemoteArticle, RemoteId, RemoteVersion, Shape};

/// From where changes are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Since<'a> {
    /// The first time: everything that changed at or after this moment.
    Floor(Timestamp),
    /// Behind an earlier page.
    Cursor(&'a Cursor),
}

/// How a listing goes on. A page may be empty and have more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more now.
    More(Cursor),
    /// There is nothing more now; later changes come behind this.
    CaughtUp(Cursor),
    /// There is more now, and of what has this version some was left out, as it is more than a page holds: a full listing brings it.
    Overflow(Cursor, RemoteVersion),
}

/// A page. Equal cursors before and behind it end a run, since it would come again for ever.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What it names.
    pub items: Vec<Change<T>>,
    /// How it goes on.
    pub next: Next,
}

/// What is said of one thing.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// Which one.
    pub id: RemoteId,
    /// Its version there, if this says it.
    pub version: Option<RemoteVersion>,
    /// When this was said, by their clock.
    pub said_at: Timestamp,
    /// What is said.
    pub state: State<T>,
}

/// What is said of one thing.
#[derive(Clone, Debug)]
pub enum State<T> {
    /// All of it.
    Whole(Box<T>),
    /// That it is there, perhaps changed: it is asked for.
    NeedsFetch,
    /// That it is not there.
    Gone(Gone),
    /// It is there and cannot be understood: it is tried again by itself and holds up nobody.
    Unreadable(String),
}

/// What can go wrong with another system. What is done next follows from the kind alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too many calls, theirs or ours: nothing before this moment. It says nothing of their health.
    #[error("asked to wait until {0}")]
    Busy(Timestamp),
    /// No answer, a broken one, or one that says they are ill. A read is simply asked again.
    #[error("it does not answer: {0}")]
    Unreachable(String),
    /// A write was sent and nobody knows whether it took place: it is looked for before it is sent again.
    #[error("it may or may not have been done: {0}")]
    OutcomeUnknown(String),
    /// The grant is over: somebody must consent again, and what waits stays.
    #[error("the grant is no longer good: {0}")]
    Grant(String),
    /// The grant is good and does not reach so far: scope, plan or role.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The cursor is too old: the stream begins again at its floor, which changes nothing that is the same.
    #[error("the cursor is too old")]
    CursorExpired,
    /// What was to be written has changed meanwhile.
    #[error("it was changed meanwhile")]
    Stale,
    /// This one thing is refused.
    #[error("refused: {code}: {detail}")]
    Refused {
        /// Their code, or the status.
        code: String,
        /// Their words, cut.
        detail: String,
    },
}

impl Fault {
    /// Whether the thing that was asked for is not there.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "404" || code == "410")
    }

    /// Whether it concerns the one thing that was asked for, and not the other system.
    pub fn is_of_one_thing(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Forbidden(_) | Self::Stale
        )
    }
}

/// Things of one kind, as they change. One engine runs all of them.
#[async_trait]
pub trait ChangeFeed<T: Send + 'static>: Send + Sync {
    /// What changed, oldest first as far as they can say. At least once: overlaps are fine. At most about `limit`, where they let us
    /// say how many.
    async fn changed(&self, since: Since<'_>, limit: usize) -> Result<Page<T>, Fault>;

    /// A page of everything that is in use. Their archived ones are left out.
    async fn listed(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<T>, Fault>;

    /// These things as they are now, at most [`ChangeFeed::fetch_max`]; one answer for each, in any order.
    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Change<T>>, Fault>;

    /// How many things one fetch takes.
    fn fetch_max(&self) -> usize {
        1
    }

    /// How many are in use, where they say so by one call. Whoever knows another number lists at once.
    async fn count(&self) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    /// How coarse versions are, in seconds: two states within it may share one.
    fn grain_seconds(&self) -> i64 {
        1
    }
}

/// A knowledge base.
#[async_trait]
pub trait KnowledgeSource: ChangeFeed<RemoteArticle> {
    /// Languages, places and reader rules: small, and read whole before each run.
    async fn shape(&self) -> Result<Shape, Fault>;
}
