//! The start pages.

use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use kb_actions::{browse, portals};
use kb_domain::{Node, Portal, PortalName, Tree};
use kb_http::route::page;
use kb_http::{Api, At, Caller, Deps, PageError, accepted_locale};
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
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let first = portals::default(&deps.kb, &ctx).await?.value;
    Ok(start_of(&first, &headers))
}

/// `/{portal}`: in the language that the browser asks for, else in its default one.
async fn without_locale(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(handle): At<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let portal = portals::read(&deps.kb, &ctx, PortalName::Handle(handle)).await?;
    Ok(start_of(&portal.value, &headers))
}

/// The way to the start page of a portal; what the browser asks for decides, so no cache may give it to another one.
fn start_of(portal: &Portal, headers: &HeaderMap) -> Response {
    let asked = accepted_locale(headers, &portal.locales);
    let locale = asked.as_ref().unwrap_or(&portal.default_locale);
    let url = format!("/{}/{locale}/", portal.handle);
    let vary = [(header::VARY, "Accept-Language")];
    (vary, Redirect::temporary(&url)).into_response()
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
