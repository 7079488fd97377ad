#![doc = include_str!("../README.md")]

mod act;
mod inbox;
mod sidebar;
mod suggest;
mod tickets;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::Api;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Write,
    index: IndexAccess::Search,
    blobs: &[],
    keys: true,
    people: false,
    stream: false,
};

/// The routes of this function.
pub fn routes() -> Api {
    suggest::routes()
        .merge(act::routes())
        .merge(tickets::routes())
        .merge(sidebar::routes())
        .merge(inbox::routes())
}
