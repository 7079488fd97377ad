//! What was replaced counts in scores until it is merged away: once a day, at midnight UTC, the engine is told to.

use async_trait::async_trait;
use kb_actions::Kb;
use kb_domain::{ErrorKind, Timestamp};
use kb_events::{Job, Ran, Timer};
use serde_json::json;

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
        let times = timer.state.as_i64().unwrap_or(0) + 1;
        match self.kb.index.merge().await {
            Ok(left) if left > 0 && times < TIMES_MAX => Ran::Again {
                at: now.plus_seconds(AGAIN_SECONDS),
                state: json!(times),
            },
            Ok(_) => Ran::Done,
            Err(error) => match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Timeout => Ran::Unavailable(error.to_string()),
                _ => Ran::Failed(error.to_string()),
            },
        }
    }
}
