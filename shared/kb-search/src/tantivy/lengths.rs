//! How long the texts are in all, for BM25.
//!
//! The engine keeps a sum itself, which it takes from one byte for each length when it merges a segment in which something was replaced
//! (`estimate_total_num_tokens` of Tantivy 0.27): up to 2 % off, for good. Lucene counts anew. A column of the lengths is exact in both.

use super::broken;
use super::schema::{Fields, LENGTHS};
use crate::error::Error;
use ::tantivy::index::SegmentId;
use ::tantivy::query::Bm25StatisticsProvider;
use ::tantivy::schema::Field;
use ::tantivy::{Searcher, SegmentReader, Term};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The sums of each segment that was searched lately; a segment never changes.
#[derive(Default)]
pub(super) struct Lengths(Mutex<HashMap<SegmentId, [u64; 5]>>);

impl Lengths {
    /// The sums over everything that a searcher sees; what was replaced counts until it is merged away, as in Lucene.
    pub(super) fn of(&self, searcher: &Searcher) -> Result<[u64; 5], Error> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let segments = searcher.segment_readers();
        if segments
            .iter()
            .any(|s| !known.contains_key(&s.segment_id()))
        {
            let mut seen = HashMap::new();
            for segment in segments {
                let id = segment.segment_id();
                let sums = known.get(&id).copied();
                seen.insert(id, sums.map_or_else(|| sums_of(segment), Ok)?);
            }
            *known = seen;
        }
        let mut sums = [0; 5];
        for segment in segments {
            let of_segment = known.get(&segment.segment_id()).into_iter().flatten();
            for (sum, more) in sums.iter_mut().zip(of_segment) {
                *sum += more;
            }
        }
        Ok(sums)
    }
}

fn sums_of(segment: &SegmentReader) -> Result<[u64; 5], Error> {
    let mut sums = [0; 5];
    for (sum, name) in sums.iter_mut().zip(LENGTHS) {
        let column = segment.fast_fields().u64(name).map_err(broken)?;
        *sum = (0..segment.max_doc())
            .filter_map(|doc| column.first(doc))
            .sum();
    }
    Ok(sums)
}

/// What BM25 is told: the engine's own numbers but for the lengths.
pub(super) struct Statistics<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    pub lengths: [u64; 5],
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> ::tantivy::Result<u64> {
        match self.fields.text.iter().position(|f| *f == field) {
            Some(n) => Ok(self.lengths[n]),
            None => self.searcher.total_num_tokens(field),
        }
    }

    fn total_num_docs(&self) -> ::tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> ::tantivy::Result<u64> {
        self.searcher.doc_freq(term)
    }
}
