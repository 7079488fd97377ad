//! How many articles match, and how many of them have each facet value. An article counts once, however many of its parts match
//! in whatever segments.

use super::broken;
use crate::error::Error;
use ::tantivy::DocId;
use ::tantivy::columnar::StrColumn;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The number of an article is a hash already.
#[derive(Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A document that added to the counts of its article, and the one before it.
struct Link {
    segment: usize,
    doc: DocId,
    before: Option<usize>,
}

/// The facet column of a segment with the numbers that its values have in all segments.
struct Column {
    values: Option<StrColumn>,
    numbers: Vec<Option<usize>>,
}

/// The values of all segments, numbered as they are met.
#[derive(Default)]
struct Values {
    columns: Vec<Column>,
    numbers: HashMap<String, usize>,
    fault: Option<Error>,
}

impl Values {
    /// The numbers of a document's values.
    fn read(&mut self, segment: usize, doc: DocId, into: &mut Vec<usize>) {
        into.clear();
        let Some(column) = self.columns.get_mut(segment) else {
            return;
        };
        let Some(values) = &column.values else { return };
        for ordinal in values.term_ords(doc) {
            let known = usize::try_from(ordinal)
                .ok()
                .and_then(|at| column.numbers.get_mut(at));
            let Some(known) = known else { continue };
            if let Some(number) = *known {
                into.push(number);
                continue;
            }
            let mut value = String::new();
            if let Err(error) = values.ord_to_str(ordinal, &mut value) {
                self.fault = Some(broken(error));
                continue;
            }
            let next = self.numbers.len();
            let number = *self.numbers.entry(value).or_insert(next);
            *known = Some(number);
            into.push(number);
        }
    }
}

/// The counts so far.
#[derive(Default)]
pub(super) struct Counts {
    /// By article: the last document that added to its counts.
    articles: HashMap<u64, usize, BuildHasherDefault<AsIs>>,
    links: Vec<Link>,
    values: Values,
    /// By number of the value.
    sums: Vec<u64>,
    /// Values of the document at hand, and of one before it.
    own: Vec<usize>,
    other: Vec<usize>,
}

impl Counts {
    /// The documents that follow are of another segment.
    pub fn begin(&mut self, values: Option<StrColumn>) {
        let distinct = values.as_ref().map_or(0, |v| v.num_terms());
        self.values.columns.push(Column {
            values,
            numbers: vec![None; distinct],
        });
    }

    /// A document of this article matches.
    pub fn add(&mut self, article: u64, doc: DocId) {
        let segment = self.values.columns.len().saturating_sub(1);
        let before = self.articles.get(&article).copied();
        self.values.read(segment, doc, &mut self.own);
        let mut at = before;
        while let Some(link) = at.and_then(|n| self.links.get(n)) {
            self.values.read(link.segment, link.doc, &mut self.other);
            self.own.retain(|number| !self.other.contains(number));
            at = link.before;
        }
        if before.is_some() && self.own.is_empty() {
            return;
        }
        for number in &self.own {
            if self.sums.len() <= *number {
                self.sums.resize(*number + 1, 0);
            }
            self.sums[*number] += 1;
        }
        self.articles.insert(article, self.links.len());
        self.links.push(Link {
            segment,
            doc,
            before,
        });
    }

    /// How many articles there were.
    pub fn articles(&self) -> u64 {
        self.articles.len() as u64
    }

    /// Facet, value and number of articles, sorted. Errors: a value could not be read.
    pub fn facets(self) -> Result<Vec<(String, String, u64)>, Error> {
        if let Some(fault) = self.values.fault {
            return Err(fault);
        }
        let mut facets: Vec<_> = self
            .values
            .numbers
            .iter()
            .filter_map(|(spelled, number)| {
                let (name, value) = spelled.split_once(':')?;
                Some((name.to_owned(), value.to_owned(), *self.sums.get(*number)?))
            })
            .collect();
        facets.sort();
        Ok(facets)
    }
}
