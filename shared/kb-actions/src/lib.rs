#![doc = include_str!("../README.md")]

pub mod api_keys;
pub mod articles;
pub mod browse;
mod cached;
pub mod comments;
pub mod connections;
mod context;
pub mod crawl;
pub mod error;
pub mod export;
pub mod import;
mod kb;
pub mod lexicon;
pub mod links;
pub mod needs;
pub mod passages;
pub mod people;
pub mod portals;
pub mod rendering;
pub mod search;
pub mod suggest;
pub mod sync;
mod synced;
pub mod tickets;
pub mod translations;
pub mod tree;
pub mod urls;
pub mod votes;

pub use context::RequestContext;
pub use error::Error;
pub use kb::Kb;
pub use needs::{DROPPED, IndexAccess, Needs, TableAccess};
