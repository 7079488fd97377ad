//! Runs of `import`: what they were asked, and what became of each item.

use super::articles::ArticleForm;
use super::texts::TranslationForm;
use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored, read, stored_as_is};
use crate::store::{Store, TIMELESS};
use crate::table::{Key, Query};
use kb_domain::{Article, ArticleId, ImportId, Locale, Timestamp, Translation};
use serde::{Deserialize, Serialize};

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

stored_as_is!(Import = "import");

impl Keyed for Import {
    fn key(&self) -> Key {
        keys::import(self.id)
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// An item as stored.
#[derive(Serialize, Deserialize)]
pub struct ImportItemForm {
    name: String,
    outcome: ItemOutcome,
    article: ArticleId,
    locale: Locale,
    head_before: Option<ArticleForm>,
    text_before: Option<TranslationForm>,
    redirects: Vec<String>,
}

impl Record for ImportItem {
    type Form = ImportItemForm;
    const KIND: &'static str = "import-item";

    fn form(&self) -> ImportItemForm {
        ImportItemForm {
            name: self.name.clone(),
            outcome: self.outcome,
            article: self.article,
            locale: self.locale.clone(),
            head_before: self.head_before.as_ref().map(Record::form),
            text_before: self.text_before.as_ref().map(Record::form),
            redirects: self.redirects.clone(),
        }
    }

    fn of(form: ImportItemForm) -> Self {
        Self {
            name: form.name,
            outcome: form.outcome,
            article: form.article,
            locale: form.locale,
            head_before: form.head_before.map(Record::of),
            text_before: form.text_before.map(Record::of),
            redirects: form.redirects,
        }
    }
}

/// Every item of a run that wrote something, by number, each with its version.
pub async fn import_items(store: &Store, id: ImportId) -> Result<Vec<Stored<ImportItem>>, Error> {
    let partition = Query::partition(keys::import_partition(id), TIMELESS);
    let rows = store.rows(partition).await?;
    let items = rows.iter().filter(|(key, _)| key.sort != keys::SELF);
    items.map(|(key, row)| read(key, row)).collect()
}
