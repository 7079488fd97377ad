//! Who may see and change what readers say of an article: its comments, and how they voted.

use super::action::Action;
use super::rule::{Denied, area_of, may};
use super::viewer::Viewer;
use crate::article::Article;
use crate::comment::{Comment, CommentState};

/// Whether `viewer` may see a comment on an article that they may read.
pub fn shows(viewer: &Viewer, article: &Article, comment: &Comment) -> bool {
    match comment.state {
        CommentState::Visible => true,
        CommentState::Waiting => wrote(viewer, comment) || moderates(viewer, article),
        CommentState::Hidden => moderates(viewer, article),
    }
}

/// Whether `viewer` wrote a comment.
pub fn wrote(viewer: &Viewer, comment: &Comment) -> bool {
    comment.author.is_some() && comment.author == viewer.user()
}

/// Errors: `viewer` did not write the comment.
pub fn may_rewrite(viewer: &Viewer, comment: &Comment) -> Result<(), Denied> {
    if wrote(viewer, comment) {
        Ok(())
    } else {
        Err(Denied::Lacks(Action::Moderate))
    }
}

/// Whether `viewer` decides about the comments on an article.
pub fn moderates(viewer: &Viewer, article: &Article) -> bool {
    may(viewer, Action::Moderate, area_of(article)).is_ok()
}

/// Errors: how readers voted is for staff.
pub fn may_see_votes(viewer: &Viewer) -> Result<(), Denied> {
    if viewer.is_staff() {
        Ok(())
    } else {
        Err(Denied::Lacks(Action::Analyze))
    }
}
