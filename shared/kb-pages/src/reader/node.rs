//! A category or section.

use super::{Card, Crumb, Entry};
use crate::shell::Shell;
use askama::Template;

/// The page of a category or section.
#[derive(Clone, Template)]
#[template(path = "reader/node.html")]
pub struct NodePage {
    /// Around it.
    pub shell: Shell,
    /// From the category down, without the node itself.
    pub path: Vec<Crumb>,
    /// What it is about.
    pub description: String,
    /// Sections below it.
    pub sections: Vec<Card>,
    /// Articles in it.
    pub articles: Vec<Entry>,
    /// The next page of articles.
    pub more: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use super::lists::samples::{card, crumb, entry};
    use crate::samples::{shell, text};

    let full = NodePage {
        shell: shell(tag),
        path: vec![crumb()],
        description: text(),
        sections: vec![card()],
        articles: vec![entry()],
        more: Some("/x".into()),
    };
    let empty = NodePage {
        path: vec![],
        description: String::new(),
        sections: vec![],
        articles: vec![],
        more: None,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
