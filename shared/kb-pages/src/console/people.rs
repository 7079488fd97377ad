//! Everybody, and the form that invites somebody.

use crate::field::{Field, Pick};
use crate::shell::StaffShell;
use askama::Template;

/// A person in the list.
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// Their page.
    pub url: String,
    /// What they are called.
    pub name: String,
    /// Their mail address.
    pub mail: String,
    /// How far inside they stand.
    pub level: String,
    /// Their roles.
    pub roles: String,
    /// Segments they belong to.
    pub segments: String,
    /// Whether they may sign in, in words.
    pub state: String,
    /// Whether they have signed in and not left.
    pub active: bool,
}

/// Everybody.
#[derive(Clone, Template)]
#[template(path = "console/people.html")]
pub struct PeoplePage {
    /// Around it.
    pub shell: StaffShell,
    /// People, in the order in which they came.
    pub lines: Vec<PersonLine>,
    /// The next page of them.
    pub more: Option<String>,
    /// What somebody new is called.
    pub name: Field,
    /// Their mail address.
    pub mail: Field,
    /// How far inside they stand.
    pub levels: Vec<Pick>,
    /// The roles that they may be given; none for those who may not grant.
    pub roles: Vec<Pick>,
    /// Segments, separated by commas.
    pub segments: Field,
    /// Whether the form stands open: something is wrong in it.
    pub open: bool,
    /// What is wrong that belongs to no field.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn line_sample(active: bool) -> PersonLine {
    use crate::samples::text;

    PersonLine {
        url: "/console/people/usr_1".into(),
        name: text(),
        mail: text(),
        level: text(),
        roles: text(),
        segments: if active { text() } else { String::new() },
        state: text(),
        active,
    }
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::{staff, text};

    let full = PeoplePage {
        shell: staff(tag),
        lines: vec![line_sample(true), line_sample(false)],
        more: Some("/x".into()),
        name: wrong(),
        mail: wrong(),
        levels: picks(),
        roles: picks(),
        segments: wrong(),
        open: true,
        fault: Some(text()),
    };
    let empty = PeoplePage {
        lines: vec![],
        more: None,
        roles: vec![],
        open: false,
        fault: None,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
