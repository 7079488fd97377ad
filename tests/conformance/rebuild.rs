//! A collection built anew under live writes and searches, and what a process that ended half-way leaves behind.

use crate::opensearch::{config, empty};
use kb_domain::{ArticleId, Audience, Locale, PublicKey, RevisionId};
use kb_search::{Bound, Error, Part, PartId, SearchIndex, UnitQuery, WeightedTerm, fields};
use kb_search_opensearch::OpenSearchIndex;
use kb_text::document::Passage;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::Mutex;

fn part(n: u128, version: u64, text: &str) -> Part {
    let id = PartId {
        article: ArticleId::new(uuid(n)),
        locale: Locale::en(),
        n: 0,
    };
    Part {
        key: Some(PublicKey::from_uuid(uuid(n))),
        revision: Some(RevisionId::new(uuid(n))),
        audience: Some(Audience::public().id()),
        passages: vec![Passage {
            anchor: None,
            heading: None,
            text: text.to_owned(),
        }],
        ..Part::tombstone(id, version)
    }
}

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

fn ask(limit: usize) -> UnitQuery {
    UnitQuery {
        terms: vec![WeightedTerm {
            field: fields::BODY_WORDS,
            term: "heron".to_owned(),
            weight: 1.0,
        }],
        bound: Bound {
            audiences: vec![Audience::public().id()],
            ..Bound::default()
        },
        limit,
        ..UnitQuery::default()
    }
}

async fn shown(index: &OpenSearchIndex) -> Vec<u128> {
    index.refresh().await.unwrap();
    let units = index.search(&ask(10_000)).await.unwrap();
    let mut shown: Vec<u128> = units
        .hits
        .iter()
        .map(|h| h.id.article.uuid().as_u128())
        .collect();
    shown.sort_unstable();
    shown
}

/// What the store says now: by article its version, and whether it is there or gone. The rebuild reads it as the indexer does.
type Store = Arc<Mutex<BTreeMap<u128, (u64, bool)>>>;

