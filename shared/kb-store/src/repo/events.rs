//! Event rows.

use super::row;
use crate::feed::Event;
use crate::keys;
use crate::table::{Condition, IndexName, Transaction};

/// Adds the one event of a transaction; the last operation that goes in, so that its version is final.
pub fn put_event(tx: &mut Transaction, event: &Event) {
    let mut row = row("event.1", event);
    row.indexes.insert(
        IndexName::Inverse,
        keys::event_by_subject(&event.subject, event.id),
    );
    tx.put(keys::event(event.at, event.id), row, Condition::Absent);
}
