//! Search results.

use super::Entry;
use crate::shell::Shell;
use askama::Template;

/// A stretch of a snippet.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it matched.
    pub marked: bool,
}

/// The page of search results.
#[derive(Clone, Template)]
#[template(path = "reader/search.html")]
pub struct SearchPage {
    /// Around it.
    pub shell: Shell,
    /// How many articles match.
    pub total: u64,
    /// Whether there are no more than that.
    pub exact: bool,
    /// Hits: the article with its path, and the snippet.
    pub hits: Vec<(Entry, Vec<Piece>)>,
    /// The next page.
    pub more: Option<String>,
}

impl SearchPage {
    /// Without words the page lists every article.
    fn asked(&self) -> bool {
        !self.shell.query.trim().is_empty()
    }
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use super::lists::samples::entry;
    use crate::samples::{shell, text};

    let piece = |marked| Piece {
        text: text(),
        marked,
    };
    let found = SearchPage {
        shell: shell(tag),
        total: 1,
        exact: true,
        hits: vec![(entry(), vec![piece(false), piece(true)])],
        more: None,
    };
    let many = SearchPage {
        total: 1_000,
        exact: false,
        more: Some("/x".into()),
        ..found.clone()
    };
    let nothing = SearchPage {
        hits: vec![],
        total: 0,
        ..found.clone()
    };
    let nothing_asked = SearchPage {
        shell: Shell {
            query: " ".into(),
            ..shell(tag)
        },
        ..nothing.clone()
    };
    [found, many, nothing, nothing_asked]
        .map(|page| page.render())
        .into()
}
