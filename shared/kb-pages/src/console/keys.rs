//! API keys.

use crate::field::{Field, Pick};
use crate::shell::StaffShell;
use askama::Template;

/// A key in the list.
#[derive(Clone, Debug)]
pub struct KeyLine {
    /// Where decisions about it are sent.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// The beginning of its secret; empty for one of before.
    pub prefix: String,
    /// What it may do.
    pub scopes: String,
    /// How far inside it stands.
    pub level: String,
    /// When it ends.
    pub ends: String,
    /// Whether it is over.
    pub over: bool,
}

/// A secret that was just made; it is shown once.
#[derive(Clone, Debug)]
pub struct FreshKey {
    /// What the key is called.
    pub name: String,
    /// The secret.
    pub secret: String,
}

/// Every key, and the form that makes one.
#[derive(Clone, Template)]
#[template(path = "console/keys.html")]
pub struct KeysPage {
    /// Around it.
    pub shell: StaffShell,
    /// The secret that was just made.
    pub fresh: Option<FreshKey>,
    /// The keys, the oldest first.
    pub lines: Vec<KeyLine>,
    /// What a new one is called.
    pub name: Field,
    /// What it may do.
    pub scopes: Vec<Pick>,
    /// How far inside it stands.
    pub levels: Vec<Pick>,
    /// How long it is good.
    pub spans: Vec<Pick>,
    /// Whether the form stands open: something is wrong in it.
    pub open: bool,
    /// Why what was asked for was not done.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::{staff, text};

    let line = |over: bool| KeyLine {
        url: "/console/keys/key_1".into(),
        name: text(),
        prefix: if over { String::new() } else { text() },
        scopes: text(),
        level: text(),
        ends: text(),
        over,
    };
    let full = KeysPage {
        shell: staff(tag),
        fresh: Some(FreshKey {
            name: text(),
            secret: text(),
        }),
        lines: vec![line(false), line(true)],
        name: wrong(),
        scopes: picks(),
        levels: picks(),
        spans: picks(),
        open: true,
        fault: Some(text()),
    };
    let empty = KeysPage {
        fresh: None,
        lines: vec![],
        open: false,
        fault: None,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
