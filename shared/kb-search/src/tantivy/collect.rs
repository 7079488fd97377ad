//! The collector: admits only what the bound and the filters admit, inside the search, so that hits, totals and facets agree.

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
use ::tantivy::{DocId, Score, Searcher, SegmentReader, Term};
use kb_domain::PortalId;
use std::collections::{BinaryHeap, HashMap, HashSet};

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
            let mut value = String::new();
            column.ord_to_str(ordinal, &mut value).map_err(broken)?;
            found.insert(value);
        }
    }
    Ok(found)
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

/// What a query admits in one segment.
struct SegmentBound<'a> {
    reader: &'a SegmentReader,
    audiences: StrColumn,
    /// By ordinal of the audience column.
    admitted: Vec<bool>,
    facets: Option<StrColumn>,
    places: Option<StrColumn>,
    /// Each: one of these ordinals of the facet column.
    facet_filters: Vec<HashSet<u64>>,
    /// Each: one of these ordinals of the place column.
    place_filters: Vec<HashSet<u64>>,
    /// By article: the ordinal of a language, or all of them, and the version from which it is shown.
    hidden: HashMap<u64, Vec<(Option<u64>, u64)>>,
    groups: ::tantivy::columnar::Column<u64>,
    locales: Option<StrColumn>,
    versions: ::tantivy::columnar::Column<u64>,
}

impl<'a> SegmentBound<'a> {
    /// `None` when nothing in the segment can be admitted.
    fn new(
        reader: &'a SegmentReader,
        filters: &[Filter],
        bound: &Bound,
    ) -> Result<Option<Self>, Error> {
        let columns = reader.fast_fields();
        let Some(audiences) = columns.str(schema::AUDIENCE).map_err(broken)? else {
            return Ok(None);
        };
        let mut admitted = vec![false; audiences.num_terms()];
        for ordinal in ordinals(&audiences, bound.audiences.iter().map(ToString::to_string))? {
            admitted[usize::try_from(ordinal).map_err(broken)?] = true;
        }
        let facets = columns.str(schema::FACET).map_err(broken)?;
        let places = columns.str(schema::WHERE).map_err(broken)?;
        let (mut facet_filters, mut place_filters) = (Vec::new(), Vec::new());
        for filter in filters {
            let named = |name: &str, values: &[String]| -> Vec<String> {
                values.iter().map(|v| format!("{name}:{v}")).collect()
            };
            match filter {
                Filter::Portal(id) => place_filters.push(of(places.as_ref(), [id.to_string()])?),
                Filter::Nodes(ids) => {
                    place_filters.push(of(places.as_ref(), ids.iter().map(ToString::to_string))?);
                }
                Filter::Kind(kinds) => {
                    facet_filters.push(of(facets.as_ref(), named("kind", kinds))?);
                }
                Filter::Type(types) => {
                    facet_filters.push(of(facets.as_ref(), named("type", types))?);
                }
                Filter::Labels(labels) => {
                    for label in labels {
                        facet_filters.push(of(facets.as_ref(), [format!("label:{label}")])?);
                    }
                }
                Filter::Language(language) => {
                    facet_filters.push(languages(facets.as_ref(), language)?);
                }
            }
        }
        if let Some(portals) = &bound.portals {
            place_filters.push(of(
                places.as_ref(),
                portals.iter().map(ToString::to_string),
            )?);
        }
        let locales = columns.str(schema::LOCALE).map_err(broken)?;
        let mut hidden: HashMap<u64, Vec<(Option<u64>, u64)>> = HashMap::new();
        for (article, locale, version) in &bound.hidden {
            let ordinal = match locale {
                None => None,
                Some(locale) => match of(locales.as_ref(), [locale.to_string()])?.iter().next() {
                    // Nothing in this segment is in that language.
                    None => continue,
                    found => found.copied(),
                },
            };
            hidden
                .entry(schema::group_of(*article))
                .or_default()
                .push((ordinal, *version));
        }
        let number = |name| columns.u64(name).map_err(broken);
        Ok(Some(Self {
            reader,
            audiences,
            admitted,
            facets,
            places,
            facet_filters,
            place_filters,
            hidden,
            groups: number(schema::GROUP)?,
            locales,
            versions: number(schema::VERSION)?,
        }))
    }

    fn admits(&self, doc: DocId) -> bool {
        let seen = |ordinal: u64| {
            usize::try_from(ordinal).is_ok_and(|n| self.admitted.get(n) == Some(&true))
        };
        if self
            .reader
            .alive_bitset()
            .is_some_and(|alive| !alive.is_alive(doc))
            || !self.audiences.term_ords(doc).any(seen)
        {
            return false;
        }
        if !self.hidden.is_empty() {
            let narrowings = self.groups.first(doc).and_then(|g| self.hidden.get(&g));
            let locale = self.locales.as_ref().and_then(|l| l.term_ords(doc).next());
            let version = self.versions.first(doc).unwrap_or(0);
            if narrowings.is_some_and(|list| {
                list.iter()
                    .any(|(l, v)| (l.is_none() || *l == locale) && version < *v)
            }) {
                return false;
            }
        }
        holds(self.facets.as_ref(), &self.facet_filters, doc)
            && holds(self.places.as_ref(), &self.place_filters, doc)
    }
}

fn holds(column: Option<&StrColumn>, filters: &[HashSet<u64>], doc: DocId) -> bool {
    filters.iter().all(|wanted| {
        column.is_some_and(|c| c.term_ords(doc).any(|ordinal| wanted.contains(&ordinal)))
    })
}

fn of(
    column: Option<&StrColumn>,
    values: impl IntoIterator<Item = String>,
) -> Result<HashSet<u64>, Error> {
    column.map_or(Ok(HashSet::new()), |c| ordinals(c, values))
}

fn ordinals(
    column: &StrColumn,
    values: impl IntoIterator<Item = String>,
) -> Result<HashSet<u64>, Error> {
    let mut found = HashSet::new();
    for value in values {
        found.extend(
            column
                .dictionary()
                .term_ord(value.as_bytes())
                .map_err(broken)?,
        );
    }
    Ok(found)
}

/// The ordinals of a language with all its scripts and regions.
fn languages(column: Option<&StrColumn>, language: &str) -> Result<HashSet<u64>, Error> {
    let Some(column) = column else {
        return Ok(HashSet::new());
    };
    let exact = format!("language:{language}");
    let below = format!("{exact}-");
    let mut found = HashSet::new();
    let mut stream = column
        .dictionary()
        .range()
        .ge(exact.as_bytes())
        .into_stream()
        .map_err(broken)?;
    while stream.advance() {
        if stream.key() == exact.as_bytes() || stream.key().starts_with(below.as_bytes()) {
            found.insert(stream.term_ord());
        } else if !stream.key().starts_with(exact.as_bytes()) {
            break;
        }
    }
    Ok(found)
}

#[derive(Clone, Copy, PartialEq)]
struct Found {
    score: Score,
    segment: u32,
    doc: DocId,
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

/// The best so many.
struct Best {
    limit: usize,
    heap: BinaryHeap<Found>,
}

impl Best {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            heap: BinaryHeap::with_capacity(limit + 1),
        }
    }

    fn offer(&mut self, score: Score, segment: u32, doc: DocId) {
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

    fn threshold(&self) -> Score {
        if self.heap.len() < self.limit {
            Score::MIN
        } else {
            self.heap.peek().map_or(Score::MIN, |f| f.score)
        }
    }

    fn into_sorted(self) -> Vec<Found> {
        self.heap.into_sorted_vec()
    }
}
