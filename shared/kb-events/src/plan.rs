//! What becomes of a timer: pure decisions, no I/O.

use crate::timer::Timer;
use kb_domain::{ErrorKind, Timestamp};
use kb_store::{Record, chain};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a claim holds, in seconds: twice what a run may take.
pub const LEASE_SECONDS: i64 = 120;
/// A timer that failed this often is dead.
pub const ATTEMPTS_MAX: u32 = 10;
/// The wait after the first failure, in seconds; it doubles with each further one.
const BACKOFF_SECONDS: i64 = 60;
/// The longest wait between two attempts unless the job says otherwise, in seconds: six hours.
pub const BACKOFF_MAX_SECONDS: i64 = 6 * 3_600;

/// So many jobs of a lane in a row that met something that did not answer hold the lane.
pub const OPEN_AFTER: u32 = 5;
/// The longest that a lane is held before somebody asks again, in seconds: five minutes, so that after an outage of any length nobody
/// waits longer than that.
const OPEN_MAX_SECONDS: i64 = 300;

/// What a job made of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Done: the timer goes, or moves to the job's next period.
    Done,
    /// There is more to do at a moment, from this state on.
    Again {
        /// When.
        at: Timestamp,
        /// What the next run is given.
        state: Value,
    },
    /// Something it needs does not answer: tried again without limit.
    Unavailable(String),
    /// It cannot be done; after [`ATTEMPTS_MAX`] of these a dead letter keeps timer and error.
    Failed(String),
}

impl Ran {
    /// There is more to do at a moment, from this state on.
    pub fn again(at: Timestamp, state: &impl Serialize) -> Self {
        match serde_json::to_value(state) {
            Ok(state) => Self::Again { at, state },
            Err(error) => Self::Failed(error.to_string()),
        }
    }

    /// It did not come to an end: what does not answer is asked again, anything else has failed.
    pub fn stopped(kind: ErrorKind, error: &dyn std::error::Error) -> Self {
        match kind {
            ErrorKind::Unavailable | ErrorKind::Timeout => Self::Unavailable(chain(error)),
            _ => Self::Failed(chain(error)),
        }
    }
}

impl From<kb_store::Error> for Ran {
    fn from(error: kb_store::Error) -> Self {
        Self::stopped(error.kind(), &error)
    }
}

/// What is written about a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It goes.
    Delete,
    /// It moves.
    Move(Timer),
    /// It is dead of this; a job with a period goes on with the next one.
    Dead(String, Option<Timer>),
}

/// What is known of a lane, of which something did not answer lately: a circuit breaker, as in Nygard's "Release It!".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lane {
    /// Jobs in a row that met something that did not answer.
    pub silent: u32,
    /// How often in a row the lane was held for it.
    #[serde(default)]
    pub held: u32,
    /// Nothing of the lane runs before this; then one timer does, as a probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
}

/// What becomes of a due timer of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It runs.
    Run,
    /// It runs, if this clock is the one that asks.
    Probe,
    /// It waits until then, and nothing is asked.
    Hold(Timestamp),
}

impl Record for Lane {
    type Form = Self;
    const KIND: &'static str = "lane";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }
}

impl Lane {
    pub(crate) fn passage(&self, now: Timestamp) -> Passage {
        match self.open_until {
            None => Passage::Run,
            Some(until) if until > now => Passage::Hold(until),
            Some(_) => Passage::Probe,
        }
    }

    /// The lane while one clock asks: held for the others, until the end of that one's lease.
    pub(crate) fn probing(&self, now: Timestamp) -> Self {
        Self {
            open_until: Some(now.plus_seconds(LEASE_SECONDS)),
            ..self.clone()
        }
    }

    /// The lane after one more job that met something that did not answer: held for twice as long each time.
    pub(crate) fn silent(&self, now: Timestamp) -> Self {
        let silent = self.silent.saturating_add(1);
        if silent < OPEN_AFTER {
            return Self {
                silent,
                ..self.clone()
            };
        }
        let held = self.held.saturating_add(1);
        let seconds = backoff_seconds(held).min(OPEN_MAX_SECONDS);
        Self {
            silent,
            held,
            open_until: Some(now.plus_seconds(seconds)),
        }
    }
}

