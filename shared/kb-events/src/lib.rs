#![doc = include_str!("../README.md")]

mod actor;
pub mod boxes;
mod cause;
mod claim;
mod due;
mod event;
mod follow;
mod job;
mod lanes;
mod plan;
mod run;
mod timer;
mod work;

pub use actor::Actor;
pub use cause::{Cause, Change, FirstText};
pub use event::{Event, Happened};
pub use follow::{EventHandler, FollowUp, Follower, Woken};
pub use job::Job;
pub use lanes::alive;
pub use plan::{ATTEMPTS_MAX, LEASE_SECONDS, OPEN_AFTER, Ran};
pub use run::{GoOn, Jobs, LANE_MAX, LANES_AT_ONCE};
pub use timer::Timer;
pub use work::{Attempts, Author, Prepared, Work};

#[cfg(test)]
mod tests;
