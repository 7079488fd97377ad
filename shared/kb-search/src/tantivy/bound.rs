//! What the bound and the filters of a query admit, segment by segment.

use super::broken;
use super::schema;
use crate::error::Error;
use crate::index::{Bound, Filter};
use ::tantivy::columnar::StrColumn;
use ::tantivy::{DocId, SegmentReader};
use std::collections::{HashMap, HashSet};

/// What a query admits in one segment.
pub(super) struct SegmentBound<'a> {
    reader: &'a SegmentReader,
    audiences: StrColumn,
    /// By ordinal of the audience column.
    admitted: Vec<bool>,
    facets: Option<StrColumn>,
    /// Sections and portals of a document, as they are spelled in the column.
    pub(super) places: Option<StrColumn>,
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
    pub(super) fn new(
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

    /// Whether a document may be shown, counted and named.
    pub(super) fn admits(&self, doc: DocId) -> bool {
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
