//! What changes there comes in: once a minute, and at once while there is more.

use crate::bringing::{AFTER_DEATH_SECONDS, Bringing, Ended};
use crate::sink::Articles;
use async_trait::async_trait;
use kb_actions::connections::{self, PULL};
use kb_connectors::{Class, Fault, Step, step};
use kb_domain::Timestamp;
use kb_domain::remote::Use;
use kb_events::{Job, Ran, Timer};
use kb_runtime::feature::Works;
use kb_store::repo::Counterparts;
use serde::{Deserialize, Serialize};

/// Seconds between two polls.
const EVERY_SECONDS: i64 = 60;
/// The longest wait while it does not answer, in seconds.
const WAIT_MAX_SECONDS: i64 = 300;

/// What a run leaves for the next one.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Left {
    /// Places, rules and mapping as they were settled.
    settled: Option<String>,
    /// How many articles there should be there. Programs before this one left a bare number as `counted`.
    #[serde(default)]
    expected: Option<Expected>,
}

/// How many more articles should be there than are here: those that do not come in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Expected {
    /// When everything was compared last: what it came to is where this starts.
    compared_at: Timestamp,
    /// The most that there were since.
    ahead: i64,
    /// How many there were when another comparison was asked for.
    asked: Option<i64>,
}

/// The job.
pub(crate) struct Pull {
    works: Works,
}

impl Pull {
    pub(crate) fn new(works: Works) -> Self {
        Self { works }
    }

    async fn pull(&self, timer: &Timer, left: &mut Left) -> Result<(), Ended> {
        let mut bringing = Bringing::of(&self.works, timer, Class::Live).await?;
        if !bringing.connection.value.writes(Use::KnowledgeIn) {
            return Err(Ended::Ran(Ran::Done));
        }
        let shape = bringing.shape().await?;
        left.settled = Some(bringing.settle(&shape, left.settled.as_deref()).await?);
        let sink = Articles {
            sync: bringing.sync(&shape),
            told: None,
        };
        let stream = bringing.stream(bringing.kb.now());
        loop {
            match step(&stream, &*bringing.source, &sink).await? {
                Step::More if bringing.kb.now() < bringing.until => {}
                Step::More => {
                    return Err(Ended::Fault(Fault::Busy(bringing.kb.now())));
                }
                Step::CaughtUp => return count(&bringing, left).await,
                Step::Overtaken | Step::Stuck => return Ok(()),
                Step::Stopped(fault) => return Err(fault.into()),
            }
        }
    }
}

/// No change tells that an article is out of use: when there are fewer than there should be after what came in, everything is compared
/// at once.
async fn count(bringing: &Bringing, left: &mut Left) -> Result<(), Ended> {
    let count = match bringing.source.count().await {
        // The comparison of the night does without.
        Err(fault) if fault.is_of_one_thing() => return Ok(()),
        count => count?,
    };
    let (kb, id) = (&bringing.kb, bringing.id());
    let last = connections::last_compared(kb, id).await?;
    let there = count.and_then(|n| i64::try_from(n).ok());
    let (Some(last), Some(there)) = (last, there) else {
        return Ok(());
    };
    let mut expected = left.expected.filter(|e| e.compared_at == last.at);
    let known = expected.get_or_insert(Expected {
        compared_at: last.at,
        ahead: last.ahead,
        asked: None,
    });
    let ahead = there - Counterparts::present(kb.store(), id).await?;
    if ahead >= known.ahead {
        (known.ahead, known.asked) = (ahead, None);
    } else if known.asked.is_none_or(|asked| ahead < asked) {
        // Once for each number: a comparison that is refused goes on by itself, and one that is held waits for a person.
        known.asked = Some(ahead);
        connections::compare(kb, id).await?;
    }
    left.expected = expected;
    Ok(())
}

#[async_trait]
impl Job for Pull {
    fn name(&self) -> &'static str {
        PULL
    }

    fn after_death(&self) -> Option<i64> {
        Some(AFTER_DEATH_SECONDS)
    }

    fn wait_max(&self) -> i64 {
        WAIT_MAX_SECONDS
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let mut left: Left = match timer.state() {
            Ok(left) => left,
            Err(error) => return Ran::Failed(error),
        };
        let pulled = self.pull(timer, &mut left).await;
        let next = Ran::again(next_poll(now), &left);
        match pulled {
            Ok(()) => next,
            Err(ended) => {
                let id = timer.subject.parse().ok();
                Bringing::end(&self.works.kb, id, ended, next).await
            }
        }
    }
}

/// The next full minute, so that two timers of one connection meet and go on as one.
fn next_poll(now: Timestamp) -> Timestamp {
    let passed = now.unix_seconds().div_euclid(EVERY_SECONDS);
    Timestamp::default().plus_seconds((passed + 1) * EVERY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_before_this_one_left_is_read() {
        let left: Left = serde_json::from_str(r#"{"settled": "a1", "counted": 40}"#).unwrap();
        assert_eq!(left.settled.as_deref(), Some("a1"));
        assert!(left.expected.is_none());
    }
}
