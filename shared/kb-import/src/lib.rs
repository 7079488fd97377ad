#![doc = include_str!("../README.md")]

pub mod access;
pub mod archive;
pub mod encoding;
pub mod entry;
pub mod error;
pub mod exported;
pub mod fields;
pub mod folder;
pub mod front_matter;
pub mod jsonl;
pub mod language;
pub mod layout;
pub mod links;
pub mod manifest;
pub mod markup;
pub mod order;
pub mod page;
pub mod plan;
pub mod said;
pub mod yaml;

pub use error::Error;
