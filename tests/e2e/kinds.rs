//! S001 and S004: knowledge of all kinds lies in one system.

use crate::harness::{client, indexer};
use kb_domain::{Audience, Kind};
use kb_testkit::{Text, World};

#[tokio::test]
async fn row_s004_one_query_returns_all_three_kinds_and_an_update_shows_on_the_next_read() {
    let mut world = World::new(1);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let place = (&portal, section);
    let mut made = Vec::new();
    for (kind, title) in [
        (Kind::Explicit, "Prices of the heron plan"),
        (Kind::Implicit, "How to change the heron plan"),
        (Kind::Tacit, "What we learned about the heron plan"),
    ] {
        let text = Text::en(title, "The heron plan costs 42 crowns a month.");
        let article = world
            .article(place, kind, "fact-sheet", Audience::public(), &[text])
            .await;
        made.push(article.id);
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let client = client(&world);
    let found = client.get("/api/v1/search?q=heron+plan").await.json();
    let mut kinds: Vec<&str> = found["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["explicit", "implicit", "tacit"], "{found}");

    world
        .publish(
            made[0],
            &Text::en("Prices of the heron plan", "It costs 43 crowns now."),
        )
        .await
        .unwrap();
    let path = format!("/api/v1/articles/{}/translations/en", made[0]);
    assert_eq!(
        client.get(&path).await.json()["body"]["source"],
        "It costs 43 crowns now."
    );
    world.settle(&indexer).await;
}

#[tokio::test]
async fn row_s001_a_fact_sheet_is_filtered_by_kind_and_found_by_a_value_in_it() {
    let mut world = World::new(2);
    let (portal, section) = world.portal("help", Audience::public()).await;
    for (kind, title, text) in [
        (
            Kind::Explicit,
            "Prices",
            "The heron plan costs 42.50 crowns a month.",
        ),
        (
            Kind::Implicit,
            "Changing plans",
            "The heron plan is chosen under Account.",
        ),
    ] {
        let texts = [Text::en(title, text)];
        let place = (&portal, section);
        world
            .article(place, kind, "fact-sheet", Audience::public(), &texts)
            .await;
    }
    world.settle(&indexer(&world)).await;
    let client = client(&world);
    let found = client.get("/api/v1/search?q=42.50+crowns").await.json();
    assert_eq!(found["hits"][0]["title"], "Prices");
    let filtered = client
        .get("/api/v1/search?q=heron+plan&kind=explicit")
        .await
        .json();
    assert_eq!(filtered["total"]["value"], 1);
    assert_eq!(filtered["hits"][0]["title"], "Prices");
}
