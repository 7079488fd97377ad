//! The engines, by name, and the suites that all of them pass. The suites are in the crates that own the ports.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod clock;
#[cfg(feature = "cloud")]
mod domain;
#[cfg(feature = "cloud")]
mod dynamodb;
#[cfg(feature = "cloud")]
mod opensearch;
#[cfg(feature = "cloud")]
mod parity;
#[cfg(feature = "cloud")]
mod rebuild;
#[cfg(feature = "cloud")]
mod s3;
#[cfg(feature = "cloud")]
mod scripted;
mod search;
mod table;
