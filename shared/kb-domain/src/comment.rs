//! Comments of readers and staff on articles.

use crate::clock::Timestamp;
use crate::error::Error;
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

/// What is to be done about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommentQueue {
    /// Approve or hide it.
    Waiting,
    /// Shown, and nobody has answered.
    Open,
    /// Shown and answered.
    Answered,
    /// Hidden.
    Hidden,
}

impl CommentQueue {
    /// Every queue.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Open, Self::Answered, Self::Hidden];

    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Hidden => "hidden",
        }
    }
}

/// What somebody who moderates decides about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Show it, also when it was hidden.
    Approve,
    /// Show it to nobody else.
    Hide,
    /// It has been answered.
    Answer,
    /// It has not been answered.
    Reopen,
    /// Delete it.
    Delete,
}

impl Moderation {
    /// Its name in a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Hide => "hide",
            Self::Answer => "answer",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
        }
    }
}

impl CommentQueue {
    /// What can be decided about a comment in it.
    pub fn decisions(self) -> &'static [Moderation] {
        use Moderation::{Answer, Approve, Delete, Hide, Reopen};
        match self {
            Self::Waiting => &[Approve, Hide, Delete],
            Self::Open => &[Answer, Hide, Delete],
            Self::Answered => &[Reopen, Hide, Delete],
            Self::Hidden => &[Approve, Delete],
        }
    }
}

impl Comment {
    /// The queue that it stands in.
    pub fn queue(&self) -> CommentQueue {
        match self.state {
            CommentState::Waiting => CommentQueue::Waiting,
            CommentState::Hidden => CommentQueue::Hidden,
            CommentState::Visible if self.answered => CommentQueue::Answered,
            CommentState::Visible => CommentQueue::Open,
        }
    }

    /// Its fields that can be changed.
    pub fn edit(&self) -> CommentEdit {
        CommentEdit {
            text: self.text.clone(),
            points_out_error: self.points_out_error,
            state: self.state,
            answered: self.answered,
        }
    }
}

/// The longest comment, in characters.
pub const COMMENT_MAX_CHARS: usize = 4_000;

/// What somebody writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentDraft {
    /// Plain text of 1 to 4,000 characters; line breaks are kept.
    pub text: String,
    /// Whether it points out an error in the article.
    #[serde(default)]
    pub points_out_error: bool,
}

/// A comment after a change. Its author changes the text, those who moderate the state and the marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentEdit {
    /// Plain text of 1 to 4,000 characters; line breaks are kept.
    pub text: String,
    /// Whether it points out an error in the article.
    pub points_out_error: bool,
    /// Whether it is shown.
    pub state: CommentState,
    /// Whether somebody has answered it.
    pub answered: bool,
}

impl CommentDraft {
    /// The same without outer blank lines, with one kind of line break and no other control characters.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        let text = self.text.replace("\r\n", "\n");
        let kept = text.chars().filter(|c| !c.is_control() || *c == '\n');
        self.text = kept.collect::<String>().trim().to_owned();
        self
    }

    /// Refuses a text that is empty or too long.
    pub fn check(&self) -> Result<(), Error> {
        let chars = self.text.chars().count();
        if chars == 0 {
            return Err(Error::field("/text", "required", "write something first"));
        }
        if chars > COMMENT_MAX_CHARS {
            let detail = format!("at most {COMMENT_MAX_CHARS} characters; this has {chars}");
            return Err(Error::field("/text", "too_long", detail));
        }
        Ok(())
    }
}
