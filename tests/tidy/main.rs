//! The house itself: what must never be, read from the sources and from cargo.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod arrows;
mod house;
