#![doc = include_str!("../README.md")]

mod act;
mod bearers;
mod inbox;
mod sidebar;
mod suggest;
mod tickets;

use axum::routing::get;
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_domain::Action;
use kb_http::{Api, Policy};

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Write,
    index: IndexAccess::Search,
    blobs: &[],
    keys: true,
    stream: false,
};

/// The routes of this function.
pub fn routes() -> Api {
    let agents = Policy::Needs(Action::SeeTickets);
    suggest::routes()
        .merge(act::routes())
        .merge(bearers::routes())
        .merge(tickets::routes())
        .page("/agent/ticket", Policy::Anybody, get(sidebar::ticket))
        .page("/agent/start", Policy::Anybody, get(sidebar::start))
        .page("/agent/inbox", agents, get(inbox::list))
        .page(
            "/agent/inbox/{ticket}",
            agents,
            get(inbox::one).post(inbox::reply),
        )
}
