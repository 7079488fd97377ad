//! A page that says one thing.

use crate::shell::Shell;
use askama::Template;

/// A page that says something: not found, an error, a problem explained.
#[derive(Clone, Template)]
#[template(path = "reader/message.html")]
pub struct MessagePage {
    /// Around it.
    pub shell: Shell,
    /// What it says.
    pub text: String,
    /// What else might help.
    pub hint: Option<String>,
    /// The id of the request, where it matters.
    pub request: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{shell, stranger, text};

    let failed = MessagePage {
        shell: shell(tag),
        text: text(),
        hint: Some(text()),
        request: Some(text()),
    };
    let absent = MessagePage {
        shell: stranger(tag),
        request: None,
        ..failed.clone()
    };
    vec![failed.render(), absent.render()]
}
