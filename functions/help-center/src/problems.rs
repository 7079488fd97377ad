//! `/problems/{slug}`: what a problem of the API means. It is for programmers, as the API is, and in its language.

use askama::Template;
use axum::response::Response;
use kb_actions::Error;
use kb_domain::{Locale, Resource};
use kb_http::{Api, At, PageError, ProblemKind, route};
use kb_pages::{MessagePage, Shell, Texts};

pub(crate) fn routes() -> Api {
    Api::new().with(
        route::page("/problems/{slug}", explain)
            .anybody()
            .doc("What a problem of the API means"),
    )
}

async fn explain(At(slug): At<String>) -> Result<Response, PageError> {
    let kind = ProblemKind::ALL.iter().find(|kind| kind.slug() == slug);
    let kind = kind.ok_or(Error::NotFound(Resource::Page))?;
    let page = MessagePage {
        shell: Shell::plain(Texts::of(&Locale::en()), kind.title()),
        text: kind.meaning().to_owned(),
        hint: None,
        request: None,
    };
    Ok(kb_http::page(page.render()))
}
