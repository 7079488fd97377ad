//! Checks of the house itself: what stands where, and what stands nowhere.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod arrows;
mod browser;
mod circles;
mod crates;
mod formats;
mod house;
mod needs;
mod operations;
mod shape;
mod tree;
