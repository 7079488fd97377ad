//! What is counted about suggestions beside a ticket.

use serde::{Deserialize, Serialize};

/// What somebody did with a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuggestionAction {
    /// Put it into the reply.
    Inserted,
    /// Copied its address or text.
    Copied,
    /// Opened the article.
    Opened,
    /// Said that it does not fit.
    Dismissed,
    /// Said that it helped.
    Helpful,
    /// Took an insert out again.
    Undone,
}

/// How a suggestion was put into a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InsertMode {
    /// As a link.
    Link,
    /// As a quoted passage.
    Excerpt,
    /// As the whole text.
    Text,
}

/// The door that something came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The API.
    Api,
    /// The sidebar beside a ticket.
    Sidebar,
}
