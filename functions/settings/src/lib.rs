#![doc = include_str!("../README.md")]

mod keys;
mod keys_page;
mod link;
mod people;
mod people_page;
mod person_page;
mod segments;
mod words;

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
    keys: true,
    people: true,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("settings", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    people::routes()
        .merge(segments::routes())
        .merge(keys::routes())
        .merge(people_page::routes())
        .merge(person_page::routes())
        .merge(keys_page::routes())
}
