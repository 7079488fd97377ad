//! The real process, from outside.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod demo;
mod edge;
mod export;
mod harness;
mod journeys;
mod kill;
mod load;
mod older;
mod undo;
