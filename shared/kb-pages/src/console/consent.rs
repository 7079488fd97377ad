//! The page between ours and the consent at another system.

use crate::shell::StaffShell;
use askama::Template;

/// The way to the other system, or why the way back was not taken.
#[derive(Clone, Template)]
#[template(path = "console/consent.html")]
pub struct ConsentPage {
    /// Around it.
    pub shell: StaffShell,
    /// The connection.
    pub name: String,
    /// What kind of system it is.
    pub vendor: String,
    /// Where somebody consents.
    pub url: Option<String>,
    /// The connections.
    pub back: String,
    /// Why an answer was not taken.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{staff, text};

    let full = ConsentPage {
        shell: staff(tag),
        name: text(),
        vendor: text(),
        url: Some(text()),
        back: "/console/connections".into(),
        fault: None,
    };
    let refused = ConsentPage {
        url: None,
        fault: Some(text()),
        ..full.clone()
    };
    vec![full.render(), refused.render()]
}
