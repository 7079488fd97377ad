//! The sidebar beside a ticket.

use crate::shell::StaffShell;
use crate::texts::Texts;
use askama::Template;

/// Texts that the sidebar's script shows; it holds none of its own.
const WORDS: [&str; 14] = [
    "word-strong",
    "word-likely",
    "word-weak",
    "word-copied",
    "word-not-copied",
    "word-inserted",
    "word-not-inserted",
    "word-suggested",
    "word-noted",
    "warning-customers",
    "warning-internal",
    "audience-customers",
    "audience-employees",
    "audience-agents",
];

/// The sidebar: a frame without data; what it shows comes by the API with the frame's bearer.
#[derive(Clone, Template)]
#[template(path = "agent/ticket.html")]
pub struct TicketPage {
    /// Around it.
    pub shell: StaffShell,
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
        let shell = StaffShell {
            texts,
            title: texts.t("sidebar-title"),
            person: None,
            languages: Vec::new(),
            rail: Vec::new(),
        };
        Self {
            shell,
            origins: origins.join(" "),
            system,
            id,
            languages,
            words: &WORDS,
        }
    }
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{shell, text};

    let languages = Texts::LANGUAGES.map(|(tag, name)| (tag.to_owned(), name.to_owned()));
    let page = TicketPage::new(
        shell(tag).texts,
        &[text()],
        (text(), text()),
        languages.into(),
    );
    vec![page.render()]
}
