//! Runs of `import`: what they were asked, and what became of each item.

use super::{Stored, TIMELESS, all, get, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Query, Table, Transaction, Version};
use kb_domain::{Article, ArticleId, ImportId, Locale, Timestamp, Translation};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whether a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Begun, and not ended: `--resume` goes on with it.
    Running,
    /// Every item was seen.
    Done,
    /// It was taken back, but for what was changed since.
    Undone,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The id.
    pub id: ImportId,
    /// Where the items come from; external ids are unique in it.
    pub source: String,
    /// What it was asked, as the command line gave it.
    pub options: serde_json::Value,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether it is over.
    pub state: ImportState,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// A new article or translation.
    Created,
    /// A changed one.
    Updated,
    /// The same as before.
    Unchanged,
    /// Left out, with the reason.
    Skipped,
    /// Could not be done, with the reason.
    Failed,
    /// Taken back.
    Undone,
}

/// One item that wrote something. It is written with what it wrote, and so has the same version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportItem {
    /// Its name in the source.
    pub name: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// The article.
    pub article: ArticleId,
    /// The language of its text.
    pub locale: Locale,
    /// The article before; `None` for one that the item made.
    pub head_before: Option<Article>,
    /// The text before; `None` for one that the item made.
    pub text_before: Option<Translation>,
    /// Old addresses that it claimed.
    pub redirects: Vec<String>,
}

/// The runs of a base.
#[derive(Clone)]
pub struct Imports {
    table: Arc<dyn Table>,
}

impl Imports {
    /// Runs in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// One run.
    pub async fn get(&self, id: ImportId) -> Result<Option<Stored<Import>>, Error> {
        get(&self.table, &keys::import(id), TIMELESS).await
    }

    /// Writes a run, new or over the one that was read at `before`.
    pub fn put(&self, tx: &mut Transaction, import: &Import, before: Option<Version>) {
        let condition = before.map_or(Condition::Absent, Condition::Version);
        tx.put(keys::import(import.id), row("import.1", import), condition);
    }

    /// Records item `n`, in the transaction that writes the article.
    pub fn put_item(&self, tx: &mut Transaction, id: ImportId, n: u64, item: &ImportItem) {
        tx.put(
            keys::import_item(id, n),
            row("import-item.1", item),
            Condition::Any,
        );
    }

    /// Every item that wrote something, by number, each with its version.
    pub async fn items(&self, id: ImportId) -> Result<Vec<Stored<ImportItem>>, Error> {
        let rows = all(
            &self.table,
            Query::partition(keys::import_partition(id), TIMELESS),
        )
        .await?;
        let items = rows.iter().filter(|(key, _)| key.sort != keys::SELF);
        items
            .map(|(key, row)| read::<ImportItem>(key, row))
            .collect()
    }
}
