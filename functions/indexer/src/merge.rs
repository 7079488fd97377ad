//! What was replaced counts in scores until it is merged away: once a day, at midnight UTC, the engine is told to.

use async_trait::async_trait;
use kb_actions::Kb;
use kb_domain::Timestamp;
use kb_events::{Job, Ran, Timer};

/// Seconds between two merges: a day.
const EVERY_SECONDS: i64 = 86_400;
/// Seconds until what an engine has put off is asked for again.
const AGAIN_SECONDS: i64 = 60;
/// How often it is asked for in one night: while people write, something is always left.
const TIMES_MAX: i64 = 5;

/// The job.
pub(crate) struct Merge {
    kb: Kb,
}

impl Merge {
    pub(crate) fn new(kb: Kb) -> Self {
        Self { kb }
    }
}

#[async_trait]
impl Job for Merge {
    fn name(&self) -> &'static str {
        "index.merge"
    }

    fn every(&self) -> Option<i64> {
        Some(EVERY_SECONDS)
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let times = match timer.state::<i64>() {
            Ok(before) => before + 1,
            Err(error) => return Ran::Failed(error),
        };
        match self.kb.index().merge().await {
            Ok(left) if left > 0 && times < TIMES_MAX => {
                Ran::again(now.plus_seconds(AGAIN_SECONDS), &times)
            }
            Ok(_) => Ran::Done,
            Err(error) => Ran::stopped(error.kind(), &error),
        }
    }
}
