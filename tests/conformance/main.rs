//! The engines, by name, and the suites that all of them pass. The suites are in the crates that own the ports.

#[cfg(feature = "cloud")]
mod opensearch;
mod search;
mod table;
