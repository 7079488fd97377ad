//! How often requests ask the table: one row of the gate, all links of a page at once, and as much for what is hidden as for what
//! never was.

use crate::harness::indexer;
use crate::reads::noted;
use kb_domain::{
    ArticleId, Audience, Comment, CommentId, CommentState, Comments, ExternalId, Kind, Locale,
};
use kb_store::repo::{Articles, Gate, Narrowing};
use kb_store::{TableName, Transaction};
use kb_testkit::{Persona, Text, World};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn commit(world: &World, add: impl FnOnce(&mut Transaction)) {
    let mut tx = Transaction::new(TableName::Main, world.kb.now().micros());
    add(&mut tx);
    kb_store::Table::commit(&*world.store, tx).await.unwrap();
}

#[tokio::test]
async fn the_gate_is_one_row_of_a_request_however_much_is_narrowed() {
    let mut world = World::new(40);
    world.portal("help", Audience::public()).await;
    let (table, nobody) = noted(&world);
    let mut opened = 0;
    for open in [0, 200, 1_000] {
        while opened < open {
            let narrowing = |n| Narrowing {
                article: ArticleId::new(Uuid::from_u128(n)),
                locale: Locale::en(),
                version: 1,
                audience: None,
            };
            commit(&world, |tx| {
                for n in opened..opened + 50 {
                    Gate::narrow(tx, &narrowing(n));
                }
            })
            .await;
            opened += 50;
        }
        // The first one reads what has moved.
        nobody.get("/api/v1/search?q=heron").await;
        let moved = table.take();
        assert_eq!(&moved[..2], ["GATE / #", "GATE"], "{moved:?}");
        for _ in 0..3 {
            assert_eq!(nobody.get("/api/v1/search?q=heron").await.status, 200);
            assert_eq!(table.take(), ["GATE / #"], "{open} are open");
        }
        let gate = world.kb.gate().await.unwrap();
        assert_eq!(gate.narrowings.len() as u128, open);
    }
    world.touched();
    world.settle(&indexer(&world)).await;
}

#[tokio::test]
async fn the_links_of_a_page_are_looked_up_at_once() {
    let mut world = World::new(41);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let place = (&portal, section);
    let link = |n: usize| format!("[Link {n}](file{n}.md#part)");
    let texts = |links: Vec<String>| [Text::en("Guide", &links.join(" "))];
    let few = texts((0..2).map(link).collect());
    let many = texts((0..140).map(link).collect());
    let mut pages = Vec::new();
    let mut made = Vec::new();
    for (n, texts) in [few, many].iter().enumerate() {
        let public = Audience::public();
        let article = world.article(place, Kind::Explicit, "guide", public, texts);
        let article = article.await;
        pages.push(format!("/help/en/articles/{}-guide", article.key));
        made.push((article, format!("guide{n}")));
    }
    for n in 0..40 {
        let audience = if n == 1 { "employees" } else { "public" };
        let text = [Text::en(&format!("Target {n}"), "Here.")];
        let audience = audience.parse().unwrap();
        let article = world.article(place, Kind::Explicit, "guide", audience, &text);
        made.push((article.await, format!("file{n}")));
    }
    for (article, id) in made {
        let stored = Articles::head(world.kb.store(), article.id).await.unwrap();
        let mut after = article.clone();
        after.external = Some(ExternalId {
            source: "folder".to_owned(),
            id,
        });
        commit(&world, |tx| {
            let claimed = after.external.as_ref().unwrap();
            tx.insert_at(
                kb_store::keys::external(&claimed.source, "article", &claimed.id),
                &kb_store::repo::ExternalTarget { article: after.id },
            );
            Articles::replace(tx, &stored.unwrap(), &after);
        })
        .await;
    }
    let (table, nobody) = noted(&world);
    nobody.get(&pages[0]).await;
    let mut calls = BTreeSet::new();
    for path in &pages {
        table.calls();
        let page = nobody.get(path).await;
        calls.insert(table.calls());
        assert_eq!(page.status, 200, "{path}");
        let led = |to: &str| page.text.matches(to).count();
        assert_eq!(led("-target-0#part"), 1);
        // What this reader may not see is no link, as what is nowhere.
        assert_eq!(led("-target-1#part"), 0);
        assert!(
            page.text.contains("Link 1") && led("nowhere:") == 0,
            "{}",
            page.text
        );
    }
    assert_eq!(calls.len(), 1, "{calls:?}");
    world.settle(&indexer(&world)).await;
}

