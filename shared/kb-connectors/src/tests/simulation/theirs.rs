//! Theirs: a few things that change and go and come back, seen by whole seconds and in small pages.

use super::super::ledger::Told;
use super::Rule;
use super::store::pause;
use crate::port::{Change, ChangeFeed, Fault, Next, Page, Since, State};
use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_domain::remote::{Cursor, Gone, RemoteId, RemoteVersion};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

pub(super) const THINGS: u32 = 8;
/// Things on a page.
const PAGE: usize = 3;
/// How far behind the end a cursor rests.
const OVERLAP: i64 = 2;

/// A state of a thing.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    version: i64,
    /// Which change it came of: what it says, and how new it is.
    pub order: u64,
    pub is_gone: bool,
}

impl Told for Thing {
    fn texts(&self) -> Vec<(String, RemoteVersion, String)> {
        vec![(
            "en".to_owned(),
            micros(self.version),
            self.order.to_string(),
        )]
    }
}

fn micros(seconds: i64) -> RemoteVersion {
    RemoteVersion(seconds * 1_000_000)
}

/// What there is.
pub(super) struct Theirs {
    pub things: BTreeMap<u32, Thing>,
    /// Things that were ever gone.
    pub were_gone: BTreeSet<u32>,
    changes: u64,
    last: Option<u32>,
    /// Their clock, in milliseconds.
    pub now_ms: i64,
    /// They fail now and then.
    pub is_stormy: bool,
    /// Nothing can be seen, whoever asks.
    pub hides_all: bool,
    /// Half of the things are not listed.
    pub lists_half: bool,
    rng: StdRng,
}

impl Theirs {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            things: BTreeMap::new(),
            were_gone: BTreeSet::new(),
            changes: 0,
            last: None,
            now_ms: 1_795_507_200_000,
            is_stormy: true,
            hides_all: false,
            lists_half: false,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// Somebody changes something: which thing.
    pub(super) fn change(&mut self) -> u32 {
        // Whoever saves once often saves again.
        let again = self.rng.random_bool(0.5);
        let id = match self.last {
            Some(last) if again => last,
            _ => self.rng.random_range(0..THINGS),
        };
        self.last = Some(id);
        self.changes += 1;
        let is_gone = self.things.contains_key(&id) && self.rng.random_bool(0.1);
        if is_gone {
            self.were_gone.insert(id);
        }
        let thing = Thing {
            version: self.now_ms.div_euclid(1_000),
            order: self.changes,
            is_gone,
        };
        self.things.insert(id, thing);
        id
    }

    fn storm(&mut self) -> Result<(), Fault> {
        if self.is_stormy && self.rng.random_bool(0.1) {
            return Err(match self.rng.random_range(0..3) {
                0 => Fault::Unreachable("weather".to_owned()),
                1 => Fault::Busy(Timestamp(0)),
                _ => Fault::Forbidden("weather".to_owned()),
            });
        }
        Ok(())
    }

    fn in_use(&self) -> impl Iterator<Item = (u32, &Thing)> {
        let things = self.things.iter().map(|(id, thing)| (*id, thing));
        things.filter(|(_, thing)| !thing.is_gone && !self.hides_all)
    }

    fn line(&self, id: u32, thing: &Thing, whole: bool) -> Change<Thing> {
        Change {
            id: RemoteId(id.to_string()),
            version: Some(micros(thing.version)),
            said_at: Timestamp(self.now_ms.div_euclid(1_000) * 1_000_000),
            state: if whole {
                State::Whole(Box::new(thing.clone()))
            } else {
                State::NeedsFetch
            },
        }
    }
}

/// Their feed.
#[derive(Clone)]
pub(super) struct Feed {
    pub theirs: Arc<Mutex<Theirs>>,
    /// Whether pages hold things whole.
    pub whole: bool,
    pub rule: Rule,
    /// What the last listing did not have; believed where a rule is left out.
    pub unlisted: Arc<Mutex<BTreeSet<u32>>>,
}

