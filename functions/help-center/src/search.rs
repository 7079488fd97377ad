//! Search results.

use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::search::{PlacedHit, SearchParams, search};
use kb_domain::Locale;
use kb_http::{Api, Deps, PageError, Param, StrictQuery, route};
use kb_pages::{Entry, Piece, SearchPage};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Hits on one page.
const PAGE: usize = 20;

pub(crate) fn routes() -> Api {
    Api::new().with(
        route::page("/{portal}/{locale}/search", results)
            .anybody()
            .doc("What a search finds")
            .query(&[Param("q", "what was typed, up to 2,000 characters")]),
    )
}

#[derive(Deserialize)]
struct ResultsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    offset: usize,
}

async fn results(
    State(deps): State<Deps>,
    place: Place,
    StrictQuery(query): StrictQuery<ResultsQuery>,
) -> Result<Response, PageError> {
    let params = SearchParams {
        text: query.q.clone(),
        locale: Some(place.locale.clone()),
        portal: Some(place.portal.id),
        limit: PAGE,
        offset: query.offset,
        ..SearchParams::default()
    };
    let found = search(&deps.kb, &place.ctx, params).await?;
    let encoded = utf8_percent_encode(&query.q, NON_ALPHANUMERIC);
    let url = |l: &Locale| format!("/{}/{l}/search?q={encoded}", place.portal.handle);
    let mut shell = place.shell(&place.texts.t("search-title"), url);
    shell.query.clone_from(&query.q);
    let next = query.offset.saturating_add(PAGE);
    let more = found.total.value > next as u64 && found.hits.len() == PAGE;
    let page = SearchPage {
        shell,
        total: found.total.value,
        exact: found.total.is_exact(),
        hits: found.hits.into_iter().map(hit).collect(),
        more: more.then(|| format!("{}&offset={next}", url(&place.locale))),
    };
    Ok(kb_http::page(page.render()))
}

fn hit(placed: PlacedHit) -> (Entry, Vec<Piece>) {
    let pieces = placed.hit.snippet.into_iter().map(|p| Piece {
        text: p.text,
        marked: p.marked,
    });
    let entry = Entry {
        title: placed.hit.title,
        url: placed.url,
        summary: placed.path.join(" › "),
        lang: placed.hit.locale.to_string(),
    };
    (entry, pieces.collect())
}
