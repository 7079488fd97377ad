//! Who reads a thing there, and which segment says so here.
//!
//! A rule of theirs is a level, or becomes one segment of ours whose members are worked out when people come in. What cannot be
//! understood becomes a segment without members: nobody reads by it until an admin says who.

use super::id::RemoteId;
use crate::audience::Level;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The longest name of a segment that an audience may name.
const SEGMENT_NAME_MAX: usize = 60;
/// The kind of trait by which a rule asks how far inside somebody stands.
const LEVEL: &str = "level";

/// How far inside somebody must stand to read a thing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReaderLevel {
    /// Anybody.
    Everybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever answers customers.
    Staff,
    /// They say something that is no level of ours.
    Unknown,
}

impl ReaderLevel {
    /// The level of ours; `None` where there is none.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Everybody => Some(Level::Public),
            Self::SignedIn => Some(Level::Customer),
            Self::Staff => Some(Level::Agent),
            Self::Unknown => None,
        }
    }
}

/// Something that is true of a person, such as `group` `360012` or `tag` `beta`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Trait {
    /// What sort of thing.
    pub kind: String,
    /// Which one.
    pub value: String,
}

impl Trait {
    /// A trait.
    pub fn new(kind: &str, value: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.into(),
        }
    }

    /// That somebody stands at least this far inside.
    pub fn level(level: Level) -> Self {
        let word = match level {
            Level::Public => "public",
            Level::Customer => "customer",
            Level::Employee => "employee",
            Level::Agent => "agent",
        };
        Self::new(LEVEL, word)
    }
}

/// A rule about readers, as the other system has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderRule {
    /// What it is called there.
    pub name: String,
    /// How far inside.
    pub level: ReaderLevel,
    /// Every part must hold; a part holds by any one of its traits.
    pub parts: Vec<BTreeSet<Trait>>,
    /// Who has one of these is out.
    pub none: BTreeSet<Trait>,
}

/// Who belongs to a segment, by what is true of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRule {
    /// Every part must hold; a part holds by any one of its traits, so that an empty one holds for nobody.
    pub all: Vec<BTreeSet<Trait>>,
    /// Who has one of these does not belong to it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub none: BTreeSet<Trait>,
}

impl SegmentRule {
    /// The rule of a segment without members.
    pub fn nobody() -> Self {
        Self {
            all: vec![BTreeSet::new()],
            none: BTreeSet::new(),
        }
    }

    /// Whether somebody of whom all this is true belongs to it. A level is true of somebody with every level below it.
    pub fn admits(&self, traits: &BTreeSet<Trait>) -> bool {
        let has_one_of = |part: &BTreeSet<Trait>| part.iter().any(|t| traits.contains(t));
        !self.all.is_empty() && self.all.iter().all(has_one_of) && !has_one_of(&self.none)
    }

    /// Whether nobody can belong to it.
    pub fn is_nobody(&self) -> bool {
        self.all.is_empty() || self.all.iter().any(BTreeSet::is_empty)
    }
}

impl ReaderRule {
    /// The level that says all of it; `None` where a segment must.
    pub(super) fn as_level(&self) -> Option<Level> {
        let plain = self.parts.is_empty() && self.none.is_empty();
        self.level.level().filter(|_| plain)
    }

    /// The rule of the segment that stands for it.
    pub(super) fn segment_rule(&self) -> SegmentRule {
        let Some(level) = self.level.level() else {
            return SegmentRule::nobody();
        };
        // Who is in by nothing but not being out is anybody.
        let asks = level > Level::Public || self.parts.is_empty();
        let inside = asks.then(|| BTreeSet::from([Trait::level(level)]));
        SegmentRule {
            all: inside.into_iter().chain(self.parts.clone()).collect(),
            none: self.none.clone(),
        }
    }
}

/// The name of the segment that stands for a rule of another system, such as `zendesk.acme.360123`. Two rules never share one.
pub fn segment_name(system: &str, rule: &RemoteId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let whole = format!("{}.{rule}", system.replacen(':', ".", 1));
    if whole.len() <= SEGMENT_NAME_MAX && whole.chars().all(plain) {
        return whole;
    }
    let digest = Sha256::digest(format!("{system}\n{rule}").as_bytes());
    let digest: String = digest[..10].iter().map(|b| format!("{b:02x}")).collect();
    let begin: String = whole.chars().filter(|c| plain(*c)).take(38).collect();
    format!("{begin}..{digest}")
}
