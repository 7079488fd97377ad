//! What a function brings to the program, in one value: every list of functions is made of these.

use kb_actions::{Kb, Needs};
use kb_connectors::Partners;
use kb_events::boxes::{BoxHandler, Drain};
use kb_events::{EventHandler, Follower, Job, Jobs};
use kb_fetch::Fetch;
use kb_http::Api;
use kb_identity::grants::Grants;
use kb_identity::vault::Vault;
use std::sync::Arc;

/// What jobs, boxes and what follows events work on.
#[derive(Clone)]
pub struct Works {
    /// The base.
    pub kb: Kb,
    /// The systems that are connected.
    pub partners: Partners,
}

impl Works {
    /// A base whose partners are reached by `fetch`, with their secrets in `vault`.
    pub fn new(kb: Kb, fetch: Arc<dyn Fetch>, vault: Vault) -> Self {
        let (store, clock, ids) = (kb.store(), kb.clock(), kb.ids());
        let grants = Grants::new(store.clone(), ids.clone(), vault, fetch.clone());
        let partners = Partners::new(store.clone(), clock.clone(), fetch, grants);
        Self { kb, partners }
    }
}

/// A function: what it answers, what it does later, and what it needs for it.
#[derive(Clone, Copy)]
pub struct Feature {
    /// Its name, which is its folder's.
    pub name: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What it answers; nothing for one that answers no requests.
    pub routes: fn() -> Api,
    /// What timers call for.
    pub jobs: fn(&Works) -> Vec<Arc<dyn Job>>,
    /// What empties boxes.
    pub boxes: fn(&Works) -> Vec<Arc<dyn BoxHandler>>,
    /// What follows events.
    pub handlers: fn(&Works) -> Vec<Arc<dyn EventHandler>>,
}

impl Feature {
    /// A function that does nothing yet.
    pub const fn new(name: &'static str, needs: Needs) -> Self {
        Self {
            name,
            needs,
            routes: Api::new,
            jobs: |_| Vec::new(),
            boxes: |_| Vec::new(),
            handlers: |_| Vec::new(),
        }
    }
}

/// The routes of all of them.
pub fn routes(features: &[Feature]) -> Api {
    let routes = features.iter().map(|feature| (feature.routes)());
    routes.fold(Api::new(), Api::merge)
}

/// The jobs of all of them, with the one that empties their boxes.
pub fn jobs(features: &[Feature], works: &Works) -> Vec<Arc<dyn Job>> {
    let mut jobs: Vec<_> = features.iter().flat_map(|f| (f.jobs)(works)).collect();
    let boxes = features.iter().flat_map(|f| (f.boxes)(works)).collect();
    let (table, clock) = (works.kb.store().table(), works.kb.clock());
    jobs.push(Arc::new(Drain::new(table.clone(), clock.clone(), boxes)));
    jobs
}

/// The clock that runs the jobs of all of them.
pub fn clock(features: &[Feature], works: &Works) -> Jobs {
    clock_of(jobs(features, works), works)
}

/// The clock that runs these jobs.
pub fn clock_of(jobs: Vec<Arc<dyn Job>>, works: &Works) -> Jobs {
    let (table, clock) = (works.kb.store().table(), works.kb.clock());
    Jobs::new(table.clone(), clock.clone(), jobs)
}

/// The consumer of the feed that lays the timers which events call for.
pub fn follower(features: &[Feature], works: &Works) -> Follower {
    let handlers = features.iter().flat_map(|f| (f.handlers)(works)).collect();
    let (table, clock) = (works.kb.store().table(), works.kb.clock());
    Follower::new(table.clone(), clock.clone(), handlers)
}
