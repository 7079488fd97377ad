//! What readers see of a portal.

mod api;
mod article;
mod feedback;
mod home;
mod lists;
mod message;
mod node;
mod search;

pub use api::{ApiLine, ApiPage};
#[cfg(test)]
pub(crate) use article::comment_sample;
pub use article::{ArticlePage, CommentLine, Comments, Outline, OwnComment};
pub use feedback::{Feedback, FeedbackStep};
pub use home::HomePage;
pub use lists::{Card, Crumb, Entry, HomeSection};
pub use message::MessagePage;
pub use node::NodePage;
pub use search::{Piece, SearchPage};

#[cfg(test)]
pub(crate) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    let mut pages = api::samples(tag);
    pages.extend(article::samples(tag));
    pages.extend(home::samples(tag));
    pages.extend(message::samples(tag));
    pages.extend(node::samples(tag));
    pages.extend(search::samples(tag));
    pages
}
