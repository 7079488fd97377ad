//! The start page of a portal.

use super::Card;
use crate::shell::Shell;
use askama::Template;

/// The start page of a portal.
#[derive(Clone, Template)]
#[template(path = "reader/home.html")]
pub struct HomePage {
    /// Around it.
    pub shell: Shell,
    /// Categories, in order.
    pub categories: Vec<Card>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use super::lists::samples::card;
    use crate::samples::shell;

    let bare = Card {
        description: String::new(),
        children: vec![],
        ..card()
    };
    let full = HomePage {
        shell: shell(tag),
        categories: vec![card(), bare],
    };
    let empty = HomePage {
        categories: vec![],
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
