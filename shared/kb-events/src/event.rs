//! Events: what a commit says to the rest of the program.

use kb_domain::{EventId, Timestamp};
use kb_store::{Condition, Error, FeedRecord, IndexName, Transaction, keys, repo};
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

impl Event {
    /// The event that a record of the feed carries. Errors: the row is none, or of a kind that this program does not know.
    pub fn of(record: &FeedRecord) -> Result<Self, Error> {
        Ok(repo::read(&record.key, &record.row)?.value)
    }
}

/// Adds the one event of a transaction; the last operation that goes in, so that its version is final.
pub fn put_event(tx: &mut Transaction, event: &Event) {
    let mut row = repo::row("event.1", event);
    row.indexes.insert(
        IndexName::Inverse,
        keys::event_by_subject(&event.subject, event.id),
    );
    tx.put(keys::event(event.at, event.id), row, Condition::Absent);
}
