#![doc = include_str!("../README.md")]

pub mod answer;
mod query;

use answer::{HitAnswer, SearchAnswer};
use axum::extract::State;
use kb_actions::search;
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::route::get;
use kb_http::{Answer, Api, Caller, Deps, Rejection, StrictQuery};
use kb_runtime::feature::Feature;
use query::{PARAMS, SearchQuery};

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Read,
    rows: &[],
    log: TableAccess::Nothing,
    counts: true,
    index: IndexAccess::Search,
    blobs: &[],
    keys: false,
    people: false,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("search", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    Api::new().with(
        get("/api/v1/search", find)
            .anybody()
            .doc("Articles that answer a question, best first")
            .query(&PARAMS)
            .answers::<SearchAnswer>(),
    )
}

async fn find(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<SearchQuery>,
) -> Result<Answer, Rejection> {
    let (asked, with_facets) = (query.locale.clone(), query.facets);
    let params = query.params(&deps, &ctx).await?;
    let found = search::search(&deps.kb, &ctx, params).await?;
    let audiences = if ctx.viewer.is_staff() {
        Some(deps.kb.registry(&ctx.gate).await?)
    } else {
        None
    };
    let hits = found.hits.into_iter();
    let hits = hits.map(|hit| HitAnswer::of(&ctx, hit, asked.as_ref(), audiences.as_deref()));
    let facets = with_facets.then_some(found.facets);
    Ok(Answer::ok(&SearchAnswer::of(
        hits.collect(),
        found.total,
        facets,
    )))
}
