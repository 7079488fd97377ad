//! The start pages.

use crate::page::{Instead, Place, answer};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use kb_actions::{Error, browse, portals, urls};
use kb_domain::Resource;
use kb_http::{Caller, Deps};
use kb_pages::{Card, HomePage, HomeSection};

/// `/`: the first portal that the reader may enter.
pub(crate) async fn first(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
) -> Result<Response, Instead> {
    let portals = portals::list(&deps.kb, &ctx).await?;
    let first = portals.first().ok_or(Error::NotFound(Resource::Portal))?;
    Ok(Redirect::temporary(&format!(
        "/{}/{}/",
        first.value.handle, first.value.default_locale
    ))
    .into_response())
}

/// `/{portal}`: its default language.
pub(crate) async fn without_locale(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(handle): Path<String>,
) -> Result<Response, Instead> {
    let portal = portals::by_handle(&deps.kb, &ctx, &handle).await?;
    Ok(Redirect::temporary(&format!("/{handle}/{}/", portal.value.default_locale)).into_response())
}

/// `/{portal}/{locale}/`: the categories with their sections.
pub(crate) async fn home(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((handle, locale)): Path<(String, String)>,
) -> Result<Response, Instead> {
    let place = Place::find(&deps, ctx, &handle, &locale, "/").await?;
    let tree = browse::visible_tree(&deps.kb, &place.ctx, place.portal.id).await?;
    let (portal, locale) = (&place.portal, &place.locale);
    let categories = tree.value.categories().into_iter().map(|category| Card {
        name: category.name_in(locale, &portal.default_locale).to_owned(),
        url: urls::node_url(portal, locale, category),
        description: category
            .description_in(locale, &portal.default_locale)
            .unwrap_or_default()
            .to_owned(),
        children: tree
            .value
            .children(Some(category.id))
            .into_iter()
            .map(|n| HomeSection {
                name: n.name_in(locale, &portal.default_locale).to_owned(),
                url: urls::node_url(portal, locale, n),
            })
            .collect(),
    });
    let shell = place.shell(portal.name_in(locale), |l| {
        format!("/{}/{l}/", portal.handle)
    });
    Ok(answer(&HomePage {
        shell,
        categories: categories.collect(),
    }))
}
