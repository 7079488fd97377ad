//! How many articles match, and how many of them have each facet value. An article counts once, however many of its parts match
//! in whatever segments.
//!
//! Few documents differ in all their facet values together, so that these are counted as one: an article has the set of those that
//! its parts have, sets are numbered as they are met, and what they hold is looked at once, in the end.

use super::broken;
use crate::error::Error;
use ::tantivy::DocId;
use ::tantivy::columnar::StrColumn;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// What stands between the values in the column of all values.
pub(super) const BETWEEN: &str = "\n";

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

/// A set of facet values, and how many articles have just these so far.
#[derive(Default)]
struct Set {
    spelled: BTreeSet<usize>,
    articles: u64,
    /// By number of a document's values: the set of both together, where that was asked for.
    steps: Vec<Option<usize>>,
}

/// The counts so far.
#[derive(Default)]
pub(super) struct Counts {
    /// By article: the number of its set.
    articles: HashMap<u64, usize, BuildHasherDefault<AsIs>>,
    /// The first one is that of an article that is new.
    sets: Vec<Set>,
    /// The column of the segment at hand, and the numbers of its ordinals.
    column: Option<StrColumn>,
    numbers: Vec<Option<usize>>,
    /// The values of a document as they are spelled, numbered as they are met.
    spelled: HashMap<String, usize>,
    fault: Option<Error>,
}

impl Counts {
    /// The documents that follow are of another segment.
    pub fn begin(&mut self, column: Option<StrColumn>) {
        self.numbers = vec![None; column.as_ref().map_or(0, |c| c.num_terms())];
        self.column = column;
    }

    /// A document of this article matches.
    pub fn add(&mut self, article: u64, doc: DocId) {
        let number = self.number(doc);
        if self.sets.is_empty() {
            self.sets.push(Set::default());
        }
        let before = *self.articles.entry(article).or_insert(0);
        let next = match self.sets[before].steps.get(number) {
            Some(Some(next)) => *next,
            _ => self.step(before, number),
        };
        if before == next {
            return;
        }
        if before != 0 {
            self.sets[before].articles -= 1;
        }
        self.sets[next].articles += 1;
        self.articles.insert(article, next);
    }

    /// The set with a document's values besides those of another; kept for the next time.
    fn step(&mut self, before: usize, number: usize) -> usize {
        let mut spelled = self.sets[before].spelled.clone();
        let next = if spelled.insert(number) {
            self.sets.push(Set {
                spelled,
                ..Set::default()
            });
            self.sets.len() - 1
        } else {
            before
        };
        let steps = &mut self.sets[before].steps;
        if steps.len() <= number {
            steps.resize(number + 1, None);
        }
        steps[number] = Some(next);
        next
    }

    /// The number of a document's values.
    fn number(&mut self, doc: DocId) -> usize {
        let ordinal = self.column.as_ref().and_then(|c| c.ords().first(doc));
        let at = ordinal.and_then(|o| usize::try_from(o).ok());
        if let Some(Some(known)) = at.and_then(|at| self.numbers.get(at)) {
            return *known;
        }
        let mut spelled = String::new();
        if let (Some(column), Some(ordinal)) = (&self.column, ordinal)
            && let Err(error) = column.ord_to_str(ordinal, &mut spelled)
        {
            self.fault = Some(broken(error));
        }
        let next = self.spelled.len();
        let number = *self.spelled.entry(spelled).or_insert(next);
        if let Some(place) = at.and_then(|at| self.numbers.get_mut(at)) {
            *place = Some(number);
        }
        number
    }

    /// How many articles there were.
    pub fn articles(&self) -> u64 {
        self.articles.len() as u64
    }

    /// Facet, value and number of articles, sorted. Errors: a value could not be read.
    pub fn facets(self) -> Result<Vec<(String, String, u64)>, Error> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut spelled = vec![""; self.spelled.len()];
        for (values, number) in &self.spelled {
            spelled[*number] = values;
        }
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for set in self.sets.iter().filter(|s| s.articles > 0) {
            let values = set.spelled.iter().flat_map(|n| spelled[*n].split(BETWEEN));
            for value in values.collect::<BTreeSet<_>>() {
                if let Some(pair) = value.split_once(':') {
                    *counts.entry(pair).or_default() += set.articles;
                }
            }
        }
        let facets = counts.into_iter();
        Ok(facets
            .map(|((name, value), count)| (name.to_owned(), value.to_owned(), count))
            .collect())
    }
}
