//! The best documents of a search, across its segments.

use ::tantivy::{DocId, Score};
use std::collections::BinaryHeap;

/// The best so many.
pub(super) struct Best {
    limit: usize,
    heap: BinaryHeap<Found>,
}

impl Best {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            heap: BinaryHeap::with_capacity(limit + 1),
        }
    }

    pub(super) fn offer(&mut self, score: Score, segment: u32, doc: DocId) {
        // Documents come in order, so that one that equals the worst so far stands behind it.
        if score <= self.threshold() && self.heap.len() == self.limit {
            return;
        }
        self.heap.push(Found {
            score,
            segment,
            doc,
        });
        if self.heap.len() > self.limit {
            self.heap.pop();
        }
    }

    pub(super) fn threshold(&self) -> Score {
        if self.heap.len() < self.limit {
            Score::MIN
        } else {
            self.heap.peek().map_or(Score::MIN, |f| f.score)
        }
    }

    pub(super) fn into_sorted(self) -> Vec<Found> {
        self.heap.into_sorted_vec()
    }
}

/// A document with its score.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) score: Score,
    pub(super) segment: u32,
    pub(super) doc: DocId,
}

impl Eq for Found {}

impl Ord for Found {
    /// The worst is the greatest, so that a heap gives it up first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then_with(|| (self.segment, self.doc).cmp(&(other.segment, other.doc)))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
