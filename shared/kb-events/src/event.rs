//! Events: what a commit says to the rest of the program.

use crate::actor::Actor;
use crate::cause::{Cause, Change, FirstText};
use kb_domain::{
    ArticleId, CommentId, ConnectionId, EventId, ImportId, KeyId, Locale, NodeId, PortalId,
    RevisionId, Timestamp, UserId,
};
use kb_store::record::{is, read, row};
use kb_store::{Condition, Error, FeedRecord, IndexName, Record, Transaction, keys};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What happened. It names things and holds no text of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
#[non_exhaustive]
pub enum Happened {
    /// An article was made.
    #[serde(rename = "article.created")]
    ArticleCreated {
        /// The article.
        article: ArticleId,
        /// Its first text, if it came with one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<FirstText>,
        /// Why.
        #[serde(default, skip_serializing_if = "Cause::is_edit")]
        cause: Cause,
    },
    /// An article's head changed.
    #[serde(rename = "article.changed")]
    ArticleChanged {
        /// The article.
        article: ArticleId,
        /// Why.
        #[serde(default, skip_serializing_if = "Cause::is_edit")]
        cause: Cause,
    },
    /// An article was taken out of use.
    #[serde(rename = "article.archived")]
    ArticleArchived {
        /// The article.
        article: ArticleId,
        /// Why.
        #[serde(default, skip_serializing_if = "Cause::is_edit")]
        cause: Cause,
    },
    /// An article was brought back into use.
    #[serde(rename = "article.restored")]
    ArticleRestored {
        /// The article.
        article: ArticleId,
    },
    /// A draft was saved.
    #[serde(rename = "translation.saved")]
    TranslationSaved {
        /// The article.
        article: ArticleId,
        /// The language.
        locale: Locale,
        /// The new working revision.
        revision: RevisionId,
        /// Why.
        #[serde(default, skip_serializing_if = "Cause::is_edit")]
        cause: Cause,
    },
    /// A translation became live.
    #[serde(rename = "translation.published")]
    TranslationPublished {
        /// The article.
        article: ArticleId,
        /// The language.
        locale: Locale,
        /// The live revision.
        revision: RevisionId,
        /// Why.
        #[serde(default, skip_serializing_if = "Cause::is_edit")]
        cause: Cause,
    },
    /// A translation stands again as it was before an import, or is a draft again because its source took it back.
    #[serde(rename = "translation.reverted")]
    TranslationReverted {
        /// The article.
        article: ArticleId,
        /// The language.
        locale: Locale,
        /// The import that was taken back, or that took it back.
        cause: Cause,
    },
    /// A portal's tree changed.
    #[serde(rename = "tree.changed")]
    TreeChanged {
        /// The portal.
        portal: PortalId,
        /// The category or section.
        node: NodeId,
        /// What happened to it.
        change: Change,
    },
    /// A portal was made or changed.
    #[serde(rename = "portal.changed")]
    PortalChanged {
        /// The portal.
        portal: PortalId,
        /// What happened to it.
        change: Change,
    },
    /// A ticket was put.
    #[serde(rename = "ticket.put")]
    TicketPut {
        /// The system it lives in.
        system: String,
        /// Its id there.
        ticket: String,
    },
    /// A key was made.
    #[serde(rename = "key.changed")]
    KeyChanged {
        /// The key.
        key: KeyId,
        /// What happened to it.
        change: Change,
    },
    /// A key got a new secret.
    #[serde(rename = "key.rotated")]
    KeyRotated {
        /// The key.
        key: KeyId,
    },
    /// A key was taken back.
    #[serde(rename = "key.revoked")]
    KeyRevoked {
        /// The key.
        key: KeyId,
    },
    /// Somebody came into a segment, or left it.
    #[serde(rename = "segment.changed")]
    SegmentChanged {
        /// The segment.
        segment: String,
        /// The person.
        person: UserId,
        /// Made when they came, deleted when they left.
        change: Change,
    },
    /// A person was invited.
    #[serde(rename = "person.invited")]
    PersonInvited {
        /// The person.
        person: UserId,
    },
    /// A link was made by which a person can sign in once.
    #[serde(rename = "person.link_made")]
    PersonLinkMade {
        /// The person.
        person: UserId,
    },
    /// Somebody who was invited signed in for the first time.
    #[serde(rename = "person.joined")]
    PersonJoined {
        /// The person.
        person: UserId,
    },
    /// A person is gone.
    #[serde(rename = "person.left")]
    PersonLeft {
        /// The person.
        person: UserId,
    },
    /// A person's sessions were ended.
    #[serde(rename = "person.ended_sessions")]
    PersonEndedSessions {
        /// The person.
        person: UserId,
    },
    /// A person was made or changed.
    #[serde(rename = "person.changed")]
    PersonChanged {
        /// The person.
        person: UserId,
        /// What happened to them.
        change: Change,
    },
    /// A person signed in.
    #[serde(rename = "person.signed_in")]
    PersonSignedIn {
        /// The person.
        person: UserId,
    },
    /// A run of `import` began, ended or was taken back.
    #[serde(rename = "import.changed")]
    ImportChanged {
        /// The run.
        import: ImportId,
        /// What happened to it.
        change: Change,
    },
    /// A comment was written, or its author changed its text.
    #[serde(rename = "comment.posted")]
    CommentPosted {
        /// The article.
        article: ArticleId,
        /// The comment.
        comment: CommentId,
        /// The language of the page that it was written on.
        locale: Locale,
    },
    /// A comment was approved, hidden or marked.
    #[serde(rename = "comment.moderated")]
    CommentModerated {
        /// The article.
        article: ArticleId,
        /// The comment.
        comment: CommentId,
        /// The language of the page that it was written on.
        locale: Locale,
    },
    /// A comment was deleted.
    #[serde(rename = "comment.removed")]
    CommentRemoved {
        /// The article.
        article: ArticleId,
        /// The comment.
        comment: CommentId,
        /// The language of the page that it was written on.
        locale: Locale,
    },
    /// A connection to another system was made, changed, consented to or taken back.
    #[serde(rename = "connection.changed")]
    ConnectionChanged {
        /// The connection.
        connection: ConnectionId,
        /// What happened to it.
        change: Change,
    },
    /// Something that a newer program writes, and that is no business of this one.
    #[serde(other, rename = "unknown")]
    Unknown,
}

