#![doc = include_str!("../README.md")]

mod account;
mod frames;
mod me;
mod setup;
mod sign_in;
mod start;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_http::Api;
use kb_runtime::feature::Feature;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Nothing,
    counts: true,
    index: IndexAccess::Nothing,
    blobs: &[],
    keys: false,
    people: true,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("sign-in", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    sign_in::routes()
        .merge(setup::routes())
        .merge(account::routes())
        .merge(start::routes())
        .merge(frames::routes())
        .merge(me::routes())
}
