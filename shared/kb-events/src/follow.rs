//! What follows an event: the timers that it calls for, and the lanes that it wakes.

use crate::boxes::drain_timer;
use crate::event::Event;
use crate::lanes::alive;
use crate::timer::Timer;
use async_trait::async_trait;
use kb_domain::{Clock, Timestamp};
use kb_store::{Consumer, FeedRecord, Outcome, Table};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What is to follow an event.
#[derive(Debug, Default)]
pub struct FollowUp {
    /// Timers to lay, unless they are there; the same event has the same ones.
    pub timers: Vec<Timer>,
    /// Lanes whose partner has just spoken by itself: they are held no longer.
    pub alive: Vec<String>,
}

/// A function's part in what follows events.
#[async_trait]
pub trait EventHandler: Send + Sync {
    /// What is to follow this one. It may be asked twice about one event.
    async fn handle(&self, event: &Event) -> Result<FollowUp, Outcome>;
}

/// The consumer of the feed that lays timers.
pub struct Follower {
    table: Arc<dyn Table>,
    clock: Arc<dyn Clock>,
    handlers: Vec<Arc<dyn EventHandler>>,
    woken: Mutex<Woken>,
}

/// Lanes that have something to do now.
#[derive(Debug, Default)]
pub struct Woken {
    /// The lanes.
    pub lanes: BTreeSet<String>,
    /// When the newest event that woke one took place.
    pub newest: Timestamp,
}

impl Follower {
    /// A follower that asks these handlers.
    pub fn new(
        table: Arc<dyn Table>,
        clock: Arc<dyn Clock>,
        handlers: Vec<Arc<dyn EventHandler>>,
    ) -> Self {
        Self {
            table,
            clock,
            handlers,
            woken: Mutex::default(),
        }
    }

    /// The lanes that were woken since the last call. Their timers are laid, so that nothing is lost when nobody runs them now.
    pub fn take_woken(&self) -> Woken {
        std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn follow(&self, record: &FeedRecord) -> Result<(), Outcome> {
        let Some(event) = Event::of(record)? else {
            return Ok(());
        };
        let mut timers: Vec<Timer> = event
            .wakes
            .iter()
            .map(|lane| drain_timer(lane, event.at))
            .collect();
        for handler in &self.handlers {
            let follow_up = handler.handle(&event).await?;
            timers.extend(follow_up.timers);
            for lane in follow_up.alive {
                alive(&*self.table, &lane, self.clock.now()).await?;
            }
        }
        for timer in &timers {
            timer.ensure(&*self.table, self.clock.now()).await?;
        }
        if !event.wakes.is_empty() {
            let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
            woken.lanes.extend(event.wakes);
            woken.newest = woken.newest.max(event.at);
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
            outcomes.push(followed.err().unwrap_or(Outcome::Done));
        }
        outcomes
    }
}
