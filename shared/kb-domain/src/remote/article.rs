//! Articles of another system, and what they stand in.

use super::id::{RemoteId, RemoteVersion};
use super::readers::ReaderRule;
use crate::clock::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// An article as it is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteArticle {
    /// Its id there.
    pub id: RemoteId,
    /// The newest version of the article and its texts.
    pub version: RemoteVersion,
    /// Where it stands, its home first.
    pub places: Vec<RemoteId>,
    /// Its place among its neighbours.
    pub position: Option<u32>,
    /// Any of these rules admits; none: whoever may read the place.
    pub readers: Vec<RemoteId>,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// The language it was written in first, as they write it.
    pub source_language: String,
    /// Its texts, one for each language.
    pub texts: Vec<RemoteText>,
    /// Files that belong to it.
    pub files: Vec<RemoteFile>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Where people read it there.
    pub address: Option<String>,
}

/// A text of an article in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteText {
    /// The language, as they write it.
    pub language: String,
    /// The title.
    pub title: String,
    /// The body, as untrusted HTML.
    pub html: String,
    /// Not for readers there, so not for ours.
    pub draft: bool,
    /// Its own version.
    pub version: RemoteVersion,
}

/// A file that belongs to an article. Its bytes are not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its id there.
    pub id: RemoteId,
    /// Its name.
    pub name: String,
    /// What it says it is.
    pub media_type: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// Where it lies, as it stands in the texts.
    pub address: String,
}

/// A category or section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemotePlace {
    /// Its id: one of all places.
    pub id: RemoteId,
    /// What it stands in.
    pub parent: Option<RemoteId>,
    /// Its name by language, as they write languages.
    pub names: BTreeMap<String, String>,
    /// Its place among its neighbours.
    pub position: u32,
}

/// What articles stand in and who reads them: small, and read whole before each run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The languages, as they write them; the default one first.
    pub languages: Vec<String>,
    /// Categories and sections, parents before children where there is no loop.
    pub places: Vec<RemotePlace>,
    /// Reader rules.
    pub readers: BTreeMap<RemoteId, ReaderRule>,
}

impl Shape {
    /// The place with this id.
    pub fn place(&self, id: &RemoteId) -> Option<&RemotePlace> {
        self.places.iter().find(|place| place.id == *id)
    }

    /// A place and what it stands in, from the inside out. A loop, which nobody should send, ends it.
    pub fn path(&self, id: &RemoteId) -> Vec<&RemotePlace> {
        let mut path: Vec<&RemotePlace> = Vec::new();
        let mut next = self.place(id);
        while let Some(place) = next.filter(|place| path.iter().all(|p| p.id != place.id)) {
            path.push(place);
            next = place.parent.as_ref().and_then(|parent| self.place(parent));
        }
        path
    }
}
