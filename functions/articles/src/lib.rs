#![doc = include_str!("../README.md")]

mod answer;
mod articles;
mod passage;
mod portals;
mod revisions;
mod structure;
mod translations;

use axum::http::Method;
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_domain::Action;
use kb_http::{Api, Operation, Policy};

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Nothing,
    index: IndexAccess::Search,
    blobs: &["body/"],
    keys: true,
    stream: false,
};

/// The routes of this function.
pub fn routes() -> Api {
    portals::routes()
        .merge(structure::routes())
        .merge(articles::routes())
        .merge(translations::routes())
        .merge(revisions::routes())
        .merge(passage::routes())
}

/// An operation without body, query and precondition, for the others to start from.
fn operation(
    method: Method,
    path: &'static str,
    summary: &'static str,
    right: Action,
) -> Operation {
    let policy = if right == Action::Read {
        Policy::Anybody
    } else {
        Policy::Needs(right)
    };
    Operation {
        method,
        path,
        policy,
        summary,
        query: &[],
        if_match: false,
        body: None,
        answer: (200, None),
    }
}
