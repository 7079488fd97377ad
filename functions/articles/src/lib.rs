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

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Nothing,
    index: IndexAccess::Search,
    blobs: &["body/"],
    keys: true,
    people: false,
    stream: false,
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
