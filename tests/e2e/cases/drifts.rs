//! Case 74: an index that went its own way is found and mended, whatever was lost.

use crate::harness::indexer;
use kb_actions::Kb;
use kb_domain::{ArticleId, Audience, IdGen, Kind};
use kb_search::{Part, PartId};
use kb_testkit::{SeededIds, Text, World};

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
        let (part, version) = kb.index.parts(&[*id]).await.unwrap().remove(0);
        let there = kb.index.load(std::slice::from_ref(&part)).await.unwrap();
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
                kb.index
                    .write(vec![Part::tombstone(part.clone(), version)])
                    .await
                    .unwrap();
                kb.index.refresh().await.unwrap();
                kb.index.forget(*id, version).await.unwrap();
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
        kb.index.write(writes).await.unwrap();
    }
    kb.index.refresh().await.unwrap();
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

#[tokio::test]
async fn case_074_of_a_thousand_differences_a_thousand_are_found_and_mended() {
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
    assert_eq!(
        rounds(&world.kb, &articles, Forgets::AtOnce, 10).await,
        1_000
    );
    world.touched();
    world.settle(&indexer).await;
}
