#![doc = include_str!("../README.md")]

mod act;
mod bearers;
mod inbox;
mod sidebar;
mod suggest;
mod tickets;

use kb_http::Api;

/// The routes of this function.
pub fn routes() -> Api {
    suggest::routes()
        .merge(act::routes())
        .merge(bearers::routes())
        .merge(tickets::routes())
        .merge(sidebar::routes())
        .merge(inbox::routes())
}
