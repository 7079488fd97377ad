//! What is done next with a grant: a pure decision. Its rules are proven by the simulation in `tests`.

use super::error::Reconnect;
use kb_domain::Timestamp;
use kb_store::repo::{Grant, GrantEnd, Lease};

/// No process that has shown a refresh token is still at work after so many seconds: a function on Lambda is ended after 120.
pub const PROCESS_MAX_SECONDS: i64 = 180;
/// How long a lease lasts, in seconds; a token call takes ten at most.
pub const LEASE_SECONDS: i64 = 60;
/// An access token is not used in its last seconds, for clocks differ and calls take time.
const MARGIN_SECONDS: i64 = 30;
/// An access token that is refused within so many seconds is not helped by another one.
const YOUNG_SECONDS: i64 = 60;
/// When to look again at what others do, in seconds.
const AGAIN_SECONDS: i64 = 1;

/// What is done next with a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantStep {
    /// Use its access token.
    Use,
    /// Look again at this moment.
    Wait(Timestamp),
    /// Take the lease, write that the refresh token is shown, and show it. After a crash that is done once more: if the first
    /// request never left, it heals, and if it did, the pair that it made is lost anyway.
    Refresh,
    /// It is over.
    Reconnect(Reconnect),
}

/// Decides. `is_refused`: the partner does not take the access token, whatever its end says.
pub fn next_grant_step(
    grant: &Grant,
    lease: Option<&Lease>,
    now: Timestamp,
    is_refused: bool,
) -> GrantStep {
    let ahead = ahead_micros(grant);
    let margin = ahead.min(MARGIN_SECONDS * 1_000_000);
    let is_good = |before_end: i64| {
        let end = grant
            .access_until
            .map(|end| end.0.saturating_sub(before_end));
        !is_refused && end.is_none_or(|end| now.0 < end)
    };
    if let Some(over) = ending(grant, now) {
        // What the partner has ended may still be good for minutes, what we take back is not used.
        let is_used = over != Reconnect::Withdrawn && is_good(margin);
        return if is_used {
            GrantStep::Use
        } else {
            GrantStep::Reconnect(over)
        };
    }
    if !grant.renewable {
        let over = if is_refused {
            Reconnect::Refused
        } else {
            Reconnect::Expired
        };
        return if is_good(margin) {
            GrantStep::Use
        } else {
            GrantStep::Reconnect(over)
        };
    }
    let again = GrantStep::Wait(now.plus_seconds(AGAIN_SECONDS));
    let is_held = lease.is_some_and(|lease| lease.until > now);
    match grant.shown_at {
        Some(_) if is_good(margin) => GrantStep::Use,
        // Who has shown it may still be at work.
        Some(shown) if now < shown.plus_seconds(PROCESS_MAX_SECONDS) => again,
        None if is_good(if is_held { margin } else { ahead }) => GrantStep::Use,
        None if is_refused && now < grant.issued_at.plus_seconds(YOUNG_SECONDS) => {
            GrantStep::Wait(grant.issued_at.plus_seconds(YOUNG_SECONDS))
        }
        _ if is_held => again,
        _ => GrantStep::Refresh,
    }
}

/// Why a grant is over, for those who show its health; `None` while it works.
pub fn ending(grant: &Grant, now: Timestamp) -> Option<Reconnect> {
    let shown_long_ago = grant
        .shown_at
        .is_some_and(|shown| now >= shown.plus_seconds(PROCESS_MAX_SECONDS));
    match grant.end {
        Some(GrantEnd::Withdrawn) => Some(Reconnect::Withdrawn),
        Some(GrantEnd::Refused) => Some(Reconnect::Refused),
        // Whatever came of the second time is final.
        None if shown_long_ago && grant.shown_again => Some(Reconnect::Lost),
        None if grant.refresh_until.is_some_and(|end| end <= now) => Some(Reconnect::Expired),
        None => None,
    }
}

/// How long before the end of the access token it is renewed: a fifth of its life.
fn ahead_micros(grant: &Grant) -> i64 {
    let life = |end: Timestamp| end.0.saturating_sub(grant.issued_at.0);
    grant.access_until.map_or(0, |end| life(end).max(0) / 5)
}

/// When it is to be renewed; `None` for never.
pub fn renew_at(grant: &Grant) -> Option<Timestamp> {
    let end = grant.access_until.filter(|_| grant.renewable)?;
    Some(Timestamp(end.0 - ahead_micros(grant)))
}
