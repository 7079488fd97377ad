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
mod vote;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::{Api, Policy};

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Nothing,
    index: IndexAccess::Search,
    blobs: &[],
    keys: true,
    people: false,
    stream: false,
};

/// The pages.
pub fn routes() -> Api {
    portal::routes()
        .merge(assets::routes())
        .merge(problems::routes())
        .merge(search::routes())
        .merge(node::routes())
        .merge(article::routes())
        .merge(post_comment::routes())
        .merge(moderation::routes())
        .merge(vote::routes())
        .otherwise(Policy::Anybody, old_address::elsewhere)
}
