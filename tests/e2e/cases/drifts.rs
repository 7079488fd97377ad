//! Case 74: an index that went its own way is found and mended, whatever was lost.

use crate::harness;
use crate::harness::indexer;
use async_trait::async_trait;
use futures::future::BoxFuture;
use kb_actions::{Kb, articles, translations};
use kb_domain::{ArticleId, Audience, IdGen, Kind, Locale, NodeId, PortalId};
use kb_search::{Bound, Error, Part, PartId, SearchIndex, UnitQuery, Units};
use kb_testkit::{Persona, SeededIds, Text, World};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Ways in which an index may differ from the store.
const WAYS: u64 = 8;

/// Whether an engine lets a part go at once. OpenSearch refuses its version for another minute, so that no test can make there
/// what an index looks like that never had it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Forgets {
    AtOnce,
    #[cfg_attr(not(feature = "cloud"), expect(dead_code, reason = "no engine here"))]
    Later,
}

/// Makes the index differ about each of these articles, in ways drawn from a seed.
pub async fn drift(kb: &Kb, articles: &[ArticleId], forgets: Forgets, seed: u64) {
    let ids = SeededIds::new(seed);
    for id in articles {
        let drawn = u64::from(ids.uuid().as_bytes()[15]) % WAYS;
        let (part, version) = kb.index().parts(&[*id]).await.unwrap().remove(0);
        let there = kb.index().load(std::slice::from_ref(&part)).await.unwrap();
        let there = there.into_iter().next().flatten().unwrap();
        let other = |n: u32, locale: &str| PartId {
            n,
            locale: locale.parse().unwrap(),
            ..part.clone()
        };
        let writes = match drawn {
            // An edit was lost.
            0 => vec![Part {
                title: "What it was called before".to_owned(),
                ..there
            }],
            // A restore was lost.
            1 => vec![Part::tombstone(part.clone(), version)],
            // It was never heard of.
            2 if forgets == Forgets::AtOnce => {
                kb.index()
                    .write(vec![Part::tombstone(part.clone(), version)])
                    .await
                    .unwrap();
                kb.index().refresh().await.unwrap();
                kb.index().forget(*id, version).await.unwrap();
                vec![]
            }
            // It became shorter.
            3 => vec![Part {
                id: other(7, "en"),
                ..there
            }],
            // It was for others before.
            4 => vec![Part {
                audience: Some("agents".parse::<Audience>().unwrap().id()),
                ..there
            }],
            // The table was set back.
            5 => vec![Part {
                version: version + 1_000_000,
                title: "What it will be called".to_owned(),
                ..there
            }],
            // A translation was taken back.
            6 => vec![Part {
                id: other(0, "fr"),
                ..there
            }],
            // Another article, of which the table knows nothing.
            _ => vec![Part {
                id: PartId {
                    article: ArticleId::new(ids.uuid()),
                    ..part.clone()
                },
                ..there
            }],
        };
        kb.index().write(writes).await.unwrap();
    }
    kb.index().refresh().await.unwrap();
}

/// Drifts and repairs in turn; answers how many differences there were, all of which must have been found.
pub async fn rounds(kb: &Kb, articles: &[ArticleId], forgets: Forgets, rounds: u64) -> u64 {
    let mut found = 0;
    for seed in 0..rounds {
        drift(kb, articles, forgets, seed).await;
        let done = fn_indexer::reconcile(kb, &mut |_| {}).await.unwrap();
        assert_eq!(done.repaired, articles.len() as u64, "round {seed}");
        found += done.repaired;
        let again = fn_indexer::reconcile(kb, &mut |_| {}).await.unwrap();
        assert_eq!(again.repaired, 0, "round {seed}");
    }
    found
}

