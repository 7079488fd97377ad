//! Comments on articles.

use crate::keys;
use crate::record::{Keyed, Record, stored_as};
use crate::table::{IndexName, Key};
use kb_domain::{ArticleId, Comment, CommentId, CommentState, Locale, PortalId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

stored_as! { Comment = "comment",
    /// A comment as stored.
    CommentForm {
        id: CommentId,
        article: ArticleId,
        portal: PortalId,
        locale: Locale,
        author: Option<UserId>,
        name: String,
        by_staff: bool,
        text: String,
        state: CommentState,
        answered: bool,
        points_out_error: bool,
        created_at: Timestamp,
        edited_at: Option<Timestamp>,
    }

    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        let position = keys::comment_position(self.portal, self.queue(), self.id);
        vec![(IndexName::Queue, position)]
    }
}

impl Keyed for Comment {
    fn key(&self) -> Key {
        keys::comment(self.article, self.id)
    }
}

/// That somebody has posted a text, for a day: a form that is sent twice posts it once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The comment.
    pub comment: CommentId,
    /// When.
    pub at: Timestamp,
}

impl Record for Posted {
    type Form = Self;
    const KIND: &'static str = "posted";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.plus_seconds(86_400).unix_seconds())
    }
}

/// When somebody posted comments lately, so that nobody posts without end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PostedLately {
    /// The key of whoever posted.
    pub who: String,
    /// When, oldest first.
    pub at: Vec<Timestamp>,
}

impl Record for PostedLately {
    type Form = Self;
    const KIND: &'static str = "posted-lately";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn expires_at(&self) -> Option<i64> {
        self.at
            .last()
            .map(|at| at.plus_seconds(86_400).unix_seconds())
    }
}

impl Keyed for PostedLately {
    fn key(&self) -> Key {
        keys::posted_lately(&self.who)
    }
}
