#![doc = include_str!("../README.md")]

mod article;
mod links;
mod node;
mod page;
mod portal;
mod search;

use axum::Router;
use axum::routing::get;
use kb_http::Deps;

/// The pages.
pub fn router() -> Router<Deps> {
    Router::new()
        .route("/", get(portal::first))
        .route("/assets/{hash}/{name}", get(page::asset))
        .route("/problems/{slug}", get(page::problem))
        .route("/{portal}", get(portal::without_locale))
        .route("/{portal}/", get(portal::without_locale))
        .route("/{portal}/{locale}", get(portal::home))
        .route("/{portal}/{locale}/", get(portal::home))
        .route("/{portal}/{locale}/search", get(search::handle))
        .route("/{portal}/{locale}/categories/{segment}", get(node::handle))
        .route("/{portal}/{locale}/sections/{segment}", get(node::handle))
        .route(
            "/{portal}/{locale}/articles/{segment}",
            get(article::handle),
        )
        .fallback(page::elsewhere)
}