impl Happened {
    /// The thing it is about, as the `inverse` index names it; events about one thing keep their order.
    pub fn subject(&self) -> String {
        match self {
            Self::ArticleCreated { article, .. }
            | Self::ArticleChanged { article, .. }
            | Self::ArticleArchived { article, .. }
            | Self::ArticleRestored { article }
            | Self::TranslationSaved { article, .. }
            | Self::TranslationPublished { article, .. }
            | Self::TranslationReverted { article, .. }
            | Self::CommentPosted { article, .. }
            | Self::CommentModerated { article, .. }
            | Self::CommentRemoved { article, .. } => article.to_string(),
            Self::TreeChanged { portal, .. } | Self::PortalChanged { portal, .. } => {
                portal.to_string()
            }
            Self::TicketPut { system, ticket } => format!("ticket:{system}:{ticket}"),
            Self::KeyChanged { key, .. } | Self::KeyRotated { key } | Self::KeyRevoked { key } => {
                key.to_string()
            }
            Self::PersonChanged { person, .. }
            | Self::PersonInvited { person }
            | Self::PersonLinkMade { person }
            | Self::PersonJoined { person }
            | Self::PersonLeft { person }
            | Self::PersonEndedSessions { person }
            | Self::SegmentChanged { person, .. }
            | Self::PersonSignedIn { person } => person.to_string(),
            Self::ImportChanged { import, .. } => import.to_string(),
            Self::ConnectionChanged { connection, .. } => connection.to_string(),
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// The article whose parts in the search index it may have made stale.
    pub fn reindexes(&self) -> Option<ArticleId> {
        match self {
            Self::ArticleCreated { article, .. }
            | Self::ArticleChanged { article, .. }
            | Self::ArticleArchived { article, .. }
            | Self::ArticleRestored { article }
            | Self::TranslationPublished { article, .. }
            | Self::TranslationReverted { article, .. } => Some(*article),
            _ => None,
        }
    }
}

/// An event row: audit entry, outbox and wake-up at once. It is a hint: a consumer reads the thing itself and brings its own
/// state to that version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The id; sorts by time.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The version that the thing got by this commit.
    pub version: u64,
    /// Lanes of timers to be looked at, for work that goes out to other systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wakes: Vec<String>,
    /// When the event itself may go; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What happened.
    #[serde(flatten)]
    pub what: Happened,
}

impl Record for Event {
    type Form = Self;
    const KIND: &'static str = keys::EVENT_KIND;
    const VERSION: u32 = 2;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        let subject = keys::event_by_subject(&self.what.subject(), self.id);
        let mut indexes = vec![(IndexName::Inverse, subject)];
        if matches!(self.actor, Actor::Person(_) | Actor::Key(_)) {
            let actor = self.actor.to_string();
            indexes.push((IndexName::Person, keys::event_by_actor(&actor, self.id)));
        }
        indexes
    }

