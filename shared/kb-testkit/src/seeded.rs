//! Time and ids that a test decides.

use kb_domain::{Clock, IdGen, Timestamp};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// A clock turned by hand. Every look moves it by one microsecond, so that two writes never carry one time.
#[derive(Debug)]
pub struct MockClock(AtomicI64);

impl Default for MockClock {
    /// 2026-11-24T08:00:00Z.
    fn default() -> Self {
        Self(AtomicI64::new(1_795_507_200_000_000))
    }
}

impl MockClock {
    /// Turns it forward, or back.
    pub fn advance(&self, seconds: i64) {
        self.0
            .fetch_add(seconds.saturating_mul(1_000_000), Ordering::Relaxed);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Ids and secrets from a seed: equal seeds, equal ids. They sort by the order in which they were made.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    next: AtomicU64,
}

impl SeededIds {
    /// Ids of this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            next: AtomicU64::new(0),
        }
    }

    /// SplitMix64 of a number under the seed.
    fn mix(&self, n: u64) -> u64 {
        let mut z = self.seed ^ n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl IdGen for SeededIds {
    fn uuid(&self) -> Uuid {
        let n = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.mix(n).to_be_bytes());
        random[8..].copy_from_slice(&self.mix(!n).to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(1_795_507_200_000 + n, &random).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let n = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = [0; 32];
        for (chunk, salt) in bytes.chunks_mut(8).zip(1_u64..) {
            chunk.copy_from_slice(&self.mix(n ^ (salt << 56)).to_be_bytes());
        }
        bytes
    }
}
