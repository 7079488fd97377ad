//! The demo's inbox around the sidebar.

use crate::shell::StaffShell;
use askama::Template;

/// A ticket in the list.
#[derive(Clone, Debug)]
pub struct InboxEntry {
    /// Its subject, or the beginning of its text.
    pub subject: String,
    /// Who asked.
    pub from: String,
    /// The language of the ticket.
    pub lang: String,
    /// Its address.
    pub url: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// A message of a conversation.
#[derive(Clone, Debug)]
pub struct InboxMessage {
    /// customer, agent or system: the key of its text.
    pub author: &'static str,
    /// When: for machines and for people.
    pub at: Option<(String, String)>,
    /// Its lines.
    pub lines: Vec<String>,
}

/// The ticket that is open.
#[derive(Clone, Debug)]
pub struct OpenTicket {
    /// Its subject.
    pub subject: String,
    /// Its language.
    pub lang: String,
    /// Everybody an answer goes to.
    pub recipients: Vec<String>,
    /// The conversation, oldest first.
    pub messages: Vec<InboxMessage>,
    /// Where a reply is sent.
    pub reply: String,
    /// The reply that was not taken, to be mended; empty at first.
    pub draft: String,
    /// Why it was not taken.
    pub fault: Option<String>,
    /// The ticket as the sidebar is told it.
    pub json: String,
}

/// The demo's inbox.
#[derive(Clone, Template)]
#[template(path = "agent/inbox.html")]
pub struct InboxPage {
    /// Around it.
    pub shell: StaffShell,
    /// Tickets, by id.
    pub tickets: Vec<InboxEntry>,
    /// The next page of them.
    pub more: Option<String>,
    /// The one that is open.
    pub open: Option<OpenTicket>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{HOSTILE, staff, text};

    let message = |author| InboxMessage {
        author,
        at: Some(("2026-11-24".into(), "24 November 2026".into())),
        lines: vec![text(), String::new(), format!("> {HOSTILE}")],
    };
    let undated = InboxMessage {
        at: None,
        ..message("customer")
    };
    let open = OpenTicket {
        subject: text(),
        lang: "en".into(),
        recipients: vec![text()],
        messages: vec![undated, message("agent"), message("system")],
        reply: "/x".into(),
        draft: text(),
        fault: Some(text()),
        json: format!("{{\"subject\":\"{HOSTILE}\"}}"),
    };
    let entry = InboxEntry {
        subject: text(),
        from: text(),
        lang: "en".into(),
        url: "/x".into(),
        current: true,
    };
    let full = InboxPage {
        shell: staff(tag),
        tickets: vec![entry],
        more: Some("/x".into()),
        open: Some(open),
    };
    let empty = InboxPage {
        tickets: vec![],
        more: None,
        open: None,
        ..full.clone()
    };
    vec![full.render(), empty.render()]
}
