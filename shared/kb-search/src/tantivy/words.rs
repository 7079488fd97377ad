//! The words of the index, for the lexicon.

use super::bound::SegmentBound;
use super::broken;
use super::schema::Fields;
use crate::error::Error;
use crate::fields;
use crate::index::Bound;
use ::tantivy::schema::IndexRecordOption;
use ::tantivy::{DocSet, Searcher, SegmentReader, TERMINATED};
use kb_text::analysis::SENTINEL;
use std::collections::BTreeMap;

/// Every word with the number of parts that hold it, sorted, and the number of parts: of all, or of those that a bound admits.
pub(super) fn of(
    searcher: &Searcher,
    fields: &Fields,
    bound: Option<&Bound>,
) -> Result<(Vec<(String, u64)>, u64), Error> {
    let words = fields::TEXT.iter().position(|f| *f == fields::BODY_WORDS);
    let field = fields.text[words.unwrap_or(0)];
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut parts = 0;
    for reader in searcher.segment_readers() {
        let admitted = bound.map(|bound| admitted(reader, bound)).transpose()?;
        let here = admitted.as_ref().map_or_else(
            || u64::from(reader.num_docs()),
            |docs| docs.iter().filter(|admitted| **admitted).count() as u64,
        );
        if here == 0 {
            continue;
        }
        parts += here;
        let inverted = reader.inverted_index(field).map_err(broken)?;
        let mut stream = inverted.terms().stream().map_err(broken)?;
        while stream.advance() {
            let Ok(term) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            if term == SENTINEL {
                continue;
            }
            let mut count = u64::from(stream.value().doc_freq);
            if let Some(docs) = &admitted {
                let found =
                    inverted.read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic);
                let mut found = found.map_err(broken)?;
                count = 0;
                while found.doc() != TERMINATED {
                    count += u64::from(docs[found.doc() as usize]);
                    found.advance();
                }
            }
            if count > 0 {
                *counts.entry(term.to_owned()).or_default() += count;
            }
        }
    }
    Ok((counts.into_iter().collect(), parts))
}

/// By document, whether the bound admits it.
fn admitted(reader: &SegmentReader, bound: &Bound) -> Result<Vec<bool>, Error> {
    let Some(segment) = SegmentBound::new(reader, &[], bound)? else {
        return Ok(Vec::new());
    };
    Ok((0..reader.max_doc())
        .map(|doc| segment.admits(doc))
        .collect())
}
