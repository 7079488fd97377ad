#![doc = include_str!("../README.md")]

mod bringing;
mod drain;
mod pull;
mod reconcile;
mod sink;
mod trial;

use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_events::Job;
use kb_events::boxes::BoxHandler;
use kb_runtime::feature::{Feature, Works};
use std::sync::Arc;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Read,
    counts: true,
    index: IndexAccess::Nothing,
    blobs: &["body/", "sync/"],
    keys: true,
    people: false,
    stream: false,
};

/// This function.
pub const FEATURE: Feature = Feature {
    jobs,
    boxes,
    ..Feature::new("crm-sync", NEEDS)
};

fn jobs(works: &Works) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(pull::Pull::new(works.clone())),
        Arc::new(reconcile::Reconcile::new(works.clone())),
        Arc::new(trial::Trial::new(works.clone())),
    ]
}

fn boxes(works: &Works) -> Vec<Arc<dyn BoxHandler>> {
    vec![Arc::new(drain::Hints::new(works.clone()))]
}
