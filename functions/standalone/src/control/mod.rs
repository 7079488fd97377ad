//! `control.sock`: how a command reaches the process that owns the data folder. One line of JSON goes in, lines come out.
//! The socket is its owner's alone (0600); who can open it could open the data as well.

pub mod client;
pub mod dispatch;
pub mod server;

use crate::cli::{
    Comments, Connect, Connection, Export, Import, Key, Person, Portals, Reindex, Segment, Setup,
    Votes,
};
use serde::{Deserialize, Serialize};

/// Its name in the data folder.
pub const SOCKET: &str = "control.sock";

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
    /// List portals, or choose the default one.
    Portals(Portals),
    /// Make, list, renew or take back a key.
    Key(Key),
    /// Invite, list or put out people, and make links for them.
    Person(Person),
    /// List segments, or change who belongs to one.
    Segment(Segment),
    /// Make a connection to another system.
    Connect(Connect),
    /// List the connections.
    Connections,
    /// Say how a connection is doing, or do something with it.
    Connection(Connection),
    /// Make the link of the set-up.
    Setup(Setup),
    /// Say what is set, and whether everything works.
    Doctor,
}
