//! `/agent/ticket`: the sidebar.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_http::route::page;
use kb_http::{Api, Deps, Interface, PageError, StrictQuery, framed_page};
use kb_pages::{Texts, TicketPage};
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new().with(
        page("/agent/ticket", ticket)
            .anybody()
            .doc("The suggestions beside a ticket; what they are comes by the API"),
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
