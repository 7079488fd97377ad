#![doc = include_str!("../README.md")]

mod answers;
mod connections;
mod consent;
mod mapping;
mod page;
mod pages;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_connectors::Partners;
use kb_http::{Api, Deps};
use kb_identity::grants::Grants;
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
    people: false,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    routes,
    ..Feature::new("connections", NEEDS)
};

/// The routes of this function.
pub fn routes() -> Api {
    connections::routes()
        .merge(mapping::routes())
        .merge(consent::routes())
        .merge(pages::routes())
        .merge(page::routes())
}

fn grants(deps: &Deps) -> Grants {
    let store = deps.kb.store().clone();
    let ids = deps.kb.ids().clone();
    Grants::new(store, ids, deps.vault.clone(), deps.fetch.clone())
}

fn partners(deps: &Deps) -> Partners {
    let store = deps.kb.store().clone();
    let clock = deps.kb.clock().clone();
    Partners::new(store, clock, deps.fetch.clone(), grants(deps))
}
