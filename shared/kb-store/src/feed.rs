//! Events: what a commit says to the rest of the program, and the feed that carries it.
//! At least once, eventually, in order per subject most of the time; nobody relies on more.

use crate::error::Error;
use async_trait::async_trait;
use kb_domain::{EventId, Timestamp};
use serde::{Deserialize, Serialize};

/// What happened. Dotted names, `subject.verb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// An article's head was made or changed.
    #[serde(rename = "article.changed")]
    ArticleChanged,
    /// An article was archived or restored.
    #[serde(rename = "article.state")]
    ArticleState,
    /// A draft was saved.
    #[serde(rename = "translation.saved")]
    TranslationSaved,
    /// A translation became live.
    #[serde(rename = "translation.published")]
    TranslationPublished,
    /// A portal's tree changed.
    #[serde(rename = "tree.changed")]
    TreeChanged,
    /// A portal was made or changed.
    #[serde(rename = "portal.changed")]
    PortalChanged,
    /// A ticket was put.
    #[serde(rename = "ticket.put")]
    TicketPut,
    /// A key was made or revoked.
    #[serde(rename = "key.changed")]
    KeyChanged,
}

/// An event row: audit entry, outbox and wake-up at once. It is a hint: a consumer reads the subject and brings its own
/// state to that version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The id; sorts by time.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// The id of the thing, for example `art_...`.
    pub subject: String,
    /// The version that the thing got by this commit.
    pub version: u64,
    /// Who did it: a principal's name, never a secret.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Names of changed fields; no text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// An event on its way to a consumer.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the feed; the consumer acknowledges by it.
    pub sequence: u64,
    /// The event.
    pub event: Event,
}

/// What a consumer made of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; it need not come again.
    Done,
    /// Something it needs does not answer: the batch ends here and comes again, without limit, order kept.
    Unavailable(String),
    /// It cannot be done: a dead row keeps event and error, and the feed goes on.
    Failed(String),
}

/// Who reads the feed. Each named consumer has its own place in it.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name, for its place in the feed and for dead rows.
    fn name(&self) -> &'static str;

    /// Takes a batch; one outcome for each record, in order; outcomes may end early after an `Unavailable`.
    async fn consume(&self, batch: &[Record]) -> Vec<Outcome>;
}

/// The feed of the main table.
#[async_trait]
pub trait Feed: Send + Sync {
    /// Hands the next batch (at most `limit`) to `consumer`, stores how far it came, writes dead rows (`keys::dead_row`) for
    /// what failed. Answers how many records were settled; 0 when there was nothing or the first was unavailable.
    async fn pump(
        &self,
        consumer: &dyn Consumer,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, Error>;

    /// Returns when there may be something new for `consumer`.
    async fn wait(&self, consumer: &str);

    /// How many events `consumer` has not settled.
    async fn pending(&self, consumer: &str) -> Result<u64, Error>;
}
