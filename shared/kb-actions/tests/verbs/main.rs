//! Verbs on a base in memory: what they decide and write, whoever their caller is.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod votes;
