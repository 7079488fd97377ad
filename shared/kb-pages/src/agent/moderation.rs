//! What readers wrote and somebody is to decide about.

use crate::reader::CommentLine;
use crate::shell::StaffShell;
use askama::Template;

/// A choice among several pages.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it is called.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// A comment in a queue.
#[derive(Clone, Debug)]
pub struct ModerationLine {
    /// Title and address of the article.
    pub article: (String, String),
    /// The language of the title.
    pub lang: String,
    /// The comment.
    pub comment: CommentLine,
    /// Where a decision is sent.
    pub url: String,
    /// The version that the decision is about.
    pub version: u64,
    /// What can be done: its name in the form, and its text.
    pub acts: Vec<(&'static str, String)>,
}

/// The queues of comments.
#[derive(Clone, Template)]
#[template(path = "agent/moderation.html")]
pub struct ModerationPage {
    /// Around it.
    pub shell: StaffShell,
    /// Portals to choose from.
    pub portals: Vec<Choice>,
    /// Queues to choose from.
    pub queues: Vec<Choice>,
    /// The id of the portal that is shown.
    pub portal: String,
    /// The name of the queue that is shown.
    pub queue: &'static str,
    /// Why the last decision was not taken.
    pub fault: Option<String>,
    /// The comments, oldest first.
    pub lines: Vec<ModerationLine>,
    /// The next page of them.
    pub more: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{staff, text};

    let choice = |current| Choice {
        name: text(),
        url: "/x".into(),
        current,
    };
    let line = ModerationLine {
        article: (text(), "/x".into()),
        lang: "en".into(),
        comment: crate::reader::comment_sample(true),
        url: "/x".into(),
        version: 7,
        acts: vec![("approve", text()), ("delete", text())],
    };
    let full = ModerationPage {
        shell: staff(tag),
        portals: vec![choice(true), choice(false)],
        queues: vec![choice(true), choice(false)],
        portal: "prt_1".into(),
        queue: "waiting",
        fault: Some(text()),
        lines: vec![line],
        more: Some("/x".into()),
    };
    let empty = ModerationPage {
        portals: vec![choice(true)],
        fault: None,
        lines: vec![],
        more: None,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
