//! What timers call for.

use crate::plan::{BACKOFF_MAX_SECONDS, Ran};
use crate::timer::Timer;
use async_trait::async_trait;
use kb_domain::Timestamp;

/// Work that timers call for. It may run twice, and late; it asks the thing itself whether there is anything to do.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name, as timers have it.
    fn name(&self) -> &'static str;

    /// Seconds between the runs of a job that comes back on its own; `None` for one that only timers of things call.
    fn every(&self) -> Option<i64> {
        None
    }

    /// Seconds until a timer of it comes back that is dead; its letter stays. What nobody else would begin again says so.
    fn after_death(&self) -> Option<i64> {
        self.every()
    }

    /// The longest wait between two attempts, in seconds. One that waits for a partner looks again soon after the partner is back.
    fn wait_max(&self) -> i64 {
        BACKOFF_MAX_SECONDS
    }

    /// Does what the timer is for, within half a lease.
    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran;
}
