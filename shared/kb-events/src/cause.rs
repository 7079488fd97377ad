//! What stands in events beside the thing that they are about.

use kb_domain::{ImportId, Locale, RevisionId};
use serde::{Deserialize, Serialize};

/// Why something was written, where it was not simply done by its actor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The actor did it.
    #[default]
    Edit,
    /// An import brought it.
    Import(ImportId),
    /// An import was taken back.
    Undo(ImportId),
}

impl Cause {
    pub(crate) fn is_edit(&self) -> bool {
        *self == Self::Edit
    }
}

/// What happened to a thing that is one of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was made.
    Created,
    /// It was changed.
    Changed,
    /// It was opened to its readers.
    Opened,
    /// It was closed.
    Closed,
    /// It was removed.
    Deleted,
    /// A run of it ended.
    Finished,
    /// It was taken back.
    Undone,
}

/// A text that came with a new article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstText {
    /// Its language.
    pub locale: Locale,
    /// Its revision.
    pub revision: RevisionId,
    /// Whether it was live at once.
    pub live: bool,
}