async fn fill(index: &dyn SearchIndex, store: &Store) {
    let all: Vec<u128> = store.lock().await.keys().copied().collect();
    for some in all.chunks(50) {
        let mut parts = Vec::new();
        for n in some {
            let (version, there) = store.lock().await[n];
            if there {
                parts.push(part(*n, version, "heron"));
            }
        }
        index.write(parts).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs a real server: tests/engines/up"]
async fn a_rebuild_under_live_writes_loses_nothing_and_brings_nothing_back() {
    let index = empty("rebuild-live").await;
    let store: Store = Arc::default();
    for n in 0..600 {
        store.lock().await.insert(n, (1, true));
    }
    fill(&index, &store).await;
    // The last hundred are gone, and their tombstones stand in the old index alone.
    let mut gone = Vec::new();
    for n in 500..600 {
        store.lock().await.insert(n, (2, false));
        gone.push(Part::tombstone(part(n, 2, "").id, 2));
    }
    index.write(gone).await.unwrap();
    index.refresh().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (searches, writes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut running = Vec::new();
    for writer in 0..2_u128 {
        let (index, store, stop, writes) =
            (index.clone(), store.clone(), stop.clone(), writes.clone());
        running.push(tokio::spawn(async move {
            let mut state = writer + 1;
            while !stop.load(Ordering::Relaxed) {
                state = state * 25_214_903_917 % 281_474_976_710_597;
                // Each writer has articles of its own, as each shard of a feed has.
                let n = state % 300 * 2 + writer;
                let (version, there) = {
                    let mut store = store.lock().await;
                    let (version, there) = store.get(&n).copied().unwrap_or((1, false));
                    let next = (version + 1, if state % 3 == 0 { !there } else { there });
                    store.insert(n, next);
                    next
                };
                let whole = part(n, version, "heron");
                let new = if there {
                    whole
                } else {
                    Part::tombstone(whole.id.clone(), version)
                };
                // A late write of the state before comes along, sometimes after it.
                let late = part(n, version - 1, "heron");
                let both = if state % 2 == 0 {
                    vec![late, new]
                } else {
                    vec![new, late]
                };
                index.write(both).await.unwrap();
                writes.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for _ in 0..2 {
        let (index, stop, searches) = (index.clone(), stop.clone(), searches.clone());
        running.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let units = index.search(&ask(1_000)).await.unwrap();
                assert!(units.hits.len() > 200, "{}", units.hits.len());
                let ids: Vec<PartId> = units.hits.iter().take(20).map(|h| h.id.clone()).collect();
                index.load(&ids).await.unwrap();
                searches.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for _ in 0..3 {
        let rebuild = index.rebuild().await.unwrap();
        fill(&rebuild.index(), &store).await;
        rebuild.finish().await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for task in running {
        task.await.unwrap();
    }
    // Late writes still: the tombstones of before the rebuilds refuse them.
    let late = (500..600).map(|n| part(n, 1, "heron"));
    index.write(late.collect()).await.unwrap();
    let wanted: Vec<u128> = store
        .lock()
        .await
        .iter()
        .filter(|(_, (_, there))| *there)
        .map(|(n, _)| *n)
        .collect();
    assert_eq!(shown(&index).await, wanted);
    let (searches, writes) = (
        searches.load(Ordering::Relaxed),
        writes.load(Ordering::Relaxed),
    );
    println!(
        "3 rebuilds, {writes} writes and {searches} searches beside them, 0 errors, 0 missing, 0 brought back"
    );
    assert!(searches > 0 && writes > 0);
    index.remove().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn a_rebuild_given_up_or_cut_off_changes_nothing_that_is_shown() {
    let index = empty("rebuild-cut").await;
    index.write(vec![part(1, 1, "heron")]).await.unwrap();
    let rebuild = index.rebuild().await.unwrap();
    rebuild
        .index()
        .write(vec![part(2, 1, "heron")])
        .await
        .unwrap();
    rebuild.abort().await.unwrap();
    assert_eq!(shown(&index).await, [1]);
    // One that ends without a word: its index stays, is written to, and is shown to nobody, until the next one takes its place.
    let cut = index.rebuild().await.unwrap();
    cut.index().write(vec![part(3, 1, "heron")]).await.unwrap();
    let other = OpenSearchIndex::open(config("rebuild-cut")).await.unwrap();
    assert_eq!(shown(&other).await, [1]);
    other.write(vec![part(4, 1, "heron")]).await.unwrap();
    let next = other.rebuild().await.unwrap();
    next.index()
        .write(vec![part(1, 1, "heron"), part(4, 1, "heron")])
        .await
        .unwrap();
    // What was cut off goes on after all, and finds that its index is not there.
    assert!(cut.index().write(vec![part(5, 1, "heron")]).await.is_err());
    assert!(cut.finish().await.is_err());
    next.finish().await.unwrap();
    assert_eq!(shown(&index).await, [1, 4]);
    index.write(vec![part(6, 1, "heron")]).await.unwrap();
    assert_eq!(shown(&index).await, [1, 4, 6]);
    index.remove().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn a_switch_that_was_cut_off_is_finished_by_whoever_opens_next() {
    let index = empty("rebuild-switch").await;
    index.write(vec![part(1, 1, "heron")]).await.unwrap();
    let rebuild = index.rebuild().await.unwrap();
    rebuild
        .index()
        .write(vec![part(1, 1, "heron"), part(2, 1, "heron")])
        .await
        .unwrap();
    rebuild.index().refresh().await.unwrap();
    // By hand what a switch in steps would leave: both are searched, the old one is there still.
    let server = config("rebuild-switch").endpoint;
    let body = r#"{"actions": [
        {"add": {"index": "test-rebuild-switch-2", "alias": "test-rebuild-switch"}},
        {"remove": {"index": "test-rebuild-switch-2", "alias": "test-rebuild-switch-next"}}]}"#;
    let sent = reqwest::Client::new()
        .post(format!("{server}/_aliases"))
        .header("content-type", "application/json")
        .body(body);
    assert!(sent.send().await.unwrap().status().is_success());
    let opened = OpenSearchIndex::open(config("rebuild-switch"))
        .await
        .unwrap();
    assert_eq!(shown(&opened).await, [1, 2]);
    opened.write(vec![part(3, 1, "heron")]).await.unwrap();
    assert_eq!(shown(&index).await, [1, 2, 3]);
    index.remove().await.unwrap();
}

/// An index of another analysis is told by who opens it, and is built anew beside the one that is searched.
#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn an_index_of_another_analysis_is_outdated_until_it_is_rebuilt() {
    let index = empty("rebuild-outdated").await;
    let server = config("rebuild-outdated").endpoint;
    let sent = reqwest::Client::new()
        .put(format!("{server}/test-rebuild-outdated-1/_mapping"))
        .header("content-type", "application/json")
        .body(r#"{"_meta": {"analysis": 999}}"#);
    assert!(sent.send().await.unwrap().status().is_success());
    let opened = OpenSearchIndex::open(config("rebuild-outdated")).await;
    assert!(matches!(opened, Err(Error::Outdated { found: 999, .. })));
    let rebuild = index.rebuild().await.unwrap();
    rebuild
        .index()
        .write(vec![part(1, 1, "heron")])
        .await
        .unwrap();
    rebuild.finish().await.unwrap();
    let opened = OpenSearchIndex::open(config("rebuild-outdated"))
        .await
        .unwrap();
    assert_eq!(shown(&opened).await, [1]);
    index.remove().await.unwrap();
}
