//! The real process, from outside.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod backup;
mod crawl;
mod damage;
mod demo;
mod edge;
mod export;
mod fresh;
mod harness;
mod imports;
mod journeys;
mod kill;
mod load;
mod older;
mod people;
mod secrets;
mod undo;
