//! The answer as JSON.

use kb_actions::search::PlacedHit;
use kb_domain::{ArticleId, ArticleType, Audience, AudienceId, Kind, Locale};
use kb_http::{PassageAnswer, ReadersAnswer, snippet, strength};
use kb_search::{Facet, Total};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Articles, best first.
    hits: Vec<HitAnswer>,
    /// How many articles match: exact up to 1,000, beside facets up to 10,000.
    total: TotalAnswer,
    /// Values of kind, type, label and language with the number of articles, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    facets: Option<BTreeMap<String, Vec<FacetValue>>>,
}

/// A number of articles: exact (`eq`) or at least (`gte`).
#[derive(Serialize, ToSchema)]
struct TotalAnswer {
    value: u64,
    relation: &'static str,
}

/// One value of a facet.
#[derive(Serialize, ToSchema)]
struct FacetValue {
    value: String,
    count: u64,
}

/// An article found.
#[derive(Serialize, ToSchema)]
pub struct HitAnswer {
    article: ArticleId,
    locale: Locale,
    title: String,
    url: String,
    path: Vec<String>,
    kind: Kind,
    r#type: ArticleType,
    passage: PassageAnswer,
    served: Served,
    /// For staff.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    readers: Option<ReadersAnswer>,
    /// strong, likely or weak; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<String>,
    /// Words of the question that the article holds; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<Vec<String>>,
}

/// The language served, and the one asked for.
#[derive(Serialize, ToSchema)]
struct Served {
    locale: Locale,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Locale>,
}

impl SearchAnswer {
    /// Of hits, total and facets.
    pub fn of(hits: Vec<HitAnswer>, total: Total, facets: Option<Vec<Facet>>) -> Self {
        let relation = if total.is_exact() { "eq" } else { "gte" };
        let values = |facet: Facet| {
            facet
                .values
                .into_iter()
                .map(|(value, count)| FacetValue { value, count })
                .collect()
        };
        Self {
            hits,
            total: TotalAnswer {
                value: total.value,
                relation,
            },
            facets: facets.map(|facets| {
                facets
                    .into_iter()
                    .map(|f| (f.name.clone(), values(f)))
                    .collect()
            }),
        }
    }
}

impl HitAnswer {
    /// Of a hit. `staff` has the audiences by id for those who may be told readers, strength and words.
    pub fn of(
        placed: PlacedHit,
        asked: Option<&Locale>,
        staff: Option<&BTreeMap<AudienceId, Audience>>,
    ) -> Self {
        let hit = placed.hit;
        let readers = |known: &BTreeMap<AudienceId, Audience>| {
            ReadersAnswer::of(hit.audience.and_then(|id| known.get(&id)))
        };
        Self {
            article: hit.article,
            locale: hit.locale.clone(),
            url: placed.url,
            path: placed.path,
            kind: hit.kind,
            r#type: hit.article_type,
            passage: PassageAnswer {
                anchor: hit.anchor,
                heading: hit.heading,
                snippet: snippet(&hit.snippet),
            },
            served: Served {
                locale: hit.locale,
                asked: asked.cloned(),
            },
            readers: staff.map(readers),
            strength: staff.map(|_| strength(hit.strength).to_owned()),
            matched: staff.map(|_| hit.matched),
            title: hit.title,
        }
    }
}
