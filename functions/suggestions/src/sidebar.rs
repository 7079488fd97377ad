//! `/agent/ticket`: the sidebar. `/agent/start`: the window in which a framed one signs in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_domain::Action;
use kb_http::route::page;
use kb_http::{Api, Caller, Deps, Interface, PageError, StrictQuery, framed_page, opened_page};
use kb_pages::{Shell, StartPage, Texts, TicketPage};
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page("/agent/ticket", ticket)
                .anybody()
                .doc("The suggestions beside a ticket; what they are comes by the API"),
        )
        .with(
            page("/agent/start", start)
                .anybody()
                .doc("The window in which a framed sidebar signs in"),
        )
}

#[derive(Deserialize)]
struct TicketQuery {
    #[serde(default)]
    system: String,
    #[serde(default)]
    id: String,
}

/// The page is the same for everybody: what it shows comes by the API, with the frame's bearer.
async fn ticket(
    State(deps): State<Deps>,
    Interface(texts): Interface,
    StrictQuery(query): StrictQuery<TicketQuery>,
) -> Result<Response, PageError> {
    let origins = &deps.settings.frame_ancestors;
    let languages = Texts::LANGUAGES.map(|(tag, name)| (tag.to_owned(), name.to_owned()));
    let page = TicketPage::new(texts, origins, (query.system, query.id), languages.into());
    Ok(framed_page(page.render(), origins))
}

async fn start(Caller(ctx): Caller, Interface(texts): Interface) -> Result<Response, PageError> {
    let shell = Shell {
        person: ctx.viewer.user().map(|_| ctx.viewer.name.clone()),
        ..Shell::plain(texts, &texts.t("sidebar-title"))
    };
    let allowed = ctx.viewer.may(Action::Suggest);
    Ok(opened_page(StartPage { shell, allowed }.render()))
}
