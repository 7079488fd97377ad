#![doc = include_str!("../README.md")]

mod article;
mod assets;
mod comments;
mod feedback;
mod links;
mod moderation;
mod node;
mod old_address;
mod place;
mod portal;
mod post_comment;
mod problems;
mod search;
mod sitemap;
mod vote;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::{Api, Policy};
use kb_runtime::feature::Feature;
use kb_store::keys;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[
        keys::COMMENTS,
        keys::COUNTS,
        keys::EVENTS,
        keys::POSTED,
        keys::RATES,
        keys::VOTES,
    ],
    log: TableAccess::Nothing,
    counts: true,
    index: IndexAccess::Search,
    blobs: &[],
    keys: true,
    people: false,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("help-center", NEEDS)
};

/// The pages.
pub fn routes() -> Api {
    portal::routes()
        .merge(assets::routes())
        .merge(problems::routes())
        .merge(sitemap::routes())
        .merge(search::routes())
        .merge(node::routes())
        .merge(article::routes())
        .merge(post_comment::routes())
        .merge(moderation::routes())
        .merge(vote::routes())
        .otherwise(Policy::Anybody, old_address::elsewhere)
}
