#![doc = include_str!("../README.md")]

mod merge;
mod parts;
mod paths;
mod reconcile;
mod tombstones;

pub use parts::sources_of;
pub use reconcile::{Reconciled, reconcile};

use async_trait::async_trait;
use futures::future::try_join_all;
use kb_actions::{Error, IndexAccess, Kb, Needs, TableAccess, lexicon};
use kb_domain::{ArticleId, EventId};
use kb_events::{Event, Job};
use kb_runtime::feature::{Feature, Works};
use kb_search::{Part, PartId, SearchIndex, parts_of};
use kb_store::repo::{ArticleWithTexts, Articles, Gate, GateState};
use kb_store::{Consumer, FeedRecord, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What this function needs.
pub const NEEDS: Needs = Needs {
    main: TableAccess::Write,
    rows: &[],
    log: TableAccess::Nothing,
    counts: false,
    index: IndexAccess::Write,
    blobs: &["lexicon/"],
    keys: false,
    people: false,
    stream: true,
};

/// This function.
pub const FEATURE: Feature = Feature {
    jobs,
    handlers: |_| vec![Arc::new(paths::Follow)],
    ..Feature::new("indexer", NEEDS)
};

/// What timers call for.
fn jobs(works: &Works) -> Vec<Arc<dyn Job>> {
    let kb = &works.kb;
    vec![
        Arc::new(merge::Merge::new(kb.clone())),
        Arc::new(paths::Paths::new(kb.clone())),
        Arc::new(tombstones::Forget::new(kb.clone())),
    ]
}

/// The consumer of the feed.
pub struct Indexer {
    kb: Kb,
}

impl Indexer {
    /// An indexer for this base.
    pub fn new(kb: Kb) -> Self {
        Self { kb }
    }

    /// Re-indexes these articles from the store, in one write.
    async fn reindex(&self, articles: &[ArticleId]) -> Result<(), Error> {
        // The index first: what the store says after that is no older than what is found there.
        let found = self.kb.index().parts(articles).await?;
        let gate = self.kb.gate().await?;
        let mut written = Vec::new();
        for some in articles.chunks(READ_AT_ONCE) {
            let read = some.iter().map(|id| self.read(*id, &found, &gate));
            for parts in try_join_all(read).await? {
                written.extend(parts);
            }
        }
        Ok(self.kb.index().write(written).await?)
    }

    /// Re-indexes all of them at once or, if one of them fails, each by itself. Returns the articles that were re-indexed and
    /// the outcome of the others.
    async fn reindex_each(
        &self,
        articles: Vec<ArticleId>,
    ) -> (Vec<ArticleId>, BTreeMap<ArticleId, Outcome>) {
        let mut faults = BTreeMap::new();
        match self.reindex(&articles).await.map_err(Outcome::from) {
            Ok(()) => return (articles, faults),
            Err(fault @ Outcome::Unavailable(_)) => {
                faults.extend(articles.into_iter().map(|id| (id, fault.clone())));
                return (Vec::new(), faults);
            }
            Err(_) => {}
        }
        let mut reindexed = Vec::new();
        for id in articles {
            match self.reindex(&[id]).await {
                Ok(()) => reindexed.push(id),
                Err(error) => {
                    faults.insert(id, error.into());
                }
            }
        }
        (reindexed, faults)
    }

    /// The parts to write for an article, given what the index holds.
    async fn read(
        &self,
        id: ArticleId,
        found: &[(PartId, u64)],
        gate: &GateState,
    ) -> Result<Vec<Part>, Error> {
        let (sources, version) = match Articles::whole(self.kb.store(), id).await? {
            Some(whole) => {
                let sources = parts::sources(&self.kb, gate, &whole).await?;
                (sources, version_of(&whole))
            }
            None => (Vec::new(), self.kb.now().micros()),
        };
        let parts: Vec<Part> = sources.iter().flat_map(parts_of).collect();
        let found = found.iter().filter(|(part, _)| part.article == id);
        let tombstones = gone(found.cloned().collect(), &parts, version);
        // The timer first: no tombstone is without one, whenever the process ends.
        tombstones::remember(&self.kb, &tombstones).await?;
        Ok(tombstones.into_iter().chain(parts).collect())
    }

    /// Makes what was written visible and closes the narrowings that it catches up with.
    async fn finish(&self, articles: &[ArticleId]) -> Result<(), Error> {
        self.kb.index().refresh().await?;
        let gate = self.kb.gate().await?;
        let open = gate.narrowings.iter();
        let open: Vec<_> = open.filter(|n| articles.contains(&n.article)).collect();
        let narrowed: BTreeSet<ArticleId> = open.iter().map(|n| n.article).collect();
        let parts = self.kb.index().parts(&Vec::from_iter(narrowed)).await?;
        for narrowing in open {
            let concerned = |part: &PartId| {
                part.article == narrowing.article && part.locale == narrowing.locale
            };
            let caught_up = parts
                .iter()
                .filter(|(part, _)| concerned(part))
                .all(|(_, version)| *version >= narrowing.version);
            if caught_up {
                Gate::widen(self.kb.store(), narrowing, self.kb.now().micros()).await?;
            }
        }
        Ok(())
    }
}

/// So many articles are read from the store at a time.
const READ_AT_ONCE: usize = 16;
/// A rebuild writes so many articles at a time.
const WRITTEN_AT_ONCE: usize = 100;

/// The lexicon is renewed about once for so many events of each so many parts.
const RENEWED_FOR_PERCENT: u64 = 5;

/// Whether an event is one of those that renew a lexicon of so many parts. A stale lexicon is as good, and making it walks every
/// word; events are drawn by their ids, so that it needs no memory of earlier batches and comes out the same when they are repeated.
fn renews(event: EventId, parts: u64) -> bool {
    let every = u128::from((parts * RENEWED_FOR_PERCENT / 100).max(1));
    event.uuid().as_u128().is_multiple_of(every)
}

/// Makes the lexicons anew from the index, for every program. They are only a help: what goes wrong is logged, and the ones of
/// before stay in use.
pub async fn renew_lexicon(kb: &Kb) {
    if let Err(error) = lexicon::renew(kb).await {
        let detail = kb_store::chain(&error);
        tracing::warn!(
            detail,
            "the lexicons could not be made anew; older ones are used"
        );
    }
}

/// Tombstones for the parts that the index has and the article, at this version, has no longer. Older tombstones are renewed:
/// between their version and this one the article may have had those parts again.
fn gone(found: Vec<(PartId, u64)>, parts: &[Part], version: u64) -> Vec<Part> {
    let kept: BTreeSet<&PartId> = parts.iter().map(|p| &p.id).collect();
    let gone = found.into_iter().filter(|(part, _)| !kept.contains(part));
    gone.map(|(part, at)| Part::tombstone(part, version.max(at)))
        .collect()
}

/// The version of what an article shows: of its head and its live translations. The same state read again has the same.
fn version_of(whole: &ArticleWithTexts) -> u64 {
    let live = whole.translations.iter().filter(|t| t.value.live.is_some());
    live.map(|t| t.version).fold(whole.head.version, u64::max)
}

#[async_trait]
impl Consumer for Indexer {
    fn name(&self) -> &'static str {
        "indexer"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        let known = self.kb.lexicon().get().all.parts();
        let concerned: Vec<_> = batch.iter().map(article_of).collect();
        let events = || concerned.iter().flatten().flatten();
        let stale = events().any(|(_, event)| renews(*event, known));
        let articles: BTreeSet<ArticleId> = events().map(|(id, _)| *id).collect();
        let (reindexed, faults) = self.reindex_each(Vec::from_iter(articles)).await;
        let mut finished = Ok(());
        if !reindexed.is_empty() {
            finished = self.finish(&reindexed).await;
        }
        if stale && finished.is_ok() {
            renew_lexicon(&self.kb).await;
        }
        if let Err(error) = finished {
            tracing::warn!(%error, "the index could not be refreshed; the batch comes again");
            return vec![Outcome::Unavailable(error.to_string())];
        }
        let outcome = |concerned| match concerned {
            Ok(Some((id, _))) => faults.get(&id).cloned().unwrap_or(Outcome::Done),
            Ok(None) => Outcome::Done,
            Err(malformed) => Outcome::Failed(kb_store::chain(&malformed)),
        };
        concerned.into_iter().map(outcome).collect()
    }
}

