//! What a trial run finds: what would come in, and who would read it.

use super::Sync;
use crate::translations::has_content;
use kb_domain::remote::{Readership, RemoteArticle, RemoteId, RemotePlace, Shape};
use kb_domain::{Body, BodyFormat, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Names of labels that a report keeps: it is a number beyond.
const LABELS_KEPT: usize = 1_000;

/// A place there, as an admin is shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceName {
    /// Its id there.
    pub id: RemoteId,
    /// Its name, in the language that is theirs first.
    pub name: String,
    /// What it stands in.
    pub parent: Option<RemoteId>,
}

impl PlaceName {
    fn of(place: &RemotePlace, shape: &Shape) -> Self {
        let first = shape.languages.iter().find_map(|l| place.names.get(l));
        let name = first.or_else(|| place.names.values().next());
        Self {
            id: place.id.clone(),
            name: name.cloned().unwrap_or_default(),
            parent: place.parent.clone(),
        }
    }
}

/// What a trial run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was whole; `None` while it goes on.
    pub ended_at: Option<Timestamp>,
    /// The places there, parents before children.
    pub names: Vec<PlaceName>,
    /// What the reader rules there are called.
    pub rule_names: BTreeMap<RemoteId, String>,
    /// Articles that cannot be understood.
    pub unreadable: u64,
    /// Articles that would come in.
    pub articles: u64,
    /// Articles of places that are off.
    pub off: u64,
    /// Articles of which readers see nothing there.
    pub drafts: u64,
    /// Texts that would come in, by language as they write it.
    pub texts: BTreeMap<String, u64>,
    /// Texts of languages that do not come in.
    pub left_out: BTreeMap<String, u64>,
    /// Articles by the place that they stand in.
    pub places: BTreeMap<RemoteId, u64>,
    /// Articles that nobody would read, by the reader rule that is not understood.
    pub unknown: BTreeMap<RemoteId, u64>,
    /// Articles that nobody would read, as every one of their reader rules is not understood.
    pub hidden: u64,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// Pictures in the texts.
    pub pictures: u64,
    /// Files that belong to articles.
    pub files: u64,
}

impl Report {
    /// A report of which nothing is counted yet.
    pub fn begun(at: Timestamp, shape: &Shape) -> Self {
        Self {
            begun_at: at,
            names: shape
                .places
                .iter()
                .map(|p| PlaceName::of(p, shape))
                .collect(),
            rule_names: shape
                .readers
                .iter()
                .map(|(id, rule)| (id.clone(), rule.name.clone()))
                .collect(),
            ..Self::default()
        }
    }

    /// Counts an article.
    pub fn count(&mut self, sync: Sync<'_>, theirs: &RemoteArticle) {
        let mapping = &sync.connection.mapping;
        let Some((place, settings)) = sync.settings(&theirs.places) else {
            self.off += 1;
            return;
        };
        let mut comes_in = false;
        for text in theirs.texts.iter().filter(|text| !text.draft) {
            let language = text.language.clone();
            if mapping.languages.ours(&language).is_none() {
                *self.left_out.entry(language).or_default() += 1;
                continue;
            }
            let body = Body {
                format: BodyFormat::Html,
                source: text.html.clone(),
            };
            if has_content(&body) {
                comes_in = true;
                *self.texts.entry(language).or_default() += 1;
                self.pictures += text.html.matches("<img").count() as u64;
            }
        }
        if !comes_in {
            self.drafts += 1;
            return;
        }
        self.articles += 1;
        self.files += theirs.files.len() as u64;
        *self.places.entry(place).or_default() += 1;
        let room = LABELS_KEPT.saturating_sub(self.labels.len());
        self.labels.extend(theirs.labels.iter().take(room).cloned());
        let system = &sync.connection.system;
        let readership = Readership::of(&theirs.readers, &settings, sync.shape, mapping, system);
        let everybody_unknown = !theirs.readers.is_empty()
            && theirs
                .readers
                .iter()
                .all(|rule| readership.unknown.contains(rule));
        self.hidden += u64::from(everybody_unknown);
        for rule in readership.unknown {
            *self.unknown.entry(rule).or_default() += 1;
        }
    }
}
