//! The system's clock and source of randomness, behind the domain's traits.

use kb_domain::{Clock, IdGen, Timestamp};
use rand::TryRng;
use uuid::Uuid;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for the time"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock for measuring spans: how long the process has been asking. It never steps back.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system for the time"
)]
pub fn monotonic() -> impl Fn() -> std::time::Duration + Send + Sync + Clone {
    let start = std::time::Instant::now();
    move || start.elapsed()
}

/// Ids by UUIDv7, secrets from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl IdGen for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes ids"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        rand::rngs::SysRng
            .try_fill_bytes(&mut bytes)
            .expect("the operating system gives random bytes; without them no secret is safe");
        bytes
    }
}

/// The environment variable of this name; empty counts as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_secrets_differ() {
        let ids = SystemIds;
        let first = ids.uuid();
        assert!(ids.uuid() > first);
        assert_ne!(ids.secret(), ids.secret());
        assert!(SystemClock.now() > Timestamp(1_700_000_000_000_000));
    }
}
