//! `control.sock`: how a command reaches the process that owns the data folder. One line of JSON goes in, lines come out.
//! The socket is its owner's alone (0600); who can open it could open the data as well.

pub mod client;
pub mod dispatch;
pub mod server;

use crate::cli::{Comments, Export, Import, Key, Person, Reindex, Segment, Setup, Votes};
use serde::{Deserialize, Serialize};

/// What can be asked of the owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Bring in articles.
    Import(Import),
    /// Write everything to files.
    Export(Export),
    /// Build the index anew, or compare it.
    Reindex(Reindex),
    /// List comments, or decide about one.
    Comments(Comments),
    /// Say how readers voted.
    Votes(Votes),
    /// Make, list, renew or take back a key.
    Key(Key),
    /// Invite, list or put out people, and make links for them.
    Person(Person),
    /// List segments, or change who belongs to one.
    Segment(Segment),
    /// Make the link of the set-up.
    Setup(Setup),
    /// Say how the owner is.
    Status,
}
