#![doc = include_str!("../README.md")]

mod merge;
mod parts;
mod reconcile;
mod tombstones;

pub use parts::sources_of;
pub use reconcile::{Reconciled, reconcile};

use async_trait::async_trait;
use kb_actions::lexicon::LEXICON;
use kb_actions::{Error, Kb};
use kb_domain::{ArticleId, ErrorKind, EventId};
use kb_events::{Event, EventKind, Job};
use kb_search::{Lexicon, Part, PartId, SearchIndex, parts_of};
use kb_store::repo::Whole;
use kb_store::{Consumer, Outcome, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What timers call for.
pub fn jobs(kb: &Kb) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(merge::Merge::new(kb.clone())),
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

    /// Brings the parts of an article to what the store says now.
    async fn bring(&self, id: ArticleId) -> Result<(), Error> {
        let (sources, version) = match self.kb.articles.whole(id).await? {
            Some(whole) => (parts::sources(&self.kb, &whole).await?, version_of(&whole)),
            None => (Vec::new(), self.kb.clock.now().micros()),
        };
        let parts: Vec<Part> = sources.iter().flat_map(parts_of).collect();
        let tombstones = gone(self.kb.index.parts(id).await?, &parts, version);
        // The timer first: no tombstone is without one, whenever the process ends.
        tombstones::remember(&self.kb, &tombstones).await?;
        let all = tombstones.into_iter().chain(parts).collect();
        Ok(self.kb.index.write(all).await?)
    }

    /// Makes what was written visible, and closes the narrowings that it overtakes.
    async fn finish(&self, articles: &BTreeSet<ArticleId>) -> Result<(), Error> {
        self.kb.index.refresh().await?;
        let gate = self.kb.gate.load().await?;
        for narrowing in gate
            .narrowings
            .iter()
            .filter(|n| articles.contains(&n.article))
        {
            let parts = self.kb.index.parts(narrowing.article).await?;
            let caught_up = parts
                .iter()
                .filter(|(part, _)| part.locale == narrowing.locale)
                .all(|(_, version)| *version >= narrowing.version);
            if caught_up {
                self.kb
                    .gate
                    .widen(narrowing, self.kb.clock.now().micros())
                    .await?;
            }
        }
        Ok(())
    }
}

/// The lexicon is renewed about once for so many events of each so many parts.
const RENEWED_FOR_PERCENT: u64 = 5;

/// Whether an event is one of those that renew a lexicon of so many parts. A stale lexicon is as good, and making it walks every
/// word; events are drawn by their ids, so that it needs no memory of earlier batches and comes out the same when they are repeated.
fn renews(event: EventId, parts: u64) -> bool {
    let every = u128::from((parts * RENEWED_FOR_PERCENT / 100).max(1));
    event.uuid().as_u128().is_multiple_of(every)
}

/// Makes the lexicon anew from the index, in memory and as a blob.
pub async fn renew_lexicon(kb: &Kb) -> Result<(), Error> {
    let (words, parts) = kb.index.terms().await?;
    let lexicon = Lexicon::build(words, parts)?;
    kb.blobs.put(LEXICON, lexicon.to_bytes()).await?;
    kb.lexicon.set(lexicon);
    Ok(())
}

async fn wanted(kb: &Kb, id: ArticleId) -> Result<Vec<Part>, Error> {
    Ok(sources_of(kb, id)
        .await?
        .iter()
        .flat_map(parts_of)
        .collect())
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
fn version_of(whole: &Whole) -> u64 {
    let live = whole.translations.iter().filter(|t| t.value.live.is_some());
    live.map(|t| t.version).fold(whole.head.version, u64::max)
}

#[async_trait]
impl Consumer for Indexer {
    fn name(&self) -> &'static str {
        "indexer"
    }

    async fn consume(&self, batch: &[Record]) -> Vec<Outcome> {
        let mut outcomes: BTreeMap<&str, Outcome> = BTreeMap::new();
        let mut articles = BTreeSet::new();
        let known = self.kb.lexicon.get().parts();
        let mut stale = false;
        for record in batch {
            let concerned = article_of(record);
            stale |= matches!(&concerned, Ok(Some((_, event))) if renews(*event, known));
            match concerned {
                Ok(None) => {}
                Ok(Some((id, _))) if articles.contains(&id) => {}
                Ok(Some((id, _))) => match self.bring(id).await {
                    Ok(()) => {
                        articles.insert(id);
                    }
                    Err(error) => {
                        outcomes.insert(&record.sequence, outcome_of(&error));
                    }
                },
                Err(error) => {
                    outcomes.insert(&record.sequence, Outcome::Failed(error.to_string()));
                }
            }
        }
        let mut finished = Ok(());
        if !articles.is_empty() {
            finished = self.finish(&articles).await;
        }
        if stale && finished.is_ok() {
            finished = renew_lexicon(&self.kb).await;
        }
        if let Err(error) = finished {
            tracing::warn!(%error, "the index could not be refreshed; the batch comes again");
            return vec![Outcome::Unavailable(error.to_string())];
        }
        batch
            .iter()
            .map(|record| {
                outcomes
                    .remove(record.sequence.as_str())
                    .unwrap_or(Outcome::Done)
            })
            .collect()
    }
}

/// The article whose parts an event concerns, and the event; `None` for all other events.
fn article_of(record: &Record) -> Result<Option<(ArticleId, EventId)>, Error> {
    let event = Event::of(record)?;
    let concerns = matches!(
        event.kind,
        EventKind::ArticleChanged | EventKind::ArticleState | EventKind::TranslationPublished
    );
    let article = concerns.then(|| event.subject.parse()).transpose()?;
    Ok(article.map(|article| (article, event.id)))
}

fn outcome_of(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout => Outcome::Unavailable(error.to_string()),
        _ => Outcome::Failed(error.to_string()),
    }
}

/// Writes every article of the store into `index`; answers how many. `progress` is told after each page.
pub async fn rebuild(
    kb: &Kb,
    index: &dyn SearchIndex,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, Error> {
    let (mut cursor, mut done) = (None, 0);
    loop {
        let (ids, next) = kb.articles.page(cursor).await?;
        for id in ids {
            index.write(wanted(kb, id).await?).await?;
            done += 1;
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
