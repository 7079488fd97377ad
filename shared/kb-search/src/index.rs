//! The search port. Engines know terms, filters and versions; they know no language and no ranking of ours.

use crate::error::Error;
use crate::part::{Part, PartId};
use async_trait::async_trait;
use kb_domain::{ArticleId, AudienceId, Locale, NodeId, PortalId};

/// One term in one field, with its weight.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedTerm {
    /// The field, from the closed list of `fields`.
    pub field: &'static str,
    /// The analysed term; holds letters, digits and underscore only.
    pub term: String,
    /// The weight.
    pub weight: f32,
}

/// One condition on units; all conditions of a query hold together.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// In this portal.
    Portal(PortalId),
    /// In one of these sections.
    Nodes(Vec<NodeId>),
    /// Of this language (`lang=`), the tag's first subtag.
    Language(String),
    /// Of one of these kinds, as in [`kb_domain::Kind::as_str`].
    Kind(Vec<String>),
    /// Of one of these types.
    Type(Vec<String>),
    /// With all of these labels.
    Labels(Vec<String>),
}

/// What a viewer may be shown: the audience ids that admit them, the portals that they may enter, and the versions that an
/// open narrowing hides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bound {
    /// Sorted ids; empty admits nothing.
    pub audiences: Vec<AudienceId>,
    /// Only what stands in one of these portals; `None` when the viewer may enter every portal.
    pub portals: Option<Vec<PortalId>>,
    /// Units of this article (in this language, or in all) with a version below this one are excluded. Of more than 200 an engine
    /// may exclude newer ones as well, until the index has caught up.
    pub hidden: Vec<(ArticleId, Option<Locale>, u64)>,
}

impl Bound {
    /// Whether a part may be shown. A search admits nothing else; what was loaded after it may be newer than what was found.
    pub fn admits(&self, part: &Part) -> bool {
        let seen = part.audience.is_some_and(|a| self.audiences.contains(&a));
        let entered = (self.portals.as_ref())
            .is_none_or(|portals| part.portals.iter().any(|p| portals.contains(p)));
        let hides = |(article, locale, version): &(ArticleId, Option<Locale>, u64)| {
            *article == part.id.article
                && locale.as_ref().is_none_or(|l| *l == part.id.locale)
                && part.version < *version
        };
        seen && entered && !self.hidden.iter().any(hides)
    }
}

/// A flat weighted OR over units.
#[derive(Clone, Debug, Default)]
pub struct UnitQuery {
    /// At most [`UnitQuery::TERMS_MAX`]; none matches everything that the filters admit, newest first.
    pub terms: Vec<WeightedTerm>,
    /// Conditions.
    pub filters: Vec<Filter>,
    /// What the viewer may be shown. Part of the search, never a filter afterwards.
    pub bound: Bound,
    /// How many units at most. Which of those that score alike at the end are among them is the engine's choice, the same
    /// as long as nothing is written.
    pub limit: usize,
    /// What is counted besides.
    pub count: Count,
}

impl UnitQuery {
    /// The most terms, each field counted: with the narrowings of a bound they stay below the 1,024 clauses at which Lucene ends.
    pub const TERMS_MAX: usize = 512;
}

/// What a query counts besides finding the best. Counting more costs a look at more of what matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// Nothing.
    #[default]
    Nothing,
    /// Articles, exactly up to [`Count::ARTICLES`].
    Articles,
    /// Articles, exactly up to [`Count::EVERYTHING`], and the facet values of these at least.
    Facets,
}

impl Count {
    /// Nobody pages deeper than this.
    pub const ARTICLES: u64 = 1_000;
    /// Where counting ends beside facets.
    pub const EVERYTHING: u64 = 10_000;
}

/// One unit found.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitHit {
    /// Which.
    pub id: PartId,
    /// Score in Lucene's measure, rounded to five digits; in a list without terms the second of publishing, as far as a float
    /// holds it.
    pub score: f32,
}

/// Units by (score downwards, id upwards).
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// The units.
    pub hits: Vec<UnitHit>,
    /// Number of distinct articles that match, as far as they were counted.
    pub articles: u64,
    /// Whether `articles` is exact.
    pub exact: bool,
    /// Facet name (`kind`, `type`, `label`, `language`) and value to number of articles.
    pub facets: Vec<(String, String, u64)>,
}

/// A search engine that holds the collection `parts`.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Writes whole documents; one older than what is there is a no-op, and the others are written all the same. One of the
    /// version that is there replaces it. Visible after the next [`SearchIndex::refresh`].
    async fn write(&self, parts: Vec<Part>) -> Result<(), Error>;

    /// Makes what was written visible and durable.
    async fn refresh(&self) -> Result<(), Error>;

    /// Ids and versions of the parts that these articles have, tombstones included, and also what was written and is not
    /// visible yet; sorted.
    async fn parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, Error>;

    /// Articles of which anything is there, tombstones included, in the order of their ids, behind `after`: at most `limit`.
    /// For a comparison of index and store, never in a request.
    async fn articles(
        &self,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<ArticleId>, Error>;

    /// Parts as they were indexed, in the order of `ids`; `None` for one that is not there. What is not visible yet is not
    /// loaded; but a part may be newer than the search that named it, so ask [`Bound::admits`] before it is shown.
    async fn load(&self, ids: &[PartId]) -> Result<Vec<Option<Part>>, Error>;

    /// Removes the tombstones of an article up to a version; whatever became text again, or was laid anew since, stays.
    /// Visible after the next [`SearchIndex::refresh`]; from then on a late write of an older version may come through again.
    async fn forget(&self, article: ArticleId, up_to: u64) -> Result<(), Error>;

    /// A query.
    async fn search(&self, query: &UnitQuery) -> Result<Units, Error>;

    /// The sections in which something of this portal stands that the bound admits, in no particular order.
    async fn places(&self, portal: PortalId, bound: &Bound) -> Result<Vec<NodeId>, Error>;

    /// How many parts the bound admits in each section of this portal, as of the last refresh; those with none are left out.
    async fn sizes(&self, portal: PortalId, bound: &Bound) -> Result<Vec<(NodeId, u64)>, Error>;

    /// Every term of the words field with the number of parts that hold it, sorted, for the lexicon; and the number of parts: of
    /// all, or of those that a bound admits. Of all, the numbers may count what was replaced, until the next [`SearchIndex::merge`].
    async fn terms(&self, bound: Option<&Bound>) -> Result<(Vec<(String, u64)>, u64), Error>;

    /// How many parts the last refresh showed, tombstones included. Costs next to nothing.
    async fn size(&self) -> Result<u64, Error>;

    /// Lets go of what was replaced, which scores count until then, in every engine; answers how many parts of it are left. An
    /// engine keeps what was replaced in the last half minute, so that the one to come again is the caller. For an hour in which
    /// little is written; it reads and writes the whole index.
    async fn merge(&self) -> Result<u64, Error>;
}
