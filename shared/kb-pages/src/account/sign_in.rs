//! Signing in by a link.

use crate::shell::Shell;
use askama::Template;

/// The page that takes the code of a sign-in link; somebody who is signed in sees who they are.
#[derive(Clone, Template)]
#[template(path = "account/sign_in.html")]
pub struct SignInPage {
    /// Around it.
    pub shell: Shell,
    /// Where one goes afterwards; empty where the link leads.
    pub next: String,
    /// Whether the code that was sent is used or too old.
    pub used: bool,
    /// What is wrong with the code as it was entered.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{shell, stranger};

    let signed_in = SignInPage {
        shell: shell(tag),
        next: crate::samples::text(),
        used: false,
        fault: None,
    };
    let form = SignInPage {
        shell: stranger(tag),
        ..signed_in.clone()
    };
    let used = SignInPage {
        used: true,
        ..form.clone()
    };
    let refused = SignInPage {
        fault: Some(crate::samples::text()),
        ..form.clone()
    };
    let samples = [signed_in, form, used, refused];
    samples.iter().map(Template::render).collect()
}
