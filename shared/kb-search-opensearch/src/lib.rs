#![doc = include_str!("../README.md")]

pub mod config;
#[cfg(feature = "domain")]
pub mod domain;

mod asking;
mod bulk;
mod generations;
mod index;
mod mapping;
mod query;
mod rebuild;
mod wire;

pub use config::{Config, Keys, Service, Signing};
pub use index::{Health, OpenSearchIndex};
pub use rebuild::Rebuild;

#[cfg(test)]
mod tests;
