#![doc = include_str!("../README.md")]

mod act;
mod suggest;
mod tickets;

use kb_http::Api;

/// The routes of this function.
pub fn routes() -> Api {
    suggest::routes()
        .merge(act::routes())
        .merge(tickets::routes())
}
