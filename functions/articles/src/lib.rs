#![doc = include_str!("../README.md")]

mod answer;
mod articles;
mod comments;
mod passage;
mod portals;
mod revisions;
mod structure;
mod translations;
mod votes;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::Api;
use kb_runtime::feature::Feature;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Nothing,
    counts: true,
    index: IndexAccess::Search,
    blobs: &["body/"],
    keys: true,
    people: false,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("articles", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    portals::routes()
        .merge(structure::routes())
        .merge(articles::routes())
        .merge(comments::routes())
        .merge(translations::routes())
        .merge(revisions::routes())
        .merge(passage::routes())
        .merge(votes::routes())
}
