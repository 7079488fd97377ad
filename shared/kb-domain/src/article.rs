//! Articles, their translations and revisions, and the transitions between their states.

use crate::audience::Audience;
use crate::clock::Timestamp;
use crate::comment::Comments;
use crate::error::{Error, FieldError};
use crate::id::{ArticleId, AudienceId, NodeId, PortalId, PublicKey, SectionId, UserId};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Labels that an article has at most.
pub const LABELS_MAX: usize = 50;
/// Characters of the longest label.
pub const LABEL_MAX_CHARS: usize = 80;

/// What sort of knowledge an article holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Kind {
    /// Facts and data.
    #[default]
    Explicit,
    /// How to apply facts.
    Implicit,
    /// Experience captured from a person.
    Tacit,
}

impl Kind {
    /// The three kinds.
    pub const ALL: [Self; 3] = [Self::Explicit, Self::Implicit, Self::Tacit];

    /// The word in addresses and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Implicit => "implicit",
            Self::Tacit => "tacit",
        }
    }
}

/// The type of an article: an open list of slugs, seeded with those every base needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArticleType(String);

impl ArticleType {
    /// The types that every base starts with.
    pub const SEEDS: [&'static str; 16] = [
        "faq",
        "product-guide",
        "troubleshooting",
        "company-history",
        "product-details",
        "product-research",
        "industry-research",
        "case-study",
        "kpi-report",
        "manual",
        "fact-sheet",
        "infographic",
        "guide",
        "marketing-graphic",
        "script",
        "white-paper",
    ];

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ArticleType {
    fn default() -> Self {
        Self("guide".to_owned())
    }
}

impl fmt::Display for ArticleType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ArticleType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_slug(text, 40) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::field(
                "/type",
                "slug",
                "a type is 1 to 40 lower-case letters, digits and '-', for example product-guide",
            ))
        }
    }
}

impl TryFrom<String> for ArticleType {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ArticleType> for String {
    fn from(value: ArticleType) -> Self {
        value.0
    }
}

/// Whether `text` is 1 to `max` of a-z, 0-9 and `-`, beginning and ending with a letter or digit.
pub(crate) fn is_slug(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether an article is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum ArticleState {
    /// In use.
    #[default]
    Active,
    /// Out of use, kept with its address and history, and restorable.
    Archived,
}

/// An article stands in a section at a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Placement {
    /// The portal.
    pub portal: PortalId,
    /// The section.
    pub section: SectionId,
    /// Its place in the section, from 0; equal positions are ordered by id.
    pub position: u32,
}

/// Where an article came from, in another system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExternalId {
    /// The system or import source, for example `zendesk:acme` or `jsonl`.
    pub source: String,
    /// Its id there.
    pub id: String,
}

/// The head of an article: everything but its texts. At most 4 KB when stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// The id.
    pub id: ArticleId,
    /// The part of its address that decides.
    pub key: PublicKey,
    /// The sort of knowledge.
    pub kind: Kind,
    /// The type.
    #[serde(rename = "type")]
    pub article_type: ArticleType,
    /// Its home; the first of `placements`.
    pub home: Option<Placement>,
    /// Every section it stands in, home included.
    pub placements: Vec<Placement>,
    /// Who may see it.
    pub audience: Audience,
    /// Labels; a namespace stands before a colon.
    pub labels: Vec<String>,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// The language it is written in first.
    pub source_locale: Locale,
    /// Whether it is in use.
    pub state: ArticleState,
    /// Where it came from.
    pub external: Option<ExternalId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether readers may comment on it; as its portal says, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<Comments>,
}

impl Article {
    /// The interned id of its audience.
    pub fn audience_id(&self) -> AudienceId {
        self.audience.id()
    }

    /// Every section it stands in with its portal, its home first.
    pub fn places(&self) -> Vec<(PortalId, NodeId)> {
        let places = self.placements.iter();
        places
            .map(|p| (p.portal, NodeId::Section(p.section)))
            .collect()
    }

    /// Refuses labels, audiences and placements that break a rule; all faults together.
    pub fn check(&self) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, code: &str, detail: &str| {
            faults.push(FieldError {
                pointer,
                code: code.to_owned(),
                detail: detail.to_owned(),
            });
        };
        if self.labels.len() > LABELS_MAX {
            fault("/labels".into(), "too_many", "at most 50 labels");
        }
        for (n, label) in self.labels.iter().enumerate() {
            let long = !(1..=LABEL_MAX_CHARS).contains(&label.chars().count());
            if long || label.chars().any(|c| c.is_control() || c == ',') || label.trim() != label {
                fault(
                    format!("/labels/{n}"),
                    "label",
                    "a label is 1 to 80 characters without commas, control characters or outer spaces",
                );
            }
        }
        if self.placements.len() > 20 {
            fault(
                "/placements".into(),
                "too_many",
                "an article stands in at most 20 sections",
            );
        }
        if let Err(Error::Fields(more)) = self.audience.check() {
            faults.extend(more);
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(faults))
        }
    }

    /// Takes it out of use. Refused when it is out of use already.
    pub fn archive(&self) -> Result<Self, Error> {
        match self.state {
            ArticleState::Active => Ok(Self {
                state: ArticleState::Archived,
                ..self.clone()
            }),
            ArticleState::Archived => {
                Err(Error::Conflict("the article is archived already".into()))
            }
        }
    }

    /// Brings it back into use with its id, address and history.
    pub fn restore(&self) -> Result<Self, Error> {
        match self.state {
            ArticleState::Archived => Ok(Self {
                state: ArticleState::Active,
                ..self.clone()
            }),
            ArticleState::Active => Err(Error::Conflict("the article is not archived".into())),
        }
    }
}
