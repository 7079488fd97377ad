//! Search results.

use crate::page::{Instead, Place, answer};
use axum::extract::{Path, State};
use axum::response::Response;
use kb_actions::search::{SearchParams, search};
use kb_http::{Caller, Deps, StrictQuery};
use kb_pages::{Entry, Piece, SearchPage};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Hits on one page.
const PAGE: usize = 20;

#[derive(Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    offset: usize,
}

pub(crate) async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((handle, locale)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<Query>,
) -> Result<Response, Instead> {
    let encoded = utf8_percent_encode(&query.q, NON_ALPHANUMERIC).to_string();
    let place = Place::find(
        &deps,
        ctx,
        &handle,
        &locale,
        &format!("/search?q={encoded}"),
    )
    .await?;
    let params = SearchParams {
        text: query.q.clone(),
        locale: Some(place.locale.clone()),
        portal: Some(place.portal.id),
        limit: PAGE,
        offset: query.offset,
        ..SearchParams::default()
    };
    let found = search(&deps.kb, &place.ctx, params).await?;
    let url = |l: &kb_domain::Locale| format!("/{handle}/{l}/search?q={encoded}");
    let mut shell = place.shell(&place.texts.t("search-title"), url);
    shell.query = query.q;
    let next = query.offset.saturating_add(PAGE);
    let more = (found.total.value > next as u64 && found.hits.len() == PAGE)
        .then(|| format!("{}&offset={next}", url(&place.locale)));
    let hits = found.hits.into_iter().map(|placed| {
        let pieces = placed
            .hit
            .snippet
            .iter()
            .map(|p| Piece {
                text: p.text.clone(),
                marked: p.marked,
            })
            .collect();
        let entry = Entry {
            title: placed.hit.title,
            url: placed.url,
            summary: placed.path.join(" › "),
            lang: placed.hit.locale.to_string(),
        };
        (entry, pieces)
    });
    Ok(answer(&SearchPage {
        shell,
        total: found.total.value,
        exact: found.total.is_exact(),
        hits: hits.collect(),
        more,
    }))
}
