#![doc = include_str!("../README.md")]

use kb_actions::Kb;
use kb_events::Job;
use std::sync::Arc;

/// The jobs of every function.
pub fn jobs(kb: &Kb) -> Vec<Arc<dyn Job>> {
    fn_indexer::jobs(kb)
}
