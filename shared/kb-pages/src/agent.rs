//! The pages beside a ticket: the sidebar, and the demo's inbox around it.

use crate::pages::Language;
use crate::texts::Texts;
use askama::Template;

/// Texts that the sidebar's script shows; it holds none of its own.
const WORDS: [&str; 11] = [
    "word-public",
    "word-internal",
    "word-strong",
    "word-likely",
    "word-weak",
    "word-copied",
    "word-not-copied",
    "word-inserted",
    "word-not-inserted",
    "word-suggested",
    "word-noted",
];

/// The sidebar: a frame without data; what it shows comes by the API with the frame's bearer.
#[derive(Clone, Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    /// The interface.
    pub texts: Texts,
    /// Origins that may frame it, separated by spaces.
    pub origins: String,
    /// System of the ticket in the address; empty when it comes by message.
    pub system: String,
    /// Its id there.
    pub id: String,
    /// Languages an answer can be in: tag and name.
    pub languages: Vec<(String, String)>,
    /// Keys of the texts that the script shows.
    pub words: &'static [&'static str],
}

impl TicketPage {
    /// For a ticket by its address, or by message when both are empty.
    pub fn new(
        texts: Texts,
        origins: &[String],
        (system, id): (String, String),
        languages: Vec<(String, String)>,
    ) -> Self {
        Self {
            texts,
            origins: origins.join(" "),
            system,
            id,
            languages,
            words: &WORDS,
        }
    }
}

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
#[template(path = "inbox.html")]
pub struct InboxPage {
    /// The interface.
    pub texts: Texts,
    /// Who is signed in.
    pub person: String,
    /// Languages of the interface.
    pub languages: Vec<Language>,
    /// Tickets, by id.
    pub tickets: Vec<InboxEntry>,
    /// The next page of them.
    pub more: Option<String>,
    /// The one that is open.
    pub open: Option<OpenTicket>,
}
