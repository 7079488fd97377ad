#![doc = include_str!("../README.md")]

pub mod articles;
pub mod error;
pub mod export;
pub mod import;
pub mod kb;
pub mod lexicon;
pub mod needs;
pub mod reading;
pub mod search;
pub mod structure;
pub mod suggest;
pub mod tickets;
pub mod translations;

pub use error::Error;
pub use kb::{Kb, PendingCommit, RequestContext};
pub use needs::{IndexAccess, Needs, TableAccess};
