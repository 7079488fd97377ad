//! Which audience of ours reads an article of theirs.

use super::article::Shape;
use super::id::RemoteId;
use super::mapping::{Mapping, PlaceSettings};
use super::readers::{ReaderRule, SegmentRule, segment_name};
use crate::audience::{Audience, Clause, Level};
use std::collections::{BTreeMap, BTreeSet};

/// Who reads an article here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readership {
    /// The audience.
    pub audience: Audience,
    /// The segments that it names and that stand for rules of theirs.
    pub segments: BTreeMap<String, SegmentRule>,
    /// Rules that cannot be understood: nobody reads by them.
    pub unknown: BTreeSet<RemoteId>,
}

impl Readership {
    /// Who reads what has these rules and stands in a place with these settings. While nobody has said who reads the place, it is
    /// for agents, whatever a rule says; then any of the rules admits, and where there is none the place does.
    pub fn of(
        readers: &[RemoteId],
        place: &PlaceSettings,
        shape: &Shape,
        mapping: &Mapping,
        system: &str,
    ) -> Self {
        let mut found = Self {
            audience: Audience::default(),
            segments: BTreeMap::new(),
            unknown: BTreeSet::new(),
        };
        if readers.is_empty() {
            found.audience = place.readers();
            return found;
        }
        let clauses = readers.iter().map(|id| match mapping.readers.get(id) {
            Some(said) => said.clone(),
            None => found.clause(id, shape.readers.get(id), system),
        });
        let any: Vec<Clause> = clauses.collect();
        let all = match place.audience {
            Some(_) => Vec::new(),
            None => vec![Clause::Level(Level::Agent)],
        };
        found.audience = Audience {
            any,
            all,
            none: Vec::new(),
        }
        .canonical();
        found
    }

    /// The clause that stands for a rule; one that is not there is not understood.
    fn clause(&mut self, id: &RemoteId, rule: Option<&ReaderRule>, system: &str) -> Clause {
        if let Some(level) = rule.and_then(ReaderRule::as_level) {
            return Clause::Level(level);
        }
        let rule = rule.map_or_else(SegmentRule::nobody, ReaderRule::segment_rule);
        if rule.is_nobody() {
            self.unknown.insert(id.clone());
        }
        let name = segment_name(system, id);
        self.segments.insert(name.clone(), rule);
        Clause::Segment(name)
    }
}
