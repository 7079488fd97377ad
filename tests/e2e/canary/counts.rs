//! Case 3: counts tell nothing of what is hidden.

use super::value;
use crate::crawl::crawl;
use crate::harness::{client, indexer};
use kb_actions::articles::{self, NewArticle};
use kb_domain::{Audience, Kind, Level, Locale, Portal, SectionId};
use kb_testkit::{Client, Persona, Text, World};
use serde_json::{Value, json};

/// Restricted documents that are added.
const HIDDEN: usize = 200;
/// Questions, with words that only hidden documents have and words that both have.
const QUESTIONS: [&str; 7] = [
    "facets=true",
    "q=manual",
    "q=manual&facets=true",
    "q=secretword",
    "q=manual+secretword&limit=1",
    "q=manual&label=topic:shared&facets=true",
    "kind=explicit&type=guide&portal=help&offset=1",
];

async fn add(
    world: &mut World,
    (portal, section): (&Portal, SectionId),
    audience: &Audience,
    n: usize,
    labels: &[&str],
) {
    let ctx = world.ctx(Persona::Admin).await;
    let new = NewArticle {
        kind: if n.is_multiple_of(2) {
            Kind::Explicit
        } else {
            Kind::Tacit
        },
        article_type: if n.is_multiple_of(3) {
            "guide"
        } else {
            "manual"
        }
        .parse()
        .unwrap(),
        section,
        portal: portal.id,
        position: Some(u32::try_from(n).unwrap()),
        audience: audience.clone(),
        labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        owner: None,
        source_locale: Locale::en(),
        external: None,
        comments: None,
    };
    let made = articles::create(&world.kb, &ctx, new).await.unwrap();
    let id = world.commit(made).await.head.value.id;
    let text = Text::en(
        &format!("Manual number {n}"),
        &format!("The manual with the word {}.", labels.concat()),
    );
    world.publish(id, &text).await.unwrap();
}

/// Everything that counts or lists, as it is told to nobody in particular.
async fn counted(nobody: &Client, portal: &Portal, section: SectionId) -> Vec<Value> {
    let mut told = Vec::new();
    for question in QUESTIONS {
        let answer = value(&nobody.get(&format!("/api/v1/search?{question}")).await);
        let mut hits: Vec<String> = answer["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| h["article"].to_string())
            .collect();
        // Scores count what is there; which of equal articles comes first is not told by numbers.
        hits.sort();
        told.push(
            json!({"total": answer["total"], "facets": answer["facets"], "hits": hits.len()}),
        );
    }
    let (portal, handle) = (portal.id, &portal.handle);
    let mut lists = vec![
        "/api/v1/portals".to_owned(),
        format!("/api/v1/portals/{portal}/sections"),
        format!("/{handle}/en/"),
        format!("/{handle}/en/search?q=manual+secretword"),
    ];
    lists.extend(crawl(nobody).await.lists.into_iter().map(|(path, _)| path));
    let mut list = format!("/api/v1/portals/{portal}/sections/{section}/articles?limit=2");
    for _ in 0..5 {
        lists.push(list.clone());
        let answer = value(&nobody.get(&list).await);
        let Some(next) = answer["next"].as_str() else {
            break;
        };
        list =
            format!("/api/v1/portals/{portal}/sections/{section}/articles?limit=2&cursor={next}");
    }
    for list in lists {
        let answer = nobody.get(&list).await;
        told.push(json!([
            list,
            answer.status,
            answer.header("etag"),
            answer.text
        ]));
    }
    told
}

#[tokio::test]
async fn case_003_004_counts_stay_the_same_when_restricted_documents_are_added() {
    let mut world = World::new(3);
    let (portal, section) = world.portal("help", Audience::public()).await;
    for n in 0..4 {
        add(
            &mut world,
            (&portal, section),
            &Audience::public(),
            n * 50,
            &["topic:shared"],
        )
        .await;
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let nobody = client(&world);
    let before = counted(&nobody, &portal, section).await;
    for n in 0..HIDDEN {
        let audience = if n.is_multiple_of(2) {
            Audience::level(Level::Agent)
        } else {
            "segment:hr".parse().unwrap()
        };
        add(
            &mut world,
            (&portal, section),
            &audience,
            n,
            &["topic:shared", "topic:secretword"],
        )
        .await;
    }
    world.touched();
    world.settle(&indexer).await;
    assert_eq!(counted(&nobody, &portal, section).await, before);
    let admin = client(&world).bearer(&world.key(&[kb_store::repo::KeyScope::Admin]).await);
    let all = value(&admin.get("/api/v1/search?q=manual").await);
    assert_eq!(
        all["total"]["value"],
        HIDDEN + 4,
        "what is hidden is there for others"
    );
}
