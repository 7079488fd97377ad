//! Keys of what a partner has granted us.

use super::{SELF, connection_partition};
use crate::table::Key;
use kb_domain::ConnectionId;

/// Beginning of the sort keys of secrets in a connection's partition.
pub const SECRET: &str = "SECRET#";

/// What a partner has granted.
pub fn grant(id: ConnectionId) -> Key {
    Key::new(connection_partition(id), "GRANT")
}

/// Who renews the grant.
pub fn lease(id: ConnectionId) -> Key {
    Key::new(connection_partition(id), "LEASE")
}

/// Another secret of a connection, for example `client`.
pub fn secret(id: ConnectionId, name: &str) -> Key {
    Key::new(connection_partition(id), format!("{SECRET}{name}"))
}

/// What a consent keeps for its other half; used once. It lies apart from what signs people in, so that whoever connects partners
/// need not be able to write that.
pub fn connect_flow(hash: &str) -> Key {
    Key::new(format!("CONNECT#{hash}"), SELF)
}
