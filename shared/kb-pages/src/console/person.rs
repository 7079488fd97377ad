//! One person, and what can be done about them.

use super::people::PersonLine;
use crate::account::SessionLine;
use crate::field::Field;
use crate::shell::StaffShell;
use askama::Template;

/// A link that was just made; it is shown once.
#[derive(Clone, Debug)]
pub struct FreshLink {
    /// The whole address.
    pub url: String,
    /// How long it is good, in words.
    pub until: String,
}

/// One person.
#[derive(Clone, Template)]
#[template(path = "console/person.html")]
pub struct PersonPage {
    /// Around it.
    pub shell: StaffShell,
    /// Who.
    pub person: PersonLine,
    /// Whether they have left.
    pub left: bool,
    /// The link that was just made for them.
    pub link: Option<FreshLink>,
    /// Their segments.
    pub segments: Vec<String>,
    /// A segment to be added.
    pub segment: Field,
    /// Where they are signed in.
    pub sessions: Vec<SessionLine>,
    /// Why what was asked for was not done.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::wrong;
    use crate::samples::{staff, text};

    let session = SessionLine {
        id: text(),
        browser: text(),
        times: text(),
        current: false,
    };
    let full = PersonPage {
        shell: staff(tag),
        person: super::people::line_sample(true),
        left: false,
        link: Some(FreshLink {
            url: text(),
            until: text(),
        }),
        segments: vec![text()],
        segment: wrong(),
        sessions: vec![session],
        fault: Some(text()),
    };
    let gone = PersonPage {
        left: true,
        link: None,
        segments: vec![],
        sessions: vec![],
        fault: None,
        ..full.clone()
    };
    vec![full.render(), gone.render()]
}