impl Feed {
    pub(super) fn theirs(&self) -> MutexGuard<'_, Theirs> {
        self.theirs.lock().unwrap()
    }

    fn changes(&self, since: Since<'_>) -> Result<Page<Thing>, Fault> {
        let mut theirs = self.theirs();
        theirs.storm()?;
        let forgets = theirs.is_stormy && theirs.rng.random_bool(0.01);
        let from: i64 = match since {
            Since::Floor(at) => at.unix_seconds(),
            Since::Cursor(_) if forgets => return Err(Fault::CursorExpired),
            Since::Cursor(cursor) => cursor.0.parse().unwrap(),
        };
        let changed = theirs.in_use().filter(|(_, thing)| thing.version >= from);
        let mut found: Vec<(u32, &Thing)> = changed.collect();
        found.sort_by_key(|(id, thing)| (thing.version, *id));
        let is_full = found.len() > PAGE;
        found.truncate(PAGE);
        let end = found.last().map_or(from, |(_, thing)| thing.version);
        let cursor = |at: i64| Cursor(at.to_string());
        let next = match is_full {
            true if end == from => Next::Overflow(cursor(from + 1), micros(from)),
            true => Next::More(cursor(end)),
            false => Next::CaughtUp(cursor((end - OVERLAP).max(from))),
        };
        let items = found
            .iter()
            .map(|(id, thing)| theirs.line(*id, thing, self.whole));
        Ok(Page {
            items: items.collect(),
            next,
        })
    }

    fn list(&self, from: Option<&Cursor>) -> Result<Page<Thing>, Fault> {
        let mut theirs = self.theirs();
        theirs.storm()?;
        let after: i64 = from.map_or(-1, |cursor| cursor.0.parse().unwrap());
        let half = theirs.lists_half;
        let listed = |id: u32| i64::from(id) > after && !(half && id % 2 == 1);
        let mut left = theirs.in_use().filter(|(id, _)| listed(*id)).peekable();
        let found: Vec<(u32, &Thing)> = left.by_ref().take(PAGE).collect();
        let has_more = left.peek().is_some();
        let mut unlisted = self.unlisted.lock().unwrap();
        let last = found.last().map_or(after, |(id, _)| i64::from(*id));
        for id in 0..THINGS {
            let in_page = i64::from(id) > after && (i64::from(id) <= last || !has_more);
            if found.iter().any(|(there, _)| *there == id) {
                unlisted.remove(&id);
            } else if in_page {
                unlisted.insert(id);
            }
        }
        let cursor = Cursor(last.to_string());
        Ok(Page {
            items: found
                .iter()
                .map(|(id, thing)| theirs.line(*id, thing, self.whole))
                .collect(),
            next: if has_more {
                Next::More(cursor)
            } else {
                Next::CaughtUp(cursor)
            },
        })
    }

    fn look(&self, ids: &[RemoteId]) -> Result<Vec<Change<Thing>>, Fault> {
        let mut theirs = self.theirs();
        theirs.storm()?;
        let one = |id: &RemoteId| {
            let number: u32 = id.0.parse().unwrap();
            let believed = self.rule == Rule::ListingBelieved
                && self.unlisted.lock().unwrap().contains(&number);
            let found = theirs
                .in_use()
                .find(|(there, _)| *there == number && !believed);
            match found {
                Some((_, thing)) => theirs.line(number, thing, true),
                None => Change {
                    id: id.clone(),
                    version: None,
                    said_at: Timestamp(theirs.now_ms * 1_000),
                    state: State::Gone(Gone::Unseen),
                },
            }
        };
        Ok(ids.iter().map(one).collect())
    }
}

#[async_trait]
impl ChangeFeed<Thing> for Feed {
    async fn changed(&self, since: Since<'_>, _: usize) -> Result<Page<Thing>, Fault> {
        pause().await;
        let page = self.changes(since);
        pause().await;
        page
    }

    async fn listed(&self, from: Option<&Cursor>, _: usize) -> Result<Page<Thing>, Fault> {
        pause().await;
        let page = self.list(from);
        pause().await;
        page
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Change<Thing>>, Fault> {
        pause().await;
        let found = self.look(ids);
        pause().await;
        found
    }

    fn fetch_max(&self) -> usize {
        2
    }
}
