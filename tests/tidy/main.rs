//! Checks of the house itself: what stands where, and what stands nowhere.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod arrows;
mod circles;
mod crates;
mod house;
mod needs;
mod shape;
mod tree;
