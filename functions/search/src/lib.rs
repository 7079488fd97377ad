#![doc = include_str!("../README.md")]

pub mod answer;

use answer::{HitAnswer, SearchAnswer};
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use kb_actions::search::{self, SearchParams};
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_domain::{ArticleType, Kind, Locale, NodeId, Resource};
use kb_http::{
    Answer, Api, Caller, Deps, Operation, Param, Policy, Rejection, SchemaOf, StrictQuery,
};
use serde::Deserialize;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Read,
    log: TableAccess::Nothing,
    index: IndexAccess::Search,
    blobs: &[],
    keys: false,
    stream: false,
};

/// The routes of this function.
pub fn routes() -> Api {
    let operation = Operation {
        method: Method::GET,
        path: "/api/v1/search",
        policy: Policy::Anybody,
        summary: "Articles that answer a question, best first",
        query: &[
            Param(
                "q",
                "what was typed; without it the newest articles are listed",
            ),
            Param("locale", "the reader's language: a preference"),
            Param("lang", "only this language"),
            Param("portal", "only this portal, by id or handle"),
            Param(
                "section",
                "only what stands in or below this category or section; needs portal",
            ),
            Param("kind", "explicit, implicit or tacit; several with commas"),
            Param("type", "only these types, with commas"),
            Param("label", "only with all of these labels, with commas"),
            Param("limit", "1 to 100, 20 by default"),
            Param("offset", "how many to skip, up to 1,000"),
            Param(
                "facets",
                "true: count kind, type, label and language over all that matches",
            ),
        ],
        if_match: false,
        body: None,
        answer: (200, Some(SchemaOf::of::<SearchAnswer>())),
    };
    Api::new().route(operation, get(handle))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    q: String,
    locale: Option<String>,
    lang: Option<String>,
    portal: Option<String>,
    section: Option<String>,
    kind: Option<String>,
    r#type: Option<String>,
    label: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    #[serde(default)]
    facets: bool,
}

async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<Query>,
) -> Result<Answer, Rejection> {
    let parameter =
        |name: &'static str| move |e: kb_domain::Error| Rejection::parameter(name, e.to_string());
    let locale = query
        .locale
        .as_deref()
        .map(str::parse::<Locale>)
        .transpose()
        .map_err(parameter("locale"))?;
    let language = query
        .lang
        .as_deref()
        .map(str::parse::<Locale>)
        .transpose()
        .map_err(parameter("lang"))?;
    let portals = kb_actions::portals::list(&deps.kb, &ctx).await?;
    let portal = match query.portal.as_deref() {
        None => None,
        Some(wanted) => {
            let found = portals
                .iter()
                .find(|p| p.value.handle == wanted || p.value.id.to_string() == wanted);
            Some(
                found
                    .ok_or(kb_actions::Error::NotFound(Resource::Portal))?
                    .value
                    .id,
            )
        }
    };
    let kinds = list(query.kind.as_deref()).map(|k| {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == k)
            .ok_or_else(|| Rejection::parameter("kind", "one of explicit, implicit, tacit"))
    });
    let offset = query.offset.unwrap_or(0);
    if offset > kb_search::DEEPEST {
        let detail = format!("0 to {}; ask more narrowly", kb_search::DEEPEST);
        return Err(Rejection::parameter("offset", detail));
    }
    let params = SearchParams {
        text: query.q,
        language: language.map(|l| {
            l.script()
                .map_or(l.language().to_owned(), |_| l.to_string())
        }),
        portal,
        node: query
            .section
            .as_deref()
            .map(str::parse::<NodeId>)
            .transpose()
            .map_err(parameter("section"))?,
        kinds: kinds.collect::<Result<_, _>>()?,
        types: list(query.r#type.as_deref())
            .map(str::parse::<ArticleType>)
            .collect::<Result<_, _>>()
            .map_err(parameter("type"))?,
        labels: list(query.label.as_deref()).map(str::to_owned).collect(),
        limit: kb_http::limit(query.limit)?,
        offset,
        facets: query.facets,
        locale: locale.clone(),
    };
    let found = search::search(&deps.kb, &ctx, params).await?;
    let staff = ctx.viewer.is_staff();
    let hits = found
        .hits
        .into_iter()
        .map(|hit| HitAnswer::of(hit, locale.as_ref(), staff))
        .collect();
    let facets = query.facets.then_some(found.facets);
    Ok(Answer::ok(&SearchAnswer::of(hits, found.total, facets)))
}

fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|t| !t.is_empty())
}
