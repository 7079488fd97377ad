//! Comments on articles.

use crate::keys;
use crate::record::{Keyed, stored_as};
use crate::table::{IndexName, Key};
use kb_domain::{ArticleId, Comment, CommentId, CommentState, Locale, PortalId, Timestamp, UserId};

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
        let queue = match self.state {
            CommentState::Waiting => "waiting",
            CommentState::Hidden => "hidden",
            CommentState::Visible if self.answered => "answered",
            CommentState::Visible => "open",
        };
        vec![(IndexName::Queue, keys::comment_queue(self.portal, queue, self.id))]
    }
}

impl Keyed for Comment {
    fn key(&self) -> Key {
        keys::comment(self.article, self.id)
    }
}
