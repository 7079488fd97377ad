//! The log of what was suggested beside tickets, and of what was done with it.

use crate::keys;
use crate::record::{Keyed, Record};
use crate::table::{Key, TableName};
use kb_domain::{
    ArticleId, Channel, InsertMode, Locale, RevisionId, SuggestionAction, SuggestionId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// One article that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The article.
    pub article: ArticleId,
    /// Its live revision then.
    pub revision: RevisionId,
    /// The passage.
    pub anchor: Option<String>,
    /// Its place, from 1.
    pub rank: u32,
    /// Its score.
    pub score: f32,
}

/// What somebody did with a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTaken {
    /// What they did.
    pub action: SuggestionAction,
    /// How, for inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<InsertMode>,
    /// The article.
    pub article: ArticleId,
    /// Why it was dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who: the id of a person or key; a name in rows of before.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// One answer of the suggestions function. It holds key terms, never the ticket's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The id.
    pub id: SuggestionId,
    /// When.
    pub at: Timestamp,
    /// Who asked: the id of a person or key; a name in rows of before.
    pub viewer: String,
    /// The door.
    pub channel: Channel,
    /// The ticket's system.
    pub system: String,
    /// The ticket's id there.
    pub ticket: String,
    /// The asker's language.
    pub locale: Option<Locale>,
    /// Key terms.
    pub terms: Vec<String>,
    /// Version of the ranking.
    pub ranker: u32,
    /// What was shown, best first.
    pub shown: Vec<Shown>,
    /// What was done with it, oldest first.
    #[serde(default)]
    pub actions: Vec<ActionTaken>,
}

/// How long an entry is kept, in days.
const KEPT_DAYS: i64 = 400;

impl Record for Suggestion {
    type Form = Self;
    const KIND: &'static str = "suggestion";
    const TABLE: TableName = TableName::Log;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.unix_seconds() + KEPT_DAYS * 86_400)
    }
}

impl Keyed for Suggestion {
    /// The id tells the day, and so the partition.
    fn key(&self) -> Key {
        keys::suggestion(self.id.made_at().unwrap_or(self.at), self.id)
    }
}
