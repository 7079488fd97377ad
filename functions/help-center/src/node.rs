//! Categories and sections.

use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, browse, urls};
use kb_domain::{Node, NodeId, PublicKey, Resource, Tree};
use kb_http::{Api, At, Deps, PageError, StrictQuery, route};
use kb_pages::{Card, Crumb, Entry, NodePage};
use serde::Deserialize;

/// Articles on one page.
const PAGE: usize = 50;

pub(crate) fn routes() -> Api {
    let section = route::page("/{portal}/{locale}/sections/{segment}", show);
    let category = route::page("/{portal}/{locale}/categories/{segment}", show);
    Api::new()
        .with(category.anybody().doc("A category"))
        .with(section.anybody().doc("A section with its articles"))
}

#[derive(Deserialize)]
struct NodeQuery {
    cursor: Option<String>,
}

async fn show(
    State(deps): State<Deps>,
    place: Place,
    At((_, _, segment)): At<(String, String, String)>,
    StrictQuery(query): StrictQuery<NodeQuery>,
) -> Result<Response, PageError> {
    let tree = browse::visible_tree(&deps.kb, &place.ctx, place.portal.id).await?;
    let node = PublicKey::from_segment(&segment).and_then(|key| tree.value.by_key(&key));
    let node = node.ok_or(Error::NotFound(Resource::Section))?;
    let url = urls::node_url(&place.portal, &place.locale, node);
    place.check(&url)?;
    let (articles, next) = articles(&deps, &place, node, query.cursor.as_deref()).await?;
    let title = node.name_in(&place.locale, &place.portal.default_locale);
    let page = NodePage {
        shell: place.shell(title, |l| urls::node_url(&place.portal, l, node)),
        path: path(&place, &tree.value, node),
        description: place.description(node),
        sections: sections(&place, &tree.value, node),
        articles,
        more: next.map(|cursor| format!("{url}?cursor={cursor}")),
    };
    Ok(kb_http::page(page.render()))
}

/// A page of the articles of a section, and the cursor of the next one. A cursor of another reader leads to the first page.
async fn articles(
    deps: &Deps,
    place: &Place,
    node: &Node,
    cursor: Option<&str>,
) -> Result<(Vec<Entry>, Option<String>), PageError> {
    let NodeId::Section(section) = node.id else {
        return Ok((Vec::new(), None));
    };
    let list = format!("page of {section} for {}", place.ctx.viewer.who);
    let from = match cursor {
        None => None,
        Some(cursor) => deps.cursors.open(&list, cursor).await.ok(),
    };
    let (portal, locale) = (&place.portal, &place.locale);
    let (found, next) =
        browse::listed(&deps.kb, &place.ctx, portal, section, locale, PAGE, from).await?;
    let next = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(&list, &next).await?),
    };
    let entries = found.into_iter().map(|a| Entry {
        title: a.title,
        url: a.url,
        summary: a.summary,
        lang: a.locale.to_string(),
    });
    Ok((entries.collect(), next))
}

fn sections(place: &Place, tree: &Tree, node: &Node) -> Vec<Card> {
    let sections = tree.children(Some(node.id)).into_iter();
    sections.map(|n| place.card(n)).collect()
}

/// From the category down to what the node stands in.
fn path(place: &Place, tree: &Tree, node: &Node) -> Vec<Crumb> {
    let mut path = urls::breadcrumb(&place.portal, tree, node.id, &place.locale);
    path.pop();
    let crumbs = path.into_iter().map(|n| Crumb {
        name: n.name,
        url: n.url,
    });
    crumbs.collect()
}