/// The timer as a claim leaves it: at the end of the lease, with the attempt counted, so that a run from which nobody comes
/// back counts as well.
pub(crate) fn claim(timer: &Timer, now: Timestamp) -> Timer {
    Timer {
        at: now.plus_seconds(LEASE_SECONDS),
        attempts: timer.attempts + 1,
        ..timer.clone()
    }
}

/// Whether the runs of a timer ended the process so often that it is not tried again.
pub(crate) fn is_deadly(timer: &Timer) -> bool {
    timer.attempts >= ATTEMPTS_MAX
}

/// When a job comes again, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Its period, if it has one.
    pub every: Option<i64>,
    /// Until one that is dead comes back.
    pub after_death: Option<i64>,
    /// The longest wait between two attempts.
    pub wait_max: i64,
}

/// What becomes of a claimed timer after its run.
pub(crate) fn after(claimed: &Timer, ran: Ran, pace: Pace, now: Timestamp) -> Step {
    let every = pace.every;
    let wait = |n| now.plus_seconds(backoff_seconds(n).min(pace.wait_max));
    let fresh = |at, state| Timer {
        at,
        state,
        attempts: 0,
        waits: 0,
        ..claimed.clone()
    };
    match ran {
        Ran::Done => match every {
            Some(seconds) => Step::Move(fresh(next_period(now, seconds), Value::Null)),
            None => Step::Delete,
        },
        Ran::Again { at, state } => Step::Move(fresh(at, state)),
        Ran::Unavailable(_) => Step::Move(Timer {
            at: wait(claimed.waits + 1),
            attempts: claimed.attempts.saturating_sub(1),
            waits: claimed.waits + 1,
            ..claimed.clone()
        }),
        Ran::Failed(error) if is_deadly(claimed) => dead(claimed, error, pace.after_death, now),
        Ran::Failed(_) => Step::Move(Timer {
            at: wait(claimed.attempts),
            waits: 0,
            ..claimed.clone()
        }),
    }
}

/// What becomes of a claimed timer whose run let its lane be held: it comes a minute behind the others, so that the next probe is
/// another one and none of them holds the lane alone. The wait is the lane's, so that its own does not grow.
pub(crate) fn after_probe(claimed: &Timer, until: Timestamp) -> Step {
    Step::Move(Timer {
        at: until.plus_seconds(BACKOFF_SECONDS),
        attempts: claimed.attempts.saturating_sub(1),
        ..claimed.clone()
    })
}

/// The end of a timer, which may come back as a fresh one.
pub(crate) fn dead(timer: &Timer, error: String, after_death: Option<i64>, now: Timestamp) -> Step {
    let next = after_death.map(|s| Timer {
        lane: timer.lane.clone(),
        ..Timer::new(&timer.job, &timer.subject, next_period(now, s))
    });
    Step::Dead(error, next)
}

/// The next multiple of a period since 1970: every clock and every start comes to the same moment.
pub(crate) fn next_period(now: Timestamp, seconds: i64) -> Timestamp {
    let period = seconds.max(1);
    let passed = now.unix_seconds().div_euclid(period);
    Timestamp::default().plus_seconds((passed + 1) * period)
}

