//! What is asked of search and what it answers, the same for every engine.

use crate::index::Bound;
use kb_domain::{
    ArticleId, ArticleType, AudienceId, Kind, Locale, NodeId, PortalId, PublicKey, RevisionId,
    Ticket,
};
use serde::{Deserialize, Serialize};

/// A search of a reader or of staff.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    /// What was typed, up to [`crate::QUESTION_MAX_CHARS`]. Empty lists what the filters admit, newest first.
    pub text: String,
    /// The reader's language: a preference, never a filter.
    pub locale: Option<Locale>,
    /// Only this language.
    pub language: Option<String>,
    /// Only this portal.
    pub portal: Option<PortalId>,
    /// Only these sections (a subtree, expanded).
    pub nodes: Option<Vec<NodeId>>,
    /// Only these kinds.
    pub kinds: Vec<Kind>,
    /// Only these types.
    pub types: Vec<ArticleType>,
    /// Only with all of these labels.
    pub labels: Vec<String>,
    /// What the viewer may be shown.
    pub bound: Bound,
    /// How many hits, 1 to 100.
    pub limit: usize,
    /// How many to skip; deep paging ends at 1,000.
    pub offset: usize,
    /// Whether facets are wanted.
    pub facets: bool,
}

/// A request for suggestions beside a ticket.
#[derive(Clone, Debug)]
pub struct SuggestRequest {
    /// The ticket with its whole conversation.
    pub ticket: Ticket,
    /// The agent's or requester's language: a preference.
    pub locale: Option<Locale>,
    /// Only this portal.
    pub portal: Option<PortalId>,
    /// What the viewer may be shown.
    pub bound: Bound,
    /// How many, 1 to 20.
    pub limit: usize,
}

/// A number of articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// `eq` or `gte`.
    pub relation: Relation,
}

impl Total {
    /// Whether there are no more than that.
    pub fn is_exact(self) -> bool {
        self.relation == Relation::Eq
    }
}

/// Whether a total is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Exact.
    Eq,
    /// At least.
    Gte,
}

/// How well a suggestion or hit fits; told to staff only, in place of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Some of what was asked.
    Weak,
    /// Much of it.
    Likely,
    /// Most of it.
    Strong,
}

/// A stretch of a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnippetPiece {
    /// The text as it stands in the article.
    pub text: String,
    /// Whether it matched.
    pub marked: bool,
}

/// An article found, with the passage to show.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The article.
    pub article: ArticleId,
    /// What its page's address begins with.
    pub key: PublicKey,
    /// The language of the part that was found.
    pub locale: Locale,
    /// Its live revision.
    pub revision: RevisionId,
    /// Who may see it.
    pub audience: Option<AudienceId>,
    /// Where it stands.
    pub places: Vec<(PortalId, NodeId)>,
    /// Sort of knowledge.
    pub kind: Kind,
    /// Type.
    pub article_type: ArticleType,
    /// Labels.
    pub labels: Vec<String>,
    /// Title.
    pub title: String,
    /// Where the passage begins in the page; absent for text before the first heading.
    pub anchor: Option<String>,
    /// The passage's heading.
    pub heading: Option<String>,
    /// The passage, cut to what is shown, at most about 200 characters, with marks.
    pub snippet: Vec<SnippetPiece>,
    /// The words of the query, as typed, that the article holds; for staff.
    pub matched: Vec<String>,
    /// How well it fits; for staff.
    pub strength: Strength,
    /// For ordering and the log; shown to nobody.
    pub score: f32,
}

/// Values of one facet with the number of articles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// `kind`, `type`, `label` or `language`.
    pub name: String,
    /// Value and number, most frequent first.
    pub values: Vec<(String, u64)>,
}

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct SearchAnswer {
    /// Articles, best first.
    pub hits: Vec<Hit>,
    /// How many articles match.
    pub total: Total,
    /// Facets, when wanted.
    pub facets: Vec<Facet>,
}

/// Why an article is suggested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Words of the ticket, as written there, that the article holds, most telling first; at most 5.
    pub terms: Vec<String>,
    /// Heading of the passage.
    pub heading: Option<String>,
}

/// The answer to a request for suggestions.
#[derive(Clone, Debug)]
pub struct SuggestAnswer {
    /// Key terms of the ticket, as written there and in that order.
    pub terms: Vec<String>,
    /// Articles above the floor, best first, each with its reason.
    pub hits: Vec<(Hit, Reason)>,
}
