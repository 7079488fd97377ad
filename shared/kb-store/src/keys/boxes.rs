//! Keys of what waits for a partner.

use super::bounded;
use crate::table::Key;

/// Beginning of the partitions of boxes.
pub const BOXES: &str = "BOX#";

/// Partition of what waits in a lane.
pub fn box_partition(lane: &str) -> String {
    bounded(&format!("{BOXES}{lane}"))
}

/// Something that waits in a lane. Items are taken in the order of their ids.
pub fn box_item(lane: &str, id: &str) -> Key {
    Key::new(box_partition(lane), bounded(id))
}