/// The article whose parts an event concerns, and the event; `None` for all other events.
fn article_of(record: &FeedRecord) -> Result<Option<(ArticleId, EventId)>, Error> {
    let event = Event::of(record)?;
    Ok(event.and_then(|event| Some((event.what.reindexes()?, event.id))))
}

/// Writes every article of the store into `index`; answers how many. `progress` is told after each page.
pub async fn rebuild(
    kb: &Kb,
    index: &dyn SearchIndex,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, Error> {
    let (mut cursor, mut done) = (None, 0);
    loop {
        let (ids, next) = Articles::page(kb.store(), cursor).await?;
        for some in ids.chunks(WRITTEN_AT_ONCE) {
            let mut parts = Vec::new();
            for id in some {
                let sources = sources_of(kb, *id).await?;
                parts.extend(sources.iter().flat_map(parts_of));
            }
            index.write(parts).await?;
            done += some.len() as u64;
        }
        progress(done);
        cursor = next;
        if cursor.is_none() {
            index.refresh().await?;
            return Ok(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_lexicon_is_renewed_by_every_event_and_a_large_one_by_few() {
        let events = |parts| {
            let ids = (0..10_000_u128).map(|n| EventId::new(uuid::Uuid::from_u128(n * 7_919)));
            ids.filter(|id| renews(*id, parts)).count()
        };
        assert_eq!((events(0), events(39)), (10_000, 10_000));
        assert_eq!(events(10_000), 20);
    }
}
