//! The closed list of faults, and the error of this crate.

use serde::{Deserialize, Serialize};

/// What sort of fault an error is. Every crate's error answers `kind()` from this list; `kb-http` maps it to a status once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Absent, or not to be known by this viewer.
    NotFound,
    /// Malformed or rule-breaking input.
    Invalid,
    /// The state does not allow it now.
    Conflict,
    /// The caller's version is not the current one.
    Stale,
    /// The caller did not say who they are.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Too many requests.
    Throttled,
    /// A part that is needed does not answer; a retry may succeed.
    Unavailable,
    /// A part that is needed did not answer in time.
    Timeout,
    /// Ours to mend.
    Internal,
}

/// What a request can name and not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// An article.
    Article,
    /// A translation of an article.
    Translation,
    /// A revision of a translation.
    Revision,
    /// A passage of a text.
    Passage,
    /// A portal.
    Portal,
    /// A category or section.
    Section,
    /// A ticket.
    Ticket,
    /// An entry of the suggestion log.
    Suggestion,
    /// A comment.
    Comment,
    /// The caller's vote on an article.
    Vote,
    /// A person.
    Person,
    /// A signed-in browser of somebody.
    Session,
    /// An API key.
    Key,
    /// A segment.
    Segment,
    /// A connection to another system.
    Connection,
    /// A page or route.
    Page,
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Article => "article",
            Self::Translation => "translation",
            Self::Revision => "revision",
            Self::Passage => "passage",
            Self::Portal => "portal",
            Self::Section => "section",
            Self::Ticket => "ticket",
            Self::Suggestion => "suggestion",
            Self::Comment => "comment",
            Self::Vote => "vote",
            Self::Person => "person",
            Self::Session => "session",
            Self::Key => "key",
            Self::Segment => "segment",
            Self::Connection => "connection",
            Self::Page => "page",
        })
    }
}

/// One field that is wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer of the field in the request body, for example `/title`.
    pub pointer: String,
    /// Stable machine word, for example `required`.
    pub code: String,
    /// A sentence for a person, with the remedy.
    pub detail: String,
}

/// A rule of the domain that the input breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Text that is not of the form a type needs (a locale, an id, a time).
    #[error("{what}: {detail}")]
    Malformed {
        /// What was to be read, for example `locale`.
        what: &'static str,
        /// What is wrong with it, with the remedy.
        detail: String,
    },
    /// One or more fields break a rule.
    #[error("{}", .0.iter().map(|f| format!("{}: {}", f.pointer, f.detail)).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldError>),
    /// The state does not allow the transition.
    #[error("{0}")]
    Conflict(String),
    /// Too many of a kind within a while.
    #[error("{0}")]
    Throttled(String),
    /// There is none, or none that the caller may know of.
    #[error("there is no such {0}")]
    Absent(Resource),
}

impl Error {
    /// One wrong field.
    pub fn field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: detail.into(),
        }])
    }

    /// What is wrong without the name of the field, for those who name it in words of their own.
    pub fn sentence(&self) -> String {
        match self {
            Self::Malformed { detail, .. } => detail.clone(),
            Self::Fields(fields) => {
                let details: Vec<&str> = fields.iter().map(|f| f.detail.as_str()).collect();
                details.join("; ")
            }
            Self::Conflict(sentence) | Self::Throttled(sentence) => sentence.clone(),
            Self::Absent(_) => self.to_string(),
        }
    }

    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. } | Self::Fields(_) => ErrorKind::Invalid,
            Self::Conflict(_) => ErrorKind::Conflict,
            Self::Throttled(_) => ErrorKind::Throttled,
            Self::Absent(_) => ErrorKind::NotFound,
        }
    }
}
