#![doc = include_str!("../README.md")]

mod actor;
mod cause;
mod event;
mod lanes;
mod plan;
mod run;
mod timer;
mod work;

pub use actor::Actor;
pub use cause::{Cause, Change, FirstText};
pub use event::{Event, Happened};
pub use plan::{ATTEMPTS_MAX, LEASE_SECONDS, OPEN_AFTER, Ran};
pub use run::{Job, Jobs, LANE_MAX};
pub use timer::Timer;
pub use work::{Attempts, Author, Prepared, Work};

#[cfg(test)]
mod tests;
