//! One's own account.

use crate::field::{Field, Pick};
use crate::shell::Shell;
use askama::Template;

/// A browser in which somebody is signed in.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// The id of the session.
    pub id: String,
    /// What the browser is called.
    pub browser: String,
    /// Since when, and when it was last used.
    pub times: String,
    /// Whether it is this one.
    pub current: bool,
}

/// Name, language, and where one is signed in.
#[derive(Clone, Template)]
#[template(path = "account/account.html")]
pub struct AccountPage {
    /// Around it.
    pub shell: Shell,
    /// What one is called.
    pub name: Field,
    /// One's mail address.
    pub mail: Option<String>,
    /// Languages to choose from.
    pub languages: Vec<Pick>,
    /// Where one is signed in.
    pub sessions: Vec<SessionLine>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::{shell, text};

    let line = |current| SessionLine {
        id: text(),
        browser: text(),
        times: text(),
        current,
    };
    let full = AccountPage {
        shell: shell(tag),
        name: wrong(),
        mail: Some(text()),
        languages: picks(),
        sessions: vec![line(true), line(false)],
    };
    let alone = AccountPage {
        mail: None,
        sessions: vec![line(true)],
        ..full.clone()
    };
    vec![full.render(), alone.render()]
}
