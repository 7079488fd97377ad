#![doc = include_str!("../README.md")]

mod event;
mod lanes;
mod plan;
mod run;
mod timer;

pub use event::{Event, EventKind, put_event};
pub use plan::{ATTEMPTS_MAX, LEASE_SECONDS, OPEN_AFTER, Ran};
pub use run::{Job, Jobs, LANE_MAX};
pub use timer::Timer;

#[cfg(test)]
mod tests;
