//! The collector: admits only what the bound and the filters admit, inside the search, so that hits, totals and facets agree.

use super::best::Best;
use super::bound::SegmentBound;
use super::broken;
use super::counts::Counts;
use super::lengths::Statistics;
use super::names::Names;
use super::schema::{self, Fields};
use crate::error::Error;
use crate::fields;
use crate::index::{Bound, Count, Filter, UnitHit, UnitQuery, Units};
use ::tantivy::columnar::StrColumn;
use ::tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, EnableScoring, Occur, Query, TermQuery,
};
use ::tantivy::schema::IndexRecordOption;
use ::tantivy::{DocId, Score, Searcher, Term};
use kb_domain::PortalId;
use std::collections::{HashMap, HashSet};

/// Tantivy's BM25 has a factor (k1 + 1) that Lucene's has not.
const TO_LUCENE: f32 = 2.2;

pub(super) fn search(statistics: &Statistics<'_>, query: &UnitQuery) -> Result<Units, Error> {
    let (schema, searcher) = (statistics.fields, statistics.searcher);
    let listing = query.terms.is_empty();
    let engine_query = build(schema, query);
    let weight = engine_query
        .weight(EnableScoring::enabled_from_statistics_provider(
            statistics, searcher,
        ))
        .map_err(broken)?;
    let mut best = Best::new(query.limit.max(1));
    let mut counts = Counts::default();
    let mut counted: HashSet<u64> = HashSet::new();
    let most = match query.count {
        Count::Nothing => 0,
        Count::Articles => Count::ARTICLES,
        Count::Facets => Count::EVERYTHING,
    };
    // One more tells that there are more.
    let counted_max = usize::try_from(most)
        .map_err(broken)?
        .saturating_add(usize::from(most > 0));
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let Some(bound) = SegmentBound::new(reader, &query.filters, &query.bound)? else {
            continue;
        };
        let segment = u32::try_from(segment).map_err(broken)?;
        let groups = reader.fast_fields().u64(schema::GROUP).map_err(broken)?;
        if query.count != Count::Facets && !listing {
            // Once enough is counted, only what can still be among the best is looked at.
            let mut offer = |doc: DocId, score: Score| {
                if bound.admits(doc) {
                    best.offer(score, segment, doc);
                    if counted.len() < counted_max {
                        counted.insert(groups.first(doc).unwrap_or(0));
                    }
                }
                if counted.len() < counted_max {
                    Score::MIN
                } else {
                    best.threshold()
                }
            };
            weight
                .for_each_pruning(Score::MIN, reader, &mut offer)
                .map_err(broken)?;
            continue;
        }
        let published = reader
            .fast_fields()
            .i64(schema::PUBLISHED)
            .map_err(broken)?;
        let facets = reader.fast_fields().str(schema::FACETS).map_err(broken)?;
        counts.begin(facets);
        let mut offer = |doc: DocId, score: Score| {
            if !bound.admits(doc) {
                return;
            }
            // A list without terms is ordered by time; seconds fit a float well enough to order days.
            let score = if listing {
                (published.first(doc).unwrap_or(0) / 1_000_000) as f32
            } else {
                score
            };
            best.offer(score, segment, doc);
            if query.count != Count::Nothing {
                counts.add(groups.first(doc).unwrap_or(0), doc);
            }
        };
        weight.for_each(reader, &mut offer).map_err(broken)?;
    }
    let mut names = Names::new(searcher);
    let mut hits = Vec::new();
    for found in best.into_sorted() {
        let score = if listing {
            found.score
        } else {
            (found.score / TO_LUCENE * 100_000.0).round() / 100_000.0
        };
        hits.push(UnitHit {
            id: names.of(found.segment, found.doc)?,
            score,
        });
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    let articles = counts.articles().max(counted.len() as u64);
    let facets = match query.count {
        Count::Facets => counts.facets()?,
        _ => Vec::new(),
    };
    Ok(Units {
        hits,
        exact: articles <= most,
        articles: articles.min(most),
        facets,
    })
}

/// Sections and portals of what the bound admits in a portal, as they are spelled in the column.
pub(super) fn places(
    searcher: &Searcher,
    portal: PortalId,
    bound: &Bound,
) -> Result<HashSet<String>, Error> {
    let mut found = HashSet::new();
    for reader in searcher.segment_readers() {
        let Some(segment) = SegmentBound::new(reader, &[Filter::Portal(portal)], bound)? else {
            continue;
        };
        let Some(column) = &segment.places else {
            continue;
        };
        // Most documents stand where another one stands that was counted already: they need no look at the bound.
        let mut seen: HashSet<u64> = HashSet::new();
        for doc in 0..reader.max_doc() {
            if column.term_ords(doc).any(|o| !seen.contains(&o)) && segment.admits(doc) {
                seen.extend(column.term_ords(doc));
            }
        }
        for ordinal in seen {
            found.insert(spelled(column, ordinal)?);
        }
    }
    Ok(found)
}

/// The number of documents that the bound admits in a portal, by section and portal as they are spelled in the column.
pub(super) fn sizes(
    searcher: &Searcher,
    portal: PortalId,
    bound: &Bound,
) -> Result<HashMap<String, u64>, Error> {
    let mut found = HashMap::new();
    for reader in searcher.segment_readers() {
        let Some(segment) = SegmentBound::new(reader, &[Filter::Portal(portal)], bound)? else {
            continue;
        };
        let Some(column) = &segment.places else {
            continue;
        };
        let mut counted: HashMap<u64, u64> = HashMap::new();
        for doc in (0..reader.max_doc()).filter(|doc| segment.admits(*doc)) {
            for ordinal in column.term_ords(doc) {
                *counted.entry(ordinal).or_default() += 1;
            }
        }
        for (ordinal, count) in counted {
            *found.entry(spelled(column, ordinal)?).or_default() += count;
        }
    }
    Ok(found)
}

fn spelled(column: &StrColumn, ordinal: u64) -> Result<String, Error> {
    let mut value = String::new();
    column.ord_to_str(ordinal, &mut value).map_err(broken)?;
    Ok(value)
}

/// A flat OR of boosted terms. No parser sees the text.
fn build(schema: &Fields, query: &UnitQuery) -> Box<dyn Query> {
    if query.terms.is_empty() {
        return Box::new(AllQuery);
    }
    let clauses = query.terms.iter().filter_map(|term| {
        let field = schema.text[fields::TEXT.iter().position(|name| *name == term.field)?];
        let leaf = TermQuery::new(
            Term::from_field_text(field, &term.term),
            IndexRecordOption::WithFreqs,
        );
        let boosted: Box<dyn Query> = Box::new(BoostQuery::new(Box::new(leaf), term.weight));
        Some((Occur::Should, boosted))
    });
    Box::new(BooleanQuery::new(clauses.collect()))
}