/// A hundred differences a round; a thousand by `tests/long seeds`.
#[tokio::test]
async fn case_074_every_difference_is_found_and_mended() {
    let mut world = World::new(74);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let mut articles = Vec::new();
    for n in 0..100 {
        let text = Text::en(&format!("Heron {n}"), &format!("The heron of pond {n}."));
        let place = (&portal, section);
        let made = world
            .article(place, Kind::Explicit, "guide", Audience::public(), &[text])
            .await;
        articles.push(made.id);
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let times = harness::rounds(2);
    let found = rounds(&world.kb, &articles, Forgets::AtOnce, times).await;
    assert_eq!(found, 100 * times);
    world.touched();
    world.settle(&indexer).await;
}

/// An index beside which something happens once, after it has told which parts there are.
struct Meanwhile {
    index: Arc<dyn SearchIndex>,
    happens: Mutex<Option<BoxFuture<'static, ()>>>,
}

#[async_trait]
impl SearchIndex for Meanwhile {
    async fn write(&self, parts: Vec<Part>) -> Result<(), Error> {
        self.index.write(parts).await
    }

    async fn refresh(&self) -> Result<(), Error> {
        self.index.refresh().await
    }

    async fn parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, Error> {
        if let Some(happens) = self.happens.lock().await.take() {
            happens.await;
        }
        self.index.parts(articles).await
    }

    async fn articles(
        &self,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<ArticleId>, Error> {
        self.index.articles(after, limit).await
    }

    async fn load(&self, ids: &[PartId]) -> Result<Vec<Option<Part>>, Error> {
        self.index.load(ids).await
    }

    async fn forget(&self, article: ArticleId, up_to: u64) -> Result<(), Error> {
        self.index.forget(article, up_to).await
    }

    async fn search(&self, query: &UnitQuery) -> Result<Units, Error> {
        self.index.search(query).await
    }

    async fn places(&self, portal: PortalId, bound: &Bound) -> Result<Vec<NodeId>, Error> {
        self.index.places(portal, bound).await
    }

    async fn sizes(&self, portal: PortalId, bound: &Bound) -> Result<Vec<(NodeId, u64)>, Error> {
        self.index.sizes(portal, bound).await
    }

    async fn terms(&self, bound: Option<&Bound>) -> Result<(Vec<(String, u64)>, u64), Error> {
        self.index.terms(bound).await
    }

    async fn size(&self) -> Result<u64, Error> {
        self.index.size().await
    }

    async fn merge(&self) -> Result<u64, Error> {
        self.index.merge().await
    }
}

/// The older state must not come out on top, whether the newer one is written before the index is asked or before it is written.
#[tokio::test]
async fn case_074_a_repair_beside_an_edit_ends_with_the_edit() {
    let mut world = World::new(75);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en("Heron", "The heron of the old pond.");
    let place = (&portal, section);
    let made = world
        .article(place, Kind::Explicit, "guide", Audience::public(), &[text])
        .await;
    world.settle(&indexer(&world)).await;
    drift(&world.kb, &[made.id], Forgets::AtOnce, 1).await;

    let (kb, ctx, id) = (world.kb.clone(), world.ctx(Persona::Admin).await, made.id);
    let edit = async move {
        let en = Locale::en();
        let whole = articles::read(&kb, &ctx, id).await.unwrap();
        let there = translations::working(&kb, &ctx, &whole, &en).await.unwrap();
        let draft = Text::en("Heron", "The heron of the new pond.").draft();
        let saved = translations::save(&kb, &ctx, &whole, &en, there, draft)
            .await
            .unwrap();
        translations::publish(&kb, &ctx, &whole, saved)
            .await
            .unwrap();
        fn_indexer::reconcile(&kb, &mut |_| {}).await.unwrap();
    };
    let kb = &world.kb;
    let index = Arc::new(Meanwhile {
        index: kb.index().clone(),
        happens: Mutex::new(Some(Box::pin(edit))),
    });
    let store = kb.store();
    let beside = Kb::new(
        store.table().clone(),
        store.blobs().clone(),
        index,
        kb.clock().clone(),
        kb.ids().clone(),
    );
    fn_indexer::reconcile(&beside, &mut |_| {}).await.unwrap();

    let parts = world.kb.index().parts(&[id]).await.unwrap();
    let ids: Vec<PartId> = parts.into_iter().map(|(part, _)| part).collect();
    let shown = world.kb.index().load(&ids).await.unwrap();
    let shown: Vec<String> = shown.iter().flatten().map(Part::body).collect();
    assert!(
        shown.iter().any(|text| text.contains("new pond")),
        "{shown:?}"
    );
    assert!(
        !shown.iter().any(|text| text.contains("old pond")),
        "{shown:?}"
    );
    let again = fn_indexer::reconcile(&world.kb, &mut |_| {}).await.unwrap();
    assert_eq!(again.repaired, 0);
    world.touched();
    world.settle(&indexer(&world)).await;
}
