//! The start pages.

use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use kb_actions::{browse, portals};
use kb_domain::{Node, PortalName, Tree};
use kb_http::route::page;
use kb_http::{Api, At, Caller, Deps, Interface, PageError};
use kb_pages::{Card, HomePage, HomeSection};

pub(crate) fn routes() -> Api {
    let portal = |path| {
        let page = page(path, without_locale).anybody();
        page.doc("The default language of a portal")
    };
    let start = |path| {
        let page = page(path, home).anybody();
        page.doc("The start page of a portal")
    };
    Api::new()
        .with(page("/", first).anybody().doc("The default portal"))
        .with(portal("/{portal}"))
        .with(portal("/{portal}/"))
        .with(start("/{portal}/{locale}"))
        .with(start("/{portal}/{locale}/"))
}

/// `/`: the default portal, in the reader's language where the portal has it.
async fn first(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
) -> Result<Response, PageError> {
    let first = portals::default(&deps.kb, &ctx).await?.value;
    let offered = first.locales.iter().find(|l| l.as_str() == texts.tag());
    let locale = offered.unwrap_or(&first.default_locale);
    let url = format!("/{}/{locale}/", first.handle);
    Ok(Redirect::temporary(&url).into_response())
}

/// `/{portal}`: its default language.
async fn without_locale(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(handle): At<String>,
) -> Result<Response, PageError> {
    let portal = portals::read(&deps.kb, &ctx, PortalName::Handle(handle.clone())).await?;
    let url = format!("/{handle}/{}/", portal.value.default_locale);
    Ok(Redirect::temporary(&url).into_response())
}

/// `/{portal}/{locale}/`: the categories with their sections.
async fn home(State(deps): State<Deps>, place: Place) -> Result<Response, PageError> {
    let tree = browse::visible_tree(&deps.kb, &place.ctx, place.portal.id).await?;
    let categories = tree.value.categories().into_iter();
    let categories = categories.map(|category| Card {
        children: sections(&place, &tree.value, category),
        ..place.card(category)
    });
    let handle = &place.portal.handle;
    let shell = place.shell(place.portal.name_in(&place.locale), |l| {
        format!("/{handle}/{l}/")
    });
    let page = HomePage {
        shell,
        categories: categories.collect(),
    };
    Ok(kb_http::page(page.render()))
}

fn sections(place: &Place, tree: &Tree, category: &Node) -> Vec<HomeSection> {
    let sections = tree.children(Some(category.id)).into_iter();
    let sections = sections.map(|n| place.card(n)).map(|card| HomeSection {
        name: card.name,
        url: card.url,
    });
    sections.collect()
}
