//! Search for readers and staff.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::lexicon;
use crate::urls::{Target, placed};
use kb_domain::{ArticleType, Kind, Locale, NodeId, PortalId};
pub use kb_search::QUESTION_MAX_CHARS;
use kb_search::{Facet, Hit, SearchRequest, Total};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct SearchParams {
    /// What was typed, up to [`QUESTION_MAX_CHARS`].
    pub text: String,
    /// The reader's language.
    pub locale: Option<Locale>,
    /// Only this language.
    pub language: Option<String>,
    /// Only this portal.
    pub portal: Option<PortalId>,
    /// Only what stands in or below this category or section.
    pub node: Option<NodeId>,
    /// Only these kinds.
    pub kinds: Vec<Kind>,
    /// Only these types.
    pub types: Vec<ArticleType>,
    /// Only with all of these labels.
    pub labels: Vec<String>,
    /// How many, 1 to 100.
    pub limit: usize,
    /// How many to skip.
    pub offset: usize,
    /// Whether facets are wanted.
    pub facets: bool,
}

/// A hit with its place.
#[derive(Clone, Debug)]
pub struct PlacedHit {
    /// The hit.
    pub hit: Hit,
    /// Names from the category down.
    pub path: Vec<String>,
    /// The path of its page, with the anchor of the passage.
    pub url: String,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Found {
    /// Hits, best first.
    pub hits: Vec<PlacedHit>,
    /// How many articles match.
    pub total: Total,
    /// Facets, when wanted.
    pub facets: Vec<Facet>,
}

/// Searches what the viewer may see. Errors: the question is too long.
pub async fn search(kb: &Kb, ctx: &RequestContext, params: SearchParams) -> Result<Found, Error> {
    if params.text.chars().nth(QUESTION_MAX_CHARS).is_some() {
        return Err(too_long().into());
    }
    let nodes = match (params.node, params.portal) {
        (Some(node), Some(portal)) => Some(kb.tree(&ctx.gate, portal).await?.value.subtree(node)),
        _ => None,
    };
    let request = SearchRequest {
        text: params.text,
        locale: params.locale.clone(),
        language: params.language,
        portal: params.portal,
        nodes,
        kinds: params.kinds,
        types: params.types,
        labels: params.labels,
        bound: ctx.bound(),
        limit: params.limit,
        offset: params.offset,
        facets: params.facets,
    };
    let lexicons = lexicon::current(kb, &ctx.gate).await;
    let lexicon = lexicons.for_viewer(ctx.viewer.oversees());
    let answer = kb_search::search(&**kb.index(), lexicon, &request).await?;
    let hits = answer.hits.into_iter().map(|hit| (hit, ())).collect();
    let placed = place(kb, ctx, hits, params.portal, params.locale.as_ref()).await?;
    let hits = placed.into_iter().map(|(hit, ())| hit).collect();
    Ok(Found {
        hits,
        total: answer.total,
        facets: answer.facets,
    })
}

/// What is said of a question that is too long.
pub fn too_long() -> kb_domain::Error {
    kb_domain::Error::Malformed {
        what: "q",
        detail: format!("at most {QUESTION_MAX_CHARS} characters; ask in fewer words"),
    }
}

/// Adds path and address to hits, each of which may bring something along. Nothing is read for a hit: what the viewer may no
/// longer see, the bound of the search has hidden.
pub(crate) async fn place<T>(
    kb: &Kb,
    ctx: &RequestContext,
    hits: Vec<(Hit, T)>,
    portal: Option<PortalId>,
    locale: Option<&Locale>,
) -> Result<Vec<(PlacedHit, T)>, Error> {
    let mut found = Vec::with_capacity(hits.len());
    for (hit, with) in hits {
        let target = Target {
            key: &hit.key,
            title: &hit.title,
            places: &hit.places,
        };
        let language = locale.unwrap_or(&hit.locale);
        let Some((path, mut url)) = placed(kb, ctx, target, portal, language).await? else {
            continue;
        };
        if let Some(anchor) = &hit.anchor {
            url.push('#');
            url.push_str(anchor);
        }
        found.push((PlacedHit { hit, path, url }, with));
    }
    Ok(found)
}
