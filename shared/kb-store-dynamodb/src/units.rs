//! Read and write units, computed from the sizes of rows as the price list counts them. The emulators' own meters are not used:
//! they are wrong for transactions.

use std::sync::atomic::{AtomicU64, Ordering};

/// Half read units and write units that were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Calls of the service, repeated ones not counted.
    pub calls: u64,
    /// Read units, twice: a read of an index, which lags, costs half of one.
    pub half_reads: u64,
    /// Write units of the table.
    pub writes: u64,
    /// Write units of the indexes, for the entries that were written. What a change takes out of an index is not seen.
    pub index_writes: u64,
}

impl Units {
    /// Read units.
    pub fn reads(&self) -> f64 {
        self.half_reads as f64 / 2.0
    }

    /// What was used since an earlier look.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            calls: self.calls - earlier.calls,
            half_reads: self.half_reads - earlier.half_reads,
            writes: self.writes - earlier.writes,
            index_writes: self.index_writes - earlier.index_writes,
        }
    }
}

/// The meter of an engine.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    calls: AtomicU64,
    half_reads: AtomicU64,
    writes: AtomicU64,
    index_writes: AtomicU64,
}

impl Meter {
    pub fn read(&self) -> Units {
        Units {
            calls: self.calls.load(Ordering::Relaxed),
            half_reads: self.half_reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            index_writes: self.index_writes.load(Ordering::Relaxed),
        }
    }

    pub fn add(&self, used: Units) {
        self.calls.fetch_add(used.calls, Ordering::Relaxed);
        self.half_reads
            .fetch_add(used.half_reads, Ordering::Relaxed);
        self.writes.fetch_add(used.writes, Ordering::Relaxed);
        self.index_writes
            .fetch_add(used.index_writes, Ordering::Relaxed);
        tracing::debug!(
            units.half_reads = used.half_reads,
            units.writes = used.writes,
            units.index_writes = used.index_writes,
            "a call of the table"
        );
    }
}

/// Half units of a read of so many bytes: 4 KB each, at least one.
pub(crate) fn reads(bytes: usize, strong: bool) -> u64 {
    let units = bytes.div_ceil(4_096).max(1) as u64;
    if strong { 2 * units } else { units }
}

/// Units of a write of so many bytes: 1 KB each, at least one; a transaction writes twice.
pub(crate) fn writes(bytes: usize, in_transaction: bool) -> u64 {
    let units = bytes.div_ceil(1_024).max(1) as u64;
    if in_transaction { 2 * units } else { units }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_as_the_price_list_does() {
        assert_eq!([0, 1, 4_096, 4_097].map(|n| reads(n, true)), [2, 2, 2, 4]);
        assert_eq!([0, 4_096, 4_097].map(|n| reads(n, false)), [1, 1, 2]);
        assert_eq!([0, 1_024, 1_025].map(|n| writes(n, false)), [1, 1, 2]);
        assert_eq!([1, 1_025].map(|n| writes(n, true)), [2, 4]);
    }
}
