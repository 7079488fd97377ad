//! Keys of connections to other systems, and of what came by them.

use super::bounded;
use crate::table::Key;
use kb_domain::remote::{Ours, RemoteId, Thing};
use kb_domain::{ArticleId, ConnectionId};

/// Partition of the connections.
pub const CONNECTIONS: &str = "SET#connection";
/// Beginning of the partitions of what belongs to a connection.
pub const OF_CONNECTION: &str = "CON#";
/// Beginning of the partitions of counterparts.
pub const COUNTERPARTS: &str = "REC#";

/// A connection.
pub fn connection(id: ConnectionId) -> Key {
    Key::new(CONNECTIONS, id.to_string())
}

/// Claim of an account of another system, such as `zendesk:acme`.
pub fn connection_claim(system: &str) -> Key {
    Key::new("EXT#connection", bounded(system))
}

/// Partition of what belongs to a connection.
pub fn connection_partition(id: ConnectionId) -> String {
    format!("{OF_CONNECTION}{id}")
}

/// How far a stream of a connection has come.
pub fn progress(id: ConnectionId, stream: &str) -> Key {
    Key::new(connection_partition(id), format!("CUR#{stream}"))
}

/// The full listing of a stream's things that goes on.
pub fn listing(id: ConnectionId, stream: &str) -> Key {
    Key::new(connection_partition(id), format!("LIST#{stream}"))
}

/// Counter of the articles of a connection that are here, moved with their counterparts.
pub fn present(id: ConnectionId) -> Key {
    Key::new(connection_partition(id), "COUNT#article")
}

/// Name of the blob with what a page of a full listing had.
pub fn listing_page(id: ConnectionId, run: &str, page: u32) -> String {
    format!("sync/{id}/{run}/{page:06}")
}

/// Partition of the counterparts of a connection's things of one kind.
pub fn counterpart_partition(connection: ConnectionId, thing: Thing) -> String {
    format!("{COUNTERPARTS}{connection}#{}", thing.as_str())
}

/// Sort key of the counterpart of a thing.
pub fn counterpart_sort(id: &RemoteId) -> String {
    bounded(&id.0)
}

/// Name of the blob with what the last trial run of a connection found.
pub fn trial(id: ConnectionId) -> String {
    format!("sync/{id}/trial.json")
}

/// The counterpart of a thing.
pub fn counterpart(connection: ConnectionId, thing: Thing, id: &RemoteId) -> Key {
    Key::new(
        counterpart_partition(connection, thing),
        counterpart_sort(id),
    )
}

/// Partition of the `inverse` index that holds the counterparts of an article.
pub fn counterparts_of(article: ArticleId) -> String {
    format!("{COUNTERPARTS}{article}")
}

/// Position of a counterpart in the `inverse` index; only articles are looked for by it.
pub fn counterpart_position(connection: ConnectionId, ours: Ours) -> Option<(String, String)> {
    match ours {
        Ours::Article(article) => Some((counterparts_of(article), connection.to_string())),
        Ours::Node(_) => None,
    }
}
