//! Tickets, and the log of what was suggested beside them.

use super::{Stored, TIMELESS, get, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Query, Table, TableName, Transaction, Version};
use kb_domain::{ArticleId, Locale, RevisionId, SuggestionId, Ticket, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tickets by system and id.
#[derive(Clone)]
pub struct Tickets {
    table: Arc<dyn Table>,
}

/// A ticket as kept.
pub type StoredTicket = Stored<Ticket>;

impl Tickets {
    /// Tickets in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// One ticket.
    pub async fn get(&self, system: &str, id: &str) -> Result<Option<StoredTicket>, Error> {
        get(&self.table, &keys::ticket(system, id), TIMELESS).await
    }

    /// Tickets of a system by id, from behind `cursor`.
    pub async fn list(
        &self,
        system: &str,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<(Vec<StoredTicket>, Option<String>), Error> {
        let query = Query {
            limit,
            cursor,
            ..Query::partition(keys::ticket_partition(system), TIMELESS)
        };
        let page = self.table.query(TableName::Main, &query).await?;
        let tickets: Result<Vec<StoredTicket>, Error> =
            page.rows.iter().map(|(key, row)| read(key, row)).collect();
        Ok((tickets?, page.cursor))
    }

    /// Writes a ticket over the one that was read at `before`, if there was one.
    pub fn put(&self, tx: &mut Transaction, ticket: &Ticket, before: Option<Version>) {
        let condition = before.map_or(Condition::Absent, Condition::Version);
        tx.put(
            keys::ticket(&ticket.system, &ticket.id),
            row("ticket.1", ticket),
            condition,
        );
    }
}

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

/// What an agent did with a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionAction {
    /// inserted, copied, opened, dismissed, helpful or undone.
    pub action: String,
    /// link, excerpt or text, for inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The article.
    pub article: ArticleId,
    /// Why it was dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// One answer of the suggestions function. It holds key terms, never the ticket's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuggestionRecord {
    /// The id.
    pub id: SuggestionId,
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub viewer: String,
    /// The door: `api` or `sidebar`.
    pub channel: String,
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
    pub actions: Vec<SuggestionAction>,
}

/// The suggestion log.
#[derive(Clone)]
pub struct SuggestionLog {
    table: Arc<dyn Table>,
}

/// How long an entry is kept, in days.
const KEPT_DAYS: i64 = 400;

impl SuggestionLog {
    /// The log in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// One entry. The id tells the day, and so the partition.
    pub async fn get(&self, id: SuggestionId) -> Result<Option<Stored<SuggestionRecord>>, Error> {
        let Some(made) = id.made_at() else {
            return Ok(None);
        };
        let key = keys::suggestion(made, id);
        let found = self.table.get(TableName::Log, &key, TIMELESS).await?;
        found.map(|row| read(&key, &row)).transpose()
    }

    /// Writes an entry, new or over the one that was read at `before`.
    pub async fn put(
        &self,
        record: &SuggestionRecord,
        before: Option<Version>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = Transaction::new(TableName::Log, now.micros());
        let mut row = row("suggestion.1", record);
        row.expires_at = Some(record.at.unix_seconds() + KEPT_DAYS * 86_400);
        let condition = before.map_or(Condition::Absent, Condition::Version);
        tx.put(
            keys::suggestion(record.id.made_at().unwrap_or(record.at), record.id),
            row,
            condition,
        );
        self.table.commit(tx).await.map(|_| ())
    }
}
