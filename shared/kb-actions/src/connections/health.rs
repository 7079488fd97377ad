//! How a connection is, in one word.

use super::Status;
use super::status::is_late;
use kb_domain::Timestamp;
use kb_domain::remote::{Connection, ConnectionState, Health, Use, UseState};

/// How a connection is now.
pub fn health(connection: &Connection, status: &Status, now: Timestamp) -> Health {
    match (connection.state, connection.uses.get(&Use::KnowledgeIn)) {
        (ConnectionState::Waiting, _) => Health::Consent,
        (ConnectionState::Reconnect { .. }, _) => Health::Reconnect,
        (ConnectionState::Revoked { .. }, _) => Health::Revoked,
        _ if connection.paused_at.is_some() => Health::Paused,
        (ConnectionState::Granted, None) => Health::Ready,
        (ConnectionState::Granted, Some(UseState::Dry)) => Health::Trial,
        (ConnectionState::Granted, Some(UseState::Held { .. })) => Health::HeldDeletes,
        (ConnectionState::Granted, Some(UseState::On { .. })) => {
            working(status, now).unwrap_or(Health::Working)
        }
    }
}

/// What keeps a connection that is on from working now.
fn working(status: &Status, now: Timestamp) -> Option<Health> {
    let progress = status.progress.as_ref()?;
    let waits = progress.waits_until.is_some();
    let late = is_late(progress, now);
    match (progress.stumble.is_some(), waits) {
        (true, _) => Some(Health::PartnerSilent),
        (false, true) if late => Some(Health::PartnerSilent),
        (false, true) => Some(Health::Waiting),
        (false, false) => None,
    }
}
