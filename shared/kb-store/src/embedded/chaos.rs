//! What a test must not rely on: indexes that lag, a feed that shuffles, splits and repeats, all from one seed.

use super::encode::unavailable;
use crate::error::Error;
use crate::feed::FeedRecord;
use redb::{Database, ReadTransaction, ReadableDatabase};
use std::sync::Mutex;

/// The seed of an unruly engine.
#[derive(Clone, Copy, Debug)]
pub struct Chaos {
    /// Equal seeds misbehave equally.
    pub seed: u64,
}

pub(super) struct Unrest {
    state: Mutex<u64>,
    old: Mutex<ReadTransaction>,
}

impl Unrest {
    pub(super) fn new(chaos: Chaos, database: &Database) -> Result<Self, redb::Error> {
        Ok(Self {
            state: Mutex::new(chaos.seed),
            old: Mutex::new(database.begin_read()?),
        })
    }

    pub(super) fn catch_up(&self, database: &Database) -> Result<(), redb::Error> {
        *lock(&self.old) = database.begin_read()?;
        Ok(())
    }

    /// Reads an index as it was some time ago.
    pub(super) fn with_old<T>(
        &self,
        database: &Database,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.below(3) == 0 {
            self.catch_up(database).map_err(unavailable)?;
        }
        read(&lock(&self.old))
    }

    /// Records of different subjects in another order, with some that were settled before.
    pub(super) fn shuffle(
        &self,
        records: Vec<FeedRecord>,
        settled: Vec<FeedRecord>,
    ) -> Vec<FeedRecord> {
        let mut queues: Vec<Vec<FeedRecord>> = Vec::new();
        let repeated = settled.into_iter().filter(|_| self.below(4) == 0);
        for record in repeated.collect::<Vec<_>>().into_iter().chain(records) {
            match queues
                .iter_mut()
                .find(|q| q[0].subject() == record.subject())
            {
                Some(queue) => queue.push(record),
                None => queues.push(vec![record]),
            }
        }
        let mut shuffled = Vec::new();
        while !queues.is_empty() {
            let n = self.below(queues.len());
            shuffled.push(queues[n].remove(0));
            if queues[n].is_empty() {
                queues.remove(n);
            }
        }
        shuffled
    }

    /// A number below `n`, by SplitMix64.
    fn below(&self, n: usize) -> usize {
        let mut state = lock(&self.state);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap_or(0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
