//! Categories and sections.

use crate::page::{Instead, Place, answer};
use axum::extract::{OriginalUri, Path, State};
use axum::response::Response;
use kb_actions::{Error, browse, urls};
use kb_domain::{NodeId, PublicKey, Resource};
use kb_http::{Caller, Deps, StrictQuery};
use kb_pages::{Card, Crumb, Entry, NodePage};
use serde::Deserialize;

/// Articles on one page.
const PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Query {
    cursor: Option<String>,
}

pub(crate) async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((handle, locale, segment)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    StrictQuery(query): StrictQuery<Query>,
) -> Result<Response, Instead> {
    let rest = uri
        .path()
        .splitn(4, '/')
        .nth(3)
        .map_or(String::new(), |rest| format!("/{rest}"));
    let place = Place::find(&deps, ctx, &handle, &locale, &rest).await?;
    let (portal, locale) = (&place.portal, &place.locale);
    let tree = browse::visible_tree(&deps.kb, &place.ctx, portal.id).await?;
    let key = PublicKey::from_segment(&segment);
    let node = key
        .and_then(|k| tree.value.by_key(&k))
        .ok_or(Error::NotFound(Resource::Section))?;
    let url = urls::node_url(portal, locale, node);
    let asked = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
    if asked != url {
        return Err(Instead::Moved(url));
    }
    let default = &portal.default_locale;
    let list = format!("page of {} for {}", node.id, place.ctx.viewer.name);
    // A cursor of another reader leads to the first page.
    let from = match query.cursor {
        None => None,
        Some(cursor) => deps.cursors.open(&list, &cursor).await.ok(),
    };
    let (articles, next) = match node.id {
        NodeId::Section(section) => {
            browse::listed(&deps.kb, &place.ctx, portal, section, locale, PAGE, from).await?
        }
        NodeId::Category(_) => (Vec::new(), None),
    };
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(&list, &next).await?),
    };
    let sections = tree
        .value
        .children(Some(node.id))
        .into_iter()
        .map(|n| Card {
            name: n.name_in(locale, default).to_owned(),
            url: urls::node_url(portal, locale, n),
            description: n
                .description_in(locale, default)
                .unwrap_or_default()
                .to_owned(),
            children: Vec::new(),
        });
    let path = urls::breadcrumb(portal, &tree.value, node.id, locale);
    let page = NodePage {
        shell: place.shell(node.name_in(locale, default), |l| {
            urls::node_url(portal, l, node)
        }),
        path: path
            .iter()
            .take(path.len().saturating_sub(1))
            .map(|n| Crumb {
                name: n.name.clone(),
                url: n.url.clone(),
            })
            .collect(),
        description: node
            .description_in(locale, default)
            .unwrap_or_default()
            .to_owned(),
        sections: sections.collect(),
        articles: articles
            .into_iter()
            .map(|a| Entry {
                title: a.title,
                url: a.url,
                summary: a.summary,
                lang: a.locale.to_string(),
            })
            .collect(),
        more: more.map(|c| format!("{url}?cursor={c}")),
    };
    Ok(answer(&page))
}
