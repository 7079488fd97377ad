#![doc = include_str!("../README.md")]

mod article;
mod links;
mod node;
mod page;
mod portal;
mod search;
mod sign_in;

use axum::routing::{get, post};
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::{Api, Policy};

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Nothing,
    index: IndexAccess::Search,
    blobs: &[],
    keys: true,
    stream: false,
};

/// The pages.
pub fn routes() -> Api {
    let page = Policy::Anybody;
    Api::new()
        .page("/", page, get(portal::first))
        .page("/assets/{hash}/{name}", page, get(page::asset))
        .page("/problems/{slug}", page, get(page::problem))
        .page("/sign-in", page, get(sign_in::form).post(sign_in::take))
        .page("/sign-out", page, post(sign_in::leave))
        .page("/{portal}", page, get(portal::without_locale))
        .page("/{portal}/", page, get(portal::without_locale))
        .page("/{portal}/{locale}", page, get(portal::home))
        .page("/{portal}/{locale}/", page, get(portal::home))
        .page("/{portal}/{locale}/search", page, get(search::handle))
        .page(
            "/{portal}/{locale}/categories/{segment}",
            page,
            get(node::handle),
        )
        .page(
            "/{portal}/{locale}/sections/{segment}",
            page,
            get(node::handle),
        )
        .page(
            "/{portal}/{locale}/articles/{segment}",
            page,
            get(article::handle),
        )
        .otherwise(page::elsewhere)
}