#[tokio::test]
async fn case_006_what_is_hidden_takes_the_same_reads_as_what_never_was() {
    let mut world = World::new(42);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = [Text::en("Secret", "Here.")];
    let audience = "employees".parse().unwrap();
    let place = (&portal, section);
    let hidden = world.article(place, Kind::Explicit, "guide", audience, &text);
    let hidden = hidden.await;
    let (table, nobody) = noted(&world);
    nobody.get("/help/en/").await;
    let (id, key) = (hidden.id.to_string(), hidden.key.to_string());
    for path in [
        format!("/api/v1/articles/{id}"),
        format!("/api/v1/articles/{id}/translations/en"),
        format!("/api/v1/articles/{id}/comments"),
        format!("/help/en/articles/{key}"),
        format!("/help/en/articles/{key}-secret"),
    ] {
        let absent = path
            .replace(&id, "art_01m8ky17y1e23tajthewpf4ztn")
            .replace(&key, "00000000");
        let mut seen = Vec::new();
        for path in [&path, &absent] {
            table.calls();
            let answer = nobody.get(path).await;
            seen.push((answer.status, answer.text, table.calls()));
        }
        assert_eq!(seen[0], seen[1], "{path}");
        assert_eq!(seen[0].0, 404, "{path}");
    }
    world.settle(&indexer(&world)).await;
}

#[tokio::test]
async fn a_page_of_comments_reads_no_more_than_a_thousand_however_many_wait() {
    let mut world = World::new(43);
    let (portal, section) = world.portal("help", Audience::public()).await;
    world.set_comments(portal.id, Comments::ApproveFirst).await;
    let text = [Text::en("Guide", "Here.")];
    let place = (&portal, section);
    let article = world.article(place, Kind::Explicit, "guide", Audience::public(), &text);
    let article = article.await;
    let now = world.kb.now();
    let comment = |n: u128, state: CommentState| Comment {
        id: CommentId::new(Uuid::from_u128(n)),
        article: article.id,
        portal: portal.id,
        locale: Locale::en(),
        author: None,
        name: "Ada".to_owned(),
        by_staff: false,
        text: format!("Number {n}"),
        state,
        answered: false,
        points_out_error: false,
        created_at: now,
        edited_at: None,
    };
    for n in 0..25 {
        commit(&world, |tx| {
            for k in 0..100 {
                tx.insert(&comment(n * 100 + k, CommentState::Waiting));
            }
        })
        .await;
    }
    commit(&world, |tx| {
        tx.insert(&comment(9_000, CommentState::Visible));
    })
    .await;
    world.catch_up();
    let (table, nobody) = noted(&world);
    let path = format!("/api/v1/articles/{}/comments", article.id);
    nobody.get(&path).await;
    let (mut pages, mut texts, mut next) = (0, Vec::new(), String::new());
    loop {
        table.calls();
        let page = nobody.get(&format!("{path}?limit=5{next}")).await;
        assert!(table.calls() <= 13, "page {pages}");
        pages += 1;
        let page = page.json();
        let found = page["items"].as_array().unwrap().iter();
        texts.extend(found.map(|c| c["text"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next"].as_str() else {
            break;
        };
        next = format!("&cursor={cursor}");
    }
    assert_eq!((pages, texts), (3, vec!["Number 9000".to_owned()]));
    let moderator = nobody.session(&world.session(Persona::Moderator, &[]).await);
    let queue = format!(
        "/api/v1/comments?portal={}&queue=waiting&limit=5",
        portal.id
    );
    let page = moderator.get(&queue).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 5, "{page}");
    assert!(page["next"].is_string());
    world.touched();
    world.settle(&indexer(&world)).await;
}