/// The wait before the attempt after the `n`th, from 1.
fn backoff_seconds(n: u32) -> i64 {
    let doubled = BACKOFF_SECONDS << n.saturating_sub(1).min(16);
    doubled.min(BACKOFF_MAX_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn timer(attempts: u32, waits: u32) -> Timer {
        Timer {
            attempts,
            waits,
            state: json!({"cursor": "c"}),
            ..Timer::new("job", "art_1", Timestamp(5))
        }
    }

    const NOW: Timestamp = Timestamp(90_000_000_000);
    const ONCE: Pace = Pace {
        every: None,
        after_death: None,
        wait_max: BACKOFF_MAX_SECONDS,
    };

    fn every(seconds: i64) -> Pace {
        Pace {
            every: Some(seconds),
            after_death: Some(seconds),
            ..ONCE
        }
    }

    #[test]
    fn a_claim_moves_to_the_end_of_the_lease_and_counts() {
        let claimed = claim(&timer(2, 1), NOW);
        assert_eq!(claimed.at, NOW.plus_seconds(LEASE_SECONDS));
        assert_eq!((claimed.attempts, claimed.waits), (3, 1));
        assert_eq!(claimed.state, json!({"cursor": "c"}));
    }

    #[test]
    fn waits_double_up_to_six_hours() {
        let waits: Vec<i64> = (1..=11).map(backoff_seconds).collect();
        let first: Vec<i64> = (0..9).map(|n| 60 << n).collect();
        assert_eq!(waits[..9], first);
        assert_eq!(waits[9..], [21_600, 21_600]);
        assert_eq!(backoff_seconds(u32::MAX), 21_600);
    }

    #[test]
    fn a_lane_is_held_twice_as_long_each_time_up_to_five_minutes() {
        let mut lane = Lane::default();
        for _ in 1..OPEN_AFTER {
            lane = lane.silent(NOW);
            assert_eq!(lane.passage(NOW), Passage::Run);
        }
        for seconds in [60, 120, 240, 300, 300] {
            lane = lane.silent(NOW);
            let until = NOW.plus_seconds(seconds);
            assert_eq!(lane.passage(NOW), Passage::Hold(until));
            assert_eq!(lane.passage(until), Passage::Probe);
        }
        let probing = lane.probing(NOW);
        let until = NOW.plus_seconds(LEASE_SECONDS);
        assert_eq!(probing.passage(NOW), Passage::Hold(until));
        assert_eq!(probing.silent, lane.silent);
    }

    #[test]
    fn a_failure_goes_to_the_next_attempt_and_the_last_one_is_the_end() {
        let failed = || Ran::Failed("no".to_owned());
        let Step::Move(next) = after(&timer(3, 4), failed(), ONCE, NOW) else {
            panic!("it is tried again")
        };
        assert_eq!(next.at, NOW.plus_seconds(240));
        assert_eq!((next.attempts, next.waits), (3, 0));
        assert_eq!(next.state, json!({"cursor": "c"}));
        assert_eq!(
            after(&timer(ATTEMPTS_MAX, 0), failed(), ONCE, NOW),
            Step::Dead("no".to_owned(), None)
        );
        let Step::Dead(_, Some(next)) = after(&timer(ATTEMPTS_MAX, 0), failed(), every(60), NOW)
        else {
            panic!("a period goes on")
        };
        assert_eq!((next.attempts, next.state), (0, Value::Null));
    }

    #[test]
    fn what_does_not_answer_is_asked_again_without_limit() {
        let mut timer = timer(0, 0);
        for n in 1..=100 {
            let claimed = claim(&timer, NOW);
            let Step::Move(next) = after(&claimed, Ran::Unavailable("down".into()), ONCE, NOW)
            else {
                panic!("it is tried again")
            };
            assert_eq!((next.attempts, next.waits), (0, n));
            timer = next;
        }
        assert_eq!(timer.at, NOW.plus_seconds(BACKOFF_MAX_SECONDS));
    }

    #[test]
    fn a_job_may_wait_less_than_others() {
        let pace = Pace {
            wait_max: 300,
            ..ONCE
        };
        for (ran, at) in [
            (Ran::Unavailable("down".to_owned()), 300),
            (Ran::Failed("no".to_owned()), 300),
        ] {
            let Step::Move(next) = after(&timer(8, 8), ran, pace, NOW) else {
                panic!("it is tried again")
            };
            assert_eq!(next.at, NOW.plus_seconds(at));
        }
    }

    #[test]
    fn done_ends_a_timer_or_moves_it_to_the_next_period() {
        assert_eq!(after(&timer(1, 0), Ran::Done, ONCE, NOW), Step::Delete);
        let Step::Move(next) = after(&timer(1, 2), Ran::Done, every(86_400), NOW) else {
            panic!("it comes back")
        };
        assert_eq!(next.at.to_string(), "1970-01-03T00:00:00Z");
        assert_eq!((next.attempts, next.waits, next.state), (0, 0, Value::Null));
        assert_eq!(next_period(Timestamp(86_400_000_000), 86_400), next.at);
    }
}
