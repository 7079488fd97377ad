//! How long what was signed in stays so.

use kb_domain::{Level, PersonState, Timestamp};
use kb_store::repo::{Person, Session};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// How long a session of those who work here lasts at most, in seconds.
pub const fn staff_session_seconds() -> i64 {
    lasts(Level::Employee)
}

/// After how long a use of a session is written down again, in seconds.
pub const fn touched_after_seconds() -> i64 {
    HOUR / 2
}

/// How long a session lasts at most, in seconds.
pub(crate) const fn lasts(level: Level) -> i64 {
    match level {
        Level::Public | Level::Customer => 30 * DAY,
        Level::Employee | Level::Agent => 12 * HOUR,
    }
}

/// How long a session lasts that nobody uses, in seconds.
const fn idles(level: Level) -> i64 {
    match level {
        Level::Public | Level::Customer => 14 * DAY,
        Level::Employee | Level::Agent => 8 * HOUR,
    }
}

/// Whether a session of this person is good now. A person who left has none, and none survives a raised number.
pub(crate) fn is_good(session: &Session, person: &Person, now: Timestamp) -> bool {
    session.user == person.id
        && is_in(person, session.epoch)
        && session.expires_at > now
        && session.seen_at.plus_seconds(idles(person.level)) > now
}

/// Whether what was signed in under this number still stands for the person.
pub(crate) fn is_in(person: &Person, epoch: u32) -> bool {
    person.state == PersonState::Active && person.epoch == epoch
}

/// Whether its use is to be written down again.
pub(crate) fn is_stale(session: &Session, now: Timestamp) -> bool {
    session.seen_at.plus_seconds(touched_after_seconds()) <= now
}
