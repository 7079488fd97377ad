//! The votes of an export, each read before the article that it is on.

use kb_actions::export::VoteRecord;
use kb_domain::{ArticleId, Vote};
use std::collections::HashMap;

/// Votes that were read, until their article comes.
#[derive(Default)]
pub(super) struct Votes(HashMap<ArticleId, Vec<Vote>>);

impl Votes {
    pub fn add(&mut self, record: VoteRecord) {
        let votes = self.0.entry(record.article).or_default();
        votes.push(record.vote());
    }

    pub fn take(&mut self, article: ArticleId) -> Vec<Vote> {
        self.0.remove(&article).unwrap_or_default()
    }
}
