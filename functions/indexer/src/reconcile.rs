//! The index compared with the store, for when events were lost: a stream keeps a day, a table may be set back, an index may be
//! restored from yesterday.

use crate::{gone, parts, version_of};
use kb_actions::{Error, Kb};
use kb_domain::ArticleId;
use kb_search::{Part, SearchIndex, parts_of};
use kb_store::repo::Articles;

/// Articles that are asked for at once.
const PAGE: usize = 500;

/// What a comparison did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Articles that were compared.
    pub articles: u64,
    /// Those that differed and were written anew.
    pub repaired: u64,
}

/// Compares every article of the store with its parts in the index, and what else the index holds with the store, and writes what
/// differs. What is written meanwhile may be compared before or after; either way it ends as the store says. `progress` is told
/// after each page.
pub async fn reconcile(
    kb: &Kb,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Reconciled, Error> {
    let index = &**kb.index();
    index.refresh().await?;
    let mut done = Reconciled::default();
    let mut cursor = None;
    loop {
        let (ids, next) = Articles::page(kb.store(), cursor).await?;
        for id in ids {
            done.articles += 1;
            done.repaired += u64::from(repair(kb, index, id).await?);
        }
        progress(done.articles);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let found = index.articles(after, PAGE).await?;
        let heads = Articles::heads(kb.store(), &found).await?;
        let known: Vec<ArticleId> = heads.iter().map(|h| h.value.id).collect();
        for id in found.iter().filter(|id| !known.contains(id)) {
            done.articles += 1;
            done.repaired += u64::from(repair(kb, index, *id).await?);
        }
        after = found.last().copied();
        if found.len() < PAGE {
            break;
        }
    }
    index.refresh().await?;
    Ok(done)
}

/// Brings one article to what the store says, if it is not there; answers whether it was not.
pub(crate) async fn repair(kb: &Kb, index: &dyn SearchIndex, id: ArticleId) -> Result<bool, Error> {
    // The index first: what the store says after that is no older, and a write that comes in between has a version above ours.
    let found = index.parts(&[id]).await?;
    let ids: Vec<_> = found.iter().map(|(part, _)| part.clone()).collect();
    let there: Vec<Part> = index.load(&ids).await?.into_iter().flatten().collect();
    let (sources, version) = match Articles::whole(kb.store(), id).await? {
        Some(whole) => {
            let gate = kb.gate().await?;
            let sources = parts::sources(kb, &gate, &whole).await?;
            (sources, version_of(&whole))
        }
        None => (Vec::new(), 0),
    };
    let parts: Vec<Part> = sources.iter().flat_map(parts_of).collect();
    // One that is ahead and says the same is right.
    let says = |there: &Part, part: &Part| {
        let version = there.version;
        version >= part.version
            && *there
                == Part {
                    version,
                    ..part.clone()
                }
    };
    let holds = |part: &Part| there.iter().any(|t| says(t, part));
    let is_over = |part: &Part| part.is_tombstone() || parts.iter().any(|p| p.id == part.id);
    if parts.iter().all(holds) && there.iter().all(is_over) {
        return Ok(false);
    }
    // An index may be ahead of a table that was set back: what is written then takes the version that is there.
    let newest = found.iter().map(|(_, version)| *version).max().unwrap_or(0);
    let tombstones = gone(found, &parts, version.max(newest));
    crate::tombstones::remember(kb, &tombstones).await?;
    let parts = parts.into_iter().map(|part| Part {
        version: part.version.max(newest),
        ..part
    });
    index
        .write(tombstones.into_iter().chain(parts).collect())
        .await?;
    tracing::info!(article.id = %id, "the index differed from the store");
    Ok(true)
}
