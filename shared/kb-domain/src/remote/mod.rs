//! What another system holds, in our words: its articles, places and reader rules; the connection to it; what of it is ours; and
//! the decisions between both sides, which are pure.

mod article;
mod connection;
mod counterpart;
mod health;
mod id;
mod mapping;
mod readers;
mod readership;

pub use article::{RemoteArticle, RemoteFile, RemotePlace, RemoteText, Shape};
pub use connection::{Connection, ConnectionState, Dying, OAuthClient, Use, UseState};
pub use counterpart::{
    Absence, Counterpart, CounterpartState, Master, Merge, Ours, SeenVersion, decide_absence,
    decide_merge,
};
pub use health::Health;
pub use id::{Cursor, Gone, RemoteId, RemoteVersion, Thing};
pub use mapping::{Languages, Mapping, PlaceRule, PlaceSettings, Way};
pub use readers::{ReaderLevel, ReaderRule, SegmentRule, Trait, segment_name};
pub use readership::Readership;

#[cfg(test)]
mod tests;
