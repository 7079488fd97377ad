#![doc = include_str!("../README.md")]

pub mod blobs;
pub mod body;
pub mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod deliver;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod error;
pub mod feed;
pub mod key;
pub mod keys;
pub mod record;
pub mod repo;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(any(test, feature = "conformance"))]
pub mod samples;
pub mod store;
pub mod sweep;
pub mod table;

pub use blobs::{Blobs, FolderBlobs, MemoryBlobs};
#[cfg(feature = "embedded")]
pub use embedded::{Chaos, Embedded, OpenError, Options};
pub use error::{Cause, Error, chain};
pub use feed::{Consumer, Feed, FeedRecord, Outcome, put_dead_letter};
pub use record::{Keyed, Record, Stored};
pub use store::Store;
pub use table::{
    Condition, IndexName, Key, Op, Order, Page, Query, Row, Table, TableName, Transaction, Version,
};
