//! One due timer: claimed, run, and what becomes of it written.

use crate::due::CONSUMER;
use crate::job::Job;
use crate::plan::{self, Ran, Step};
use crate::timer::Timer;
use futures::FutureExt;
use kb_domain::{Clock, Timestamp};
use kb_store::record::Stored;
use kb_store::{
    Condition, Error, Key, Keyed, Table, TableName, Transaction, Version, put_dead_letter,
};
use serde_json::json;
use std::panic::AssertUnwindSafe;

/// A timer that this clock holds, with the version that proves it.
struct Claimed {
    timer: Timer,
    version: Version,
}

/// What came of a due timer, as far as its lane is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Another clock has it.
    Elsewhere,
    /// It is a dead letter, or nobody here knows its job: that says nothing of the lane.
    Unasked,
    /// Whoever the job asks did not answer.
    Silent,
    /// They answered.
    Answered,
}

/// What timers are claimed with.
pub(crate) struct Claims<'a> {
    pub table: &'a dyn Table,
    pub clock: &'a dyn Clock,
}

impl Claims<'_> {
    /// Runs a timer, or makes it a dead letter. Until `behind` its lane is held if what its job asks does not answer.
    pub(crate) async fn run(
        &self,
        key: &Key,
        timer: Stored<Timer>,
        job: Option<&dyn Job>,
        behind: Option<Timestamp>,
    ) -> Result<Ended, Error> {
        let pace = plan::Pace {
            every: job.and_then(super::job::Job::every),
            after_death: job.and_then(super::job::Job::after_death),
            wait_max: job.map_or(plan::BACKOFF_MAX_SECONDS, super::job::Job::wait_max),
        };
        if plan::is_deadly(&timer.value) {
            let error = "the process ended while it ran".to_owned();
            let step = plan::dead(&timer.value, error, pace.after_death, self.clock.now());
            let ours = self.write(key, &timer.value, timer.version, step).await?;
            return Ok(if ours {
                Ended::Unasked
            } else {
                Ended::Elsewhere
            });
        }
        let Some(claimed) = self.claim(key, &timer).await? else {
            return Ok(Ended::Elsewhere);
        };
        let ran = match job {
            Some(job) => run_caught(job, &claimed.timer, self.clock.now()).await,
            // A newer program, or another one, may know it.
            None => Ran::Unavailable("this program has no such job".to_owned()),
        };
        if let Ran::Unavailable(error) | Ran::Failed(error) = &ran {
            let name = claimed.timer.name();
            tracing::warn!(timer = name, attempt = claimed.timer.attempts, %error, "a job was not done");
        }
        let ended = match &ran {
            _ if job.is_none() => Ended::Unasked,
            Ran::Unavailable(_) => Ended::Silent,
            Ran::Done | Ran::Again { .. } | Ran::Failed(_) => Ended::Answered,
        };
        let step = match behind {
            Some(until) if ended == Ended::Silent => plan::after_probe(&claimed.timer, until),
            _ => plan::after(&claimed.timer, ran, pace, self.clock.now()),
        };
        let key = claimed.timer.key();
        self.write(&key, &claimed.timer, claimed.version, step)
            .await?;
        Ok(ended)
    }

    /// Moves a timer to the end of a lease. `None` when another clock was first, or its owner moved it.
    async fn claim(&self, key: &Key, timer: &Stored<Timer>) -> Result<Option<Claimed>, Error> {
        let now = self.clock.now();
        let claimed = plan::claim(&timer.value, now);
        let mut tx = Transaction::new(TableName::Main, now.micros());
        tx.delete(key.clone(), Condition::Version(timer.version));
        tx.put(claimed.key(), claimed.row(), Condition::Absent);
        match self.table.commit(tx).await {
            Ok(version) => Ok(Some(Claimed {
                timer: claimed,
                version,
            })),
            Err(Error::Condition { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes what becomes of a timer that was seen at `version`; whether it was still so.
    async fn write(
        &self,
        key: &Key,
        timer: &Timer,
        version: Version,
        step: Step,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let (dead, next) = match step {
            Step::Delete => (None, None),
            Step::Move(next) => (None, Some(next)),
            Step::Dead(error, next) => (Some(error), next),
        };
        let transaction = |next: Option<&Timer>| {
            let mut tx = Transaction::new(TableName::Main, now.micros());
            match next {
                Some(next) if next.key() == *key => {
                    tx.put(key.clone(), next.row(), Condition::Version(version));
                }
                next => {
                    tx.delete(key.clone(), Condition::Version(version));
                    if let Some(next) = next {
                        tx.put(next.key(), next.row(), Condition::Absent);
                    }
                }
            }
            if let Some(error) = &dead {
                let body = json!({"timer": timer, "error": error, "at": now});
                put_dead_letter(&mut tx, CONSUMER, &timer.name(), &body);
            }
            tx
        };
        let mut result = self.table.commit(transaction(next.as_ref())).await;
        if let (Some(next), Err(Error::Condition { key: taken, .. })) = (&next, &result)
            && *taken != *key
            && *taken == next.key()
        {
            // Two timers of one job meet at one moment and go on as one.
            result = self.table.commit(transaction(None)).await;
        }
        match result {
            Ok(_) => {
                if let Some(error) = dead {
                    tracing::error!(timer = timer.name(), %error, "a timer is dead");
                }
                Ok(true)
            }
            Err(Error::Condition { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A panic of a job is a failure of that job and of nothing else.
async fn run_caught(job: &dyn Job, timer: &Timer, now: Timestamp) -> Ran {
    AssertUnwindSafe(job.run(timer, now))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Ran::Failed("it panicked".to_owned()))
}
