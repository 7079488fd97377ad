//! Cases 14 and 84: a clock that steps back. What is hidden is hidden at once, though the text was published by a clock that was
//! a day ahead and the indexer stands still.

use crate::harness::{client, indexer};
use kb_actions::articles::{self, ArticleChange};
use kb_actions::{RequestContext, translations};
use kb_domain::{Article, Audience, Kind, Portal, SectionId};
use kb_store::repo::{ArticleWithTexts, KeyScope};
use kb_testkit::{Client, Persona, Text, World};
use serde_json::json;

const DAY_SECONDS: i64 = 86_400;

/// How an old text is hidden.
#[derive(Clone, Copy, Debug)]
enum Hiding {
    Archived,
    Narrowed,
    MovedAway,
    Superseded,
}

const HIDINGS: [Hiding; 4] = [
    Hiding::Archived,
    Hiding::Narrowed,
    Hiding::MovedAway,
    Hiding::Superseded,
];

async fn read(world: &World, article: &Article) -> (RequestContext, ArticleWithTexts) {
    let ctx = world.ctx(Persona::Admin).await;
    let whole = articles::read(&world.kb, &ctx, article.id).await.unwrap();
    (ctx, whole)
}

async fn hide(world: &mut World, article: &Article, how: Hiding, away: (&Portal, SectionId)) {
    world.touched();
    let (ctx, whole) = read(world, article).await;
    let change = match how {
        Hiding::Archived => {
            articles::archive(&world.kb, &ctx, whole).await.unwrap();
            return;
        }
        Hiding::Superseded => {
            let text = Text::en("Guide", "Nothing is left of it.");
            world.publish(article.id, &text).await.unwrap();
            return;
        }
        Hiding::Narrowed => ArticleChange {
            audience: Some("segment:hr".parse().unwrap()),
            ..ArticleChange::default()
        },
        Hiding::MovedAway => ArticleChange {
            home: Some((away.0.id, away.1)),
            ..ArticleChange::default()
        },
    };
    articles::update(&world.kb, &ctx, whole, change)
        .await
        .unwrap();
}

/// What the public and an agent find by a word.
async fn found(reader: &Client, agent: &Client, word: &str) -> Vec<String> {
    let ticket = json!({"ticket": {"system": "crm", "id": "1", "description": word}});
    let mut found = Vec::new();
    for (client, path) in [
        (reader, format!("/api/v1/search?q={word}&facets=true")),
        (reader, format!("/help/en/search?q={word}")),
        (agent, format!("/api/v1/search?q={word}")),
    ] {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let shown = answer.text.contains("/articles/") || answer.text.contains("\"article\"");
        found.extend(shown.then_some(path));
    }
    let answer = agent.post("/api/v1/suggestions", &ticket).await;
    let suggested = answer.json()["suggestions"].as_array().unwrap().len();
    found.extend((suggested > 0).then(|| "suggestions".to_owned()));
    found
}

#[tokio::test]
async fn case_014_after_a_step_back_of_the_clock_nothing_hidden_is_found() {
    let mut world = World::new(14);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let (away, elsewhere) = world.portal("away", "segment:hr".parse().unwrap()).await;
    let mut articles = Vec::new();
    for (n, how) in HIDINGS.into_iter().enumerate() {
        let word = format!("heron{n}q");
        let text = Text::en("Guide", &format!("The {word} waits."));
        let place = (&portal, section);
        // The head stays that of a day before.
        let made = world.article(place, Kind::Explicit, "guide", Audience::public(), &[]);
        let article = made.await;
        world.advance(DAY_SECONDS);
        world.publish(article.id, &text).await.unwrap();
        world.advance(-DAY_SECONDS);
        articles.push((article, how, word));
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let reader = client(&world);
    let agent = reader.bearer(&world.key(&[KeyScope::Suggest]).await);
    for (_, how, word) in &articles {
        let found = found(&reader, &agent, word).await;
        assert_eq!(found.len(), 4, "{how:?}: {found:?}");
    }
    for (article, how, _) in &articles {
        hide(&mut world, article, *how, (&away, elsewhere)).await;
    }
    for settled in [false, true] {
        for (article, how, word) in &articles {
            let found = found(&reader, &agent, word).await;
            assert_eq!(found, [""; 0], "{how:?}, settled: {settled}");
            let (_, whole) = read(&world, article).await;
            assert!(whole.version() > 0);
        }
        world.settle(&indexer).await;
    }
    assert!(world.kb.gate().await.unwrap().narrowings.is_empty());
}

#[tokio::test]
async fn what_is_written_about_an_article_comes_after_all_of_its_rows() {
    let mut world = World::new(15);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en("Guide", "First.");
    let place = (&portal, section);
    let made = world.article(place, Kind::Explicit, "guide", Audience::public(), &[]);
    let article = made.await;
    world.advance(DAY_SECONDS);
    world.publish(article.id, &text).await.unwrap();
    world.advance(-DAY_SECONDS);
    let mut newest = read(&world, &article).await.1.version();
    for n in 0..6 {
        let (ctx, whole) = read(&world, &article).await;
        match n {
            0 => {
                let change = ArticleChange {
                    labels: Some(vec!["topic:heron".to_owned()]),
                    ..ArticleChange::default()
                };
                articles::update(&world.kb, &ctx, whole, change)
                    .await
                    .unwrap();
            }
            1 => {
                let locale = "zh-Hans".parse().unwrap();
                let draft = Text::of("zh-Hans", "指南", "先。").draft();
                translations::save(&world.kb, &ctx, &whole, &locale, None, draft)
                    .await
                    .unwrap();
            }
            2 => {
                articles::archive(&world.kb, &ctx, whole).await.unwrap();
            }
            3 => {
                articles::restore(&world.kb, &ctx, whole).await.unwrap();
            }
            _ => {
                let text = Text::en("Guide", &format!("Text {n}."));
                world.publish(article.id, &text).await.unwrap();
            }
        }
        let version = read(&world, &article).await.1.version();
        assert!(version > newest, "{n}");
        newest = version;
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}
