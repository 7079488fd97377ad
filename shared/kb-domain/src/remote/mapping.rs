//! What an admin says of another system's languages, places and readers.

use super::article::Shape;
use super::id::RemoteId;
use crate::audience::{Audience, Clause, Level};
use crate::id::{PortalId, SectionId};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Their languages and ours. The way back is stored and never worked out: of two that fold to one locale only one has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Languages {
    /// Ours of theirs.
    ours: BTreeMap<String, Locale>,
    /// Theirs of ours.
    theirs: BTreeMap<Locale, String>,
}

impl Languages {
    /// The locale here of a language there; `None` for one that is left out.
    pub fn ours(&self, theirs: &str) -> Option<&Locale> {
        self.ours.get(theirs)
    }

    /// The language there of a locale here.
    pub fn theirs(&self, ours: &Locale) -> Option<&str> {
        self.theirs.get(ours).map(String::as_str)
    }

    /// With the languages that are not mapped yet, in the order in which they are given, the default one first: the first that folds
    /// to a locale has it. What is mapped stays as it is. Answers as well those that are left out, since they are no locale or
    /// another one has theirs.
    pub fn with(&self, languages: &[String]) -> (Self, BTreeSet<String>) {
        let (mut after, mut left_out) = (self.clone(), BTreeSet::new());
        for language in languages {
            if after.ours.contains_key(language) {
                continue;
            }
            let folded: Option<Locale> = language.parse().ok();
            match folded.filter(|locale| !after.theirs.contains_key(locale)) {
                Some(locale) => after.pair(language, locale),
                None => _ = left_out.insert(language.clone()),
            }
        }
        (after, left_out)
    }

    /// With a language mapped by hand. Whatever had the language or the locale before has none.
    #[must_use]
    pub fn saying(&self, theirs: &str, ours: Locale) -> Self {
        let mut after = self.clone();
        if let Some(before) = after.ours.remove(theirs) {
            after.theirs.remove(&before);
        }
        if let Some(before) = after.theirs.remove(&ours) {
            after.ours.remove(&before);
        }
        after.pair(theirs, ours);
        after
    }

    fn pair(&mut self, theirs: &str, ours: Locale) {
        self.theirs.insert(ours.clone(), theirs.to_owned());
        self.ours.insert(theirs.to_owned(), ours);
    }

    /// Every language that is mapped, with its locale.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Locale)> {
        self.ours
            .iter()
            .map(|(theirs, ours)| (theirs.as_str(), ours))
    }
}

/// Which way the articles of a place go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From there to here: they are read-only here.
    #[default]
    In,
    /// From here to there.
    Out,
    /// Not at all.
    Off,
}

/// What an admin says of a place. What is not said is as it is in the place around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRule {
    /// Which way its articles go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// Who reads what has no rule of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// The portal in which it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<PortalId>,
    /// The section of ours that stands for it, instead of one that is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<SectionId>,
}

/// What holds for a place once the places around it are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceSettings {
    /// Which way.
    pub way: Way,
    /// Who reads; `None` while nobody has said.
    pub audience: Option<Audience>,
    /// In which portal; `None` while nobody has said.
    pub portal: Option<PortalId>,
    /// The section of ours that stands for this very place.
    pub section: Option<SectionId>,
}

impl PlaceSettings {
    /// Who reads what has no rule of its own: agents, while nobody has said.
    pub fn readers(&self) -> Audience {
        let said = self.audience.clone();
        said.unwrap_or_else(|| Audience::level(Level::Agent))
    }
}

/// All that an admin says of what comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Languages.
    pub languages: Languages,
    /// What holds for every place that says nothing else.
    pub everywhere: PlaceRule,
    /// Places.
    pub places: BTreeMap<RemoteId, PlaceRule>,
    /// Their reader rules that one clause of ours stands for, by an admin's word.
    pub readers: BTreeMap<RemoteId, Clause>,
}

impl Mapping {
    /// What holds for a place. One that is not in the shape is asked for by itself, so that an article is not opened by standing
    /// nowhere.
    pub fn settings(&self, place: &RemoteId, shape: &Shape) -> PlaceSettings {
        let path = shape.path(place);
        let ids = path
            .iter()
            .map(|p| &p.id)
            .chain(path.is_empty().then_some(place));
        let said = ids.filter_map(|id| self.places.get(id));
        let rules: Vec<&PlaceRule> = said.chain([&self.everywhere]).collect();
        PlaceSettings {
            way: rules.iter().find_map(|r| r.way).unwrap_or_default(),
            audience: rules.iter().find_map(|r| r.audience.clone()),
            portal: rules.iter().find_map(|r| r.portal),
            section: self.places.get(place).and_then(|r| r.section),
        }
    }
}
