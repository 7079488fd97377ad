#![doc = include_str!("../README.md")]

use async_trait::async_trait;
use kb_actions::{Error, IndexAccess, Kb, Needs, TableAccess};
use kb_events::{Event, Job};
use kb_store::{Consumer, FeedRecord, Outcome};
use std::sync::Arc;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    log: TableAccess::Nothing,
    index: IndexAccess::Write,
    blobs: &[],
    keys: false,
    people: false,
    stream: true,
};

/// The jobs of every function.
pub fn jobs(kb: &Kb) -> Vec<Arc<dyn Job>> {
    fn_indexer::jobs(kb)
}

/// The consumer of the feed that lays the timers which events call for.
pub struct Follower {
    kb: Kb,
}

impl Follower {
    /// A follower for this base.
    pub fn new(kb: Kb) -> Self {
        Self { kb }
    }

    async fn follow(&self, record: &FeedRecord) -> Result<(), Error> {
        let timer = Event::of(record)?.and_then(|event| fn_indexer::timer_of(&event));
        if let Some(timer) = timer {
            let table = self.kb.store().table();
            timer.ensure(&**table, self.kb.now()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Consumer for Follower {
    fn name(&self) -> &'static str {
        "jobs"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for record in batch {
            let followed = self.follow(record).await;
            outcomes.push(followed.map_or_else(Outcome::from, |()| Outcome::Done));
        }
        outcomes
    }
}
