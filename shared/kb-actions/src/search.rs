//! Search for readers and staff.

use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use crate::{lexicon, reading};
use kb_domain::{ArticleType, Kind, Locale, NodeId, PortalId};
use kb_search::{Facet, Hit, SearchRequest, Total};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct SearchParams {
    /// What was typed.
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

/// Searches what the viewer may see.
pub async fn search(kb: &Kb, ctx: &RequestContext, params: SearchParams) -> Result<Found, Error> {
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
    let lexicon = lexicon::current(kb, &ctx.gate).await;
    let answer = kb_search::search(&*kb.index, &lexicon, &request).await?;
    let hits = place(kb, ctx, answer.hits, params.portal, params.locale.as_ref()).await?;
    Ok(Found {
        hits,
        total: answer.total,
        facets: answer.facets,
    })
}

/// Adds path and address to hits. Nothing is read for a hit: what the viewer may no longer see, the bound of the search has hidden.
pub(crate) async fn place(
    kb: &Kb,
    ctx: &RequestContext,
    hits: Vec<Hit>,
    portal: Option<PortalId>,
    locale: Option<&Locale>,
) -> Result<Vec<PlacedHit>, Error> {
    let mut placed = Vec::with_capacity(hits.len());
    for hit in hits {
        let language = locale.unwrap_or(&hit.locale);
        let Some((path, mut url)) =
            reading::place_of(kb, ctx, &hit.key, &hit.places, portal, language, &hit.title).await?
        else {
            continue;
        };
        if let Some(anchor) = &hit.anchor {
            url.push('#');
            url.push_str(anchor);
        }
        placed.push(PlacedHit { hit, path, url });
    }
    Ok(placed)
}
