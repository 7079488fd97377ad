#![doc = include_str!("../README.md")]

mod act;
mod inbox;
mod sidebar;
mod suggest;
mod tickets;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::Api;
use kb_runtime::feature::Feature;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Write,
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
    ..Feature::new("suggestions", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    suggest::routes()
        .merge(act::routes())
        .merge(tickets::routes())
        .merge(sidebar::routes())
        .merge(inbox::routes())
}
