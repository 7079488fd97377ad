//! What the help desk keeps.

use super::tokens::Grants;
use super::weather::Skies;
use kb_domain::Timestamp;
use std::collections::BTreeMap;

/// All of it.
pub(super) struct State {
    /// The default one first.
    pub languages: Vec<String>,
    pub categories: BTreeMap<u64, Category>,
    pub sections: BTreeMap<u64, Section>,
    pub segments: BTreeMap<u64, Segment>,
    pub articles: BTreeMap<u64, Article>,
    pub clients: Vec<Client>,
    pub grants: Grants,
    pub skies: Skies,
    /// The number of the next thing.
    pub next: u64,
}

/// A category.
pub(super) struct Category {
    pub names: BTreeMap<String, String>,
    pub position: u32,
    pub changed_at: Timestamp,
}

/// A section, in a category and perhaps in another section.
pub(super) struct Section {
    pub category: u64,
    pub parent: Option<u64>,
    pub names: BTreeMap<String, String>,
    pub position: u32,
    pub changed_at: Timestamp,
}

/// Who may read an article.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// What it is called.
    pub name: String,
    /// `signed_in_users`, `staff`, or a word that nobody knows.
    pub user_type: String,
    /// Any of these tags.
    pub or_tags: Vec<String>,
    /// Each of these tags.
    pub tags: Vec<String>,
    /// Any of these groups.
    pub group_ids: Vec<u64>,
}

/// An article.
pub(super) struct Article {
    pub section: u64,
    pub position: u32,
    pub segment: Option<u64>,
    pub labels: Vec<String>,
    pub source: String,
    pub texts: BTreeMap<String, Text>,
    pub files: Vec<File>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub is_archived: bool,
}

/// A text of an article.
pub(super) struct Text {
    pub title: String,
    pub body: String,
    pub is_draft: bool,
    pub changed_at: Timestamp,
}

/// A file of an article.
pub(super) struct File {
    pub id: u64,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

/// Whoever may ask for consent.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub id: String,
    /// Where it is sent back to, each to the letter.
    pub redirects: Vec<String>,
}

impl State {
    pub(super) fn new(languages: &[&str]) -> Self {
        Self {
            languages: languages.iter().map(|l| (*l).to_owned()).collect(),
            categories: BTreeMap::new(),
            sections: BTreeMap::new(),
            segments: BTreeMap::new(),
            articles: BTreeMap::new(),
            clients: Vec::new(),
            grants: Grants::default(),
            skies: Skies::default(),
            next: 360_000_000_001,
        }
    }

    /// A number that nothing has.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}
