//! `/agent/ticket`: the sidebar. `/agent/start`: the window in which a framed one signs in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kb_domain::Action;
use kb_http::{Caller, Deps, Rejection, framed_page, interface_locale, opened_page};
use kb_pages::{Shell, StartPage, Texts, TicketPage};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Asked {
    locale: Option<String>,
    #[serde(default)]
    system: String,
    #[serde(default)]
    id: String,
}

/// The page is the same for everybody: what it shows comes by the API, with the frame's bearer.
pub(crate) async fn ticket(
    State(deps): State<Deps>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Rejection> {
    let locale = interface_locale(asked.locale.as_deref(), &headers, &Texts::locales())?;
    let origins = &deps.settings.frame_ancestors;
    let languages = Texts::LANGUAGES
        .map(|(tag, name)| (tag.to_owned(), name.to_owned()))
        .into();
    let page = TicketPage::new(
        Texts::of(&locale),
        origins,
        (asked.system, asked.id),
        languages,
    );
    Ok(framed_page(page.render(), origins))
}

pub(crate) async fn start(
    Caller(ctx): Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Rejection> {
    let locale = interface_locale(asked.locale.as_deref(), &headers, &Texts::locales())?;
    let texts = Texts::of(&locale);
    let shell = Shell {
        person: ctx.viewer.user().map(|_| ctx.viewer.name.clone()),
        ..Shell::plain(texts, &texts.t("sidebar-title"))
    };
    let allowed = ctx.viewer.may(Action::Suggest);
    Ok(opened_page(StartPage { shell, allowed }.render()))
}
