//! The engines, by name, and the suites that all of them pass. The suites are in the crates that own the ports.

mod search;
mod table;
