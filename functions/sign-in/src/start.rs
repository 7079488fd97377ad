//! `/agent/start`: the window in which a sidebar signs in that stands in a frame of another site.

use askama::Template;
use axum::response::Response;
use kb_domain::Action;
use kb_http::route::page;
use kb_http::{Api, Caller, Interface, PageError, opened_page};
use kb_pages::{Shell, StartPage};

pub(crate) fn routes() -> Api {
    Api::new().with(
        page("/agent/start", start)
            .anybody()
            .doc("The window in which a framed sidebar signs in"),
    )
}

async fn start(Caller(ctx): Caller, Interface(texts): Interface) -> Result<Response, PageError> {
    let shell = Shell {
        person: ctx.viewer.user().map(|_| ctx.viewer.name.clone()),
        ..Shell::plain(texts, &texts.t("sidebar-title"))
    };
    let allowed = ctx.viewer.may(Action::Suggest);
    Ok(opened_page(StartPage { shell, allowed }.render()))
}
