//! The window that connects a framed sidebar.

use crate::shell::Shell;
use askama::Template;

/// The window that a framed sidebar opens: it fetches the frame's bearer with the session cookie that the frame lacks.
#[derive(Clone, Template)]
#[template(path = "agent/start.html")]
pub struct StartPage {
    /// Around it.
    pub shell: Shell,
    /// Whether who is signed in may see suggestions.
    pub allowed: bool,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{shell, stranger};

    let agent = StartPage {
        shell: shell(tag),
        allowed: true,
    };
    let customer = StartPage {
        allowed: false,
        ..agent.clone()
    };
    let nobody = StartPage {
        shell: stranger(tag),
        allowed: false,
    };
    vec![agent.render(), customer.render(), nobody.render()]
}
