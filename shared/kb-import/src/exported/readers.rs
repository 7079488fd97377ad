//! What readers left on the articles of an export, each read before the article that it is on.

use kb_actions::export::VoteRecord;
use kb_domain::{ArticleId, Comment, Vote};
use std::collections::HashMap;

/// Comments and votes that were read, until their article comes.
#[derive(Default)]
pub(super) struct Readers(HashMap<ArticleId, (Vec<Comment>, Vec<Vote>)>);

impl Readers {
    pub fn add_comment(&mut self, comment: Comment) {
        self.0.entry(comment.article).or_default().0.push(comment);
    }

    pub fn add_vote(&mut self, record: VoteRecord) {
        let of_article = self.0.entry(record.article).or_default();
        of_article.1.push(record.vote());
    }

    pub fn take(&mut self, article: ArticleId) -> (Vec<Comment>, Vec<Vote>) {
        self.0.remove(&article).unwrap_or_default()
    }
}