    fn expires_at(&self) -> Option<i64> {
        self.expires_at.map(Timestamp::unix_seconds)
    }

    /// The first version named the thing and the kind, and an actor by display name. What it did not say, such as the
    /// language of a text, it does not say now: such events read as a change of the article.
    fn upgrade(version: u32, body: Value) -> Result<Value, String> {
        if version != 1 {
            return Err(format!("event.{version} was never written"));
        }
        let subject = body["subject"].as_str().unwrap_or_default();
        let kind = body["kind"].as_str().unwrap_or_default();
        let mut upgraded = match kind {
            "article.changed" | "article.state" | "translation.published"
                if subject.parse::<ArticleId>().is_ok() =>
            {
                json!({"kind": "article.changed", "article": subject})
            }
            "portal.changed" => json!({"kind": kind, "portal": subject, "change": "changed"}),
            "key.changed" => json!({"kind": kind, "key": subject, "change": "created"}),
            "ticket.put" => {
                let mut parts = subject.splitn(3, ':').skip(1);
                json!({"kind": kind, "system": parts.next(), "ticket": parts.next()})
            }
            // A saved draft and a change of a tree did not name enough to say more; and what names no article concerns none.
            _ => json!({"kind": "unknown"}),
        };
        let actor = body["actor"].as_str().unwrap_or_default();
        for (name, value) in [
            ("id", body["id"].clone()),
            ("at", body["at"].clone()),
            ("version", body["version"].clone()),
            ("actor", json!(format!("name:{actor}"))),
        ] {
            upgraded[name] = value;
        }
        Ok(upgraded)
    }
}

impl Event {
    /// The event that a record of the feed carries; `None` when a newer program wrote it in a form of its own, which is no
    /// business of this one. Errors: the row is no event.
    pub fn of(record: &FeedRecord) -> Result<Option<Self>, Error> {
        match read::<Self>(&record.key, &record.row) {
            Ok(event) => Ok(Some(event.value)),
            Err(_) if is::<Self>(&record.row) && is_newer(&record.row.kind) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds the one event of a transaction; the last operation that goes in, so that its version is final.
    pub(crate) fn put(&self, tx: &mut Transaction) {
        tx.put(keys::event(self.at, self.id), row(self), Condition::Absent);
    }
}

fn is_newer(kind: &str) -> bool {
    let version = kind.rsplit_once('.').and_then(|(_, v)| v.parse().ok());
    version.is_some_and(|v: u32| v > Event::VERSION)
}

#[cfg(test)]
mod tests;
