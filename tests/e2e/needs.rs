//! What a function touches, and what it says it needs.

use crate::harness::indexer;
use kb_actions::{IndexAccess, Needs};
use kb_domain::{Audience, Kind};
use kb_testkit::{Client, Text, World};

/// Readers see no section without anything to read, which only the search index tells.
#[tokio::test]
async fn readers_of_the_tree_need_the_search_index() {
    let mut world = World::new(16);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en("Heron plan", "Wait for the tide.");
    let place = (&portal, section);
    let audience = Audience::public();
    world
        .article(place, Kind::Explicit, "faq", audience, &[text])
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let without = Needs {
        index: IndexAccess::Nothing,
        ..fn_articles::NEEDS
    };
    let tree = format!("/api/v1/portals/{}/sections", portal.id);
    for (needs, status) in [(without, 500), (fn_articles::NEEDS, 200)] {
        let reader = Client::new(world.router(vec![(fn_articles::routes(), needs)]));
        for path in [
            tree.clone(),
            format!("{tree}/{section}"),
            format!("{tree}/{section}/articles"),
        ] {
            assert_eq!(reader.get(&path).await.status, status, "{path}");
        }
        let refused = world.take_refusals();
        let expected = if status == 500 { 3 } else { 0 };
        assert_eq!(refused.len(), expected, "{refused:#?}");
        for refusal in refused {
            assert!(
                refusal.contains("the places of the search engine"),
                "{refusal}"
            );
        }
    }
}
