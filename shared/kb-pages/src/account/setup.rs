//! Setting up a fresh base.

use crate::field::{Field, Pick};
use crate::shell::Shell;
use askama::Template;

/// The form that makes the first admin, and the first portal where there is none.
#[derive(Clone, Template)]
#[template(path = "account/setup.html")]
pub struct SetupPage {
    /// Around it.
    pub shell: Shell,
    /// The code of the link.
    pub code: Field,
    /// What the admin is called.
    pub name: Field,
    /// Their mail address.
    pub mail: Field,
    /// What the first portal is called; absent where there is one.
    pub portal: Option<Field>,
    /// Languages to choose from.
    pub languages: Vec<Pick>,
    /// Who may enter the portal.
    pub entries: Vec<Pick>,
    /// Whether the code that was sent is used or too old.
    pub used: bool,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::stranger;

    let full = SetupPage {
        shell: stranger(tag),
        code: wrong(),
        name: wrong(),
        mail: wrong(),
        portal: Some(wrong()),
        languages: picks(),
        entries: picks(),
        used: true,
    };
    let empty = SetupPage {
        code: Field::default(),
        name: Field::default(),
        mail: Field::default(),
        portal: None,
        used: false,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
