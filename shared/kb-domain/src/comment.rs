//! Comments of readers and staff on articles.

use crate::clock::Timestamp;
use crate::id::{ArticleId, CommentId, PortalId, UserId};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};

/// Whether readers may comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comments {
    /// No form, and what was written is not shown.
    #[default]
    Off,
    /// A comment is shown at once.
    On,
    /// A comment is shown once somebody who moderates has approved it.
    ApproveFirst,
}

/// Whether a comment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommentState {
    /// To everybody who may read the article.
    Visible,
    /// To its author and those who moderate, until one of them decides.
    Waiting,
    /// To those who moderate.
    Hidden,
}

/// A comment on an article. Whoever may read the article may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Comment {
    /// The id; sorts by time.
    pub id: CommentId,
    /// The article.
    pub article: ArticleId,
    /// The portal that it was written in.
    pub portal: PortalId,
    /// The language of the page that it was written on.
    pub locale: Locale,
    /// Who wrote it, if a person did; told to its author and those who moderate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<UserId>,
    /// What its author is called.
    pub name: String,
    /// Whether its author works here.
    pub by_staff: bool,
    /// The text: plain, with line breaks.
    pub text: String,
    /// Whether it is shown.
    pub state: CommentState,
    /// Whether somebody has answered it.
    pub answered: bool,
    /// Whether it points out an error in the article.
    pub points_out_error: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its author last changed it.
    pub edited_at: Option<Timestamp>,
}
