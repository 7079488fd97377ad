//! What a crawler finds that begins at `robots.txt`, as sitemaps.org describes it.

use crate::harness::{client, indexer};
use kb_domain::{Article, Audience, Kind};
use kb_testkit::{Answered, Client, Persona, Text, World};
use std::collections::BTreeSet;

/// The lists with their answers, and the pages that they name, all as paths.
pub(crate) struct Crawled {
    pub lists: Vec<(String, Answered)>,
    pub pages: Vec<String>,
}

/// Follows the lists that `robots.txt` names down to pages.
pub(crate) async fn crawl(client: &Client) -> Crawled {
    let robots = client.get("/robots.txt").await;
    let named = robots
        .text
        .lines()
        .filter_map(|l| l.strip_prefix("Sitemap: "));
    let (mut open, mut pages) = (Vec::new(), Vec::new());
    let mut origin = String::new();
    for address in named {
        let (scheme, rest) = address.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        origin = format!("{scheme}://{host}");
        open.push(format!("/{path}"));
    }
    let mut lists = vec![("/robots.txt".to_owned(), robots.clone())];
    while let Some(path) = open.pop() {
        let list = client.get(&path).await;
        assert_eq!(list.status, 200, "{path}: {}", list.text);
        let is_index = list.text.contains("<sitemapindex ");
        // An index names lists, and no other index.
        assert!(!is_index || path == "/sitemap.xml", "{path}");
        let mut named = 0;
        for piece in list.text.split("<loc>").skip(1) {
            let address = piece.split("</loc>").next().unwrap().replace("&amp;", "&");
            let address = address.strip_prefix(&origin).expect(&address).to_owned();
            if is_index { &mut open } else { &mut pages }.push(address);
            named += 1;
        }
        assert!(named <= 50_000 && list.text.len() <= 50_000_000, "{path}");
        lists.push((path, list));
    }
    Crawled { lists, pages }
}

/// Articles of so many passages each, in one section.
async fn many(world: &mut World, count: usize, passages: usize) -> (Vec<Article>, Vec<Article>) {
    let place = world.portal("help", Audience::public()).await;
    let body: String = (0..passages)
        .map(|n| format!("## Why {n}?\n\nIt stands.\n\n"))
        .collect();
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    for n in 0..count {
        for (made, readers) in [(&mut shown, "public"), (&mut hidden, "employees")] {
            let texts = [Text::en(&format!("Heron {n} for {readers}"), &body)];
            let readers = readers.parse().unwrap();
            let place = (&place.0, place.1);
            made.push(
                world
                    .article(place, Kind::Explicit, "faq", readers, &texts)
                    .await,
            );
        }
    }
    (shown, hidden)
}

#[tokio::test]
async fn a_large_section_stands_in_several_lists_and_nothing_is_left_out() {
    let mut world = World::new(51);
    let (shown, hidden) = many(&mut world, 24, 100).await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let nobody = client(&world);
    let staff = nobody.session(&world.session(Persona::Employee, &[]).await);
    for reader in [&nobody, &staff] {
        let crawled = crawl(reader).await;
        let lists = crawled.lists.iter().map(|(path, _)| path);
        let parts: Vec<&String> = lists.filter(|l| l.contains("?part=")).collect();
        // 2,424 parts are for everybody, so there are two in each language; with those of staff there would be three.
        assert_eq!(parts.len(), 3 * 2, "{parts:?}");
        let articles: Vec<&String> = crawled
            .pages
            .iter()
            .filter(|p| p.contains("/articles/"))
            .collect();
        let distinct: BTreeSet<_> = articles.iter().collect();
        assert_eq!((articles.len(), distinct.len()), (24, 24), "{articles:?}");
        for article in &shown {
            let named = articles
                .iter()
                .filter(|a| a.contains(&article.key.to_string()));
            assert_eq!(named.count(), 1, "{}", article.key);
        }
        let everything: String = crawled
            .lists
            .iter()
            .map(|(_, list)| list.text.as_str())
            .collect();
        assert!(
            !hidden
                .iter()
                .any(|a| everything.contains(&a.key.to_string()))
        );
        // A crawler of yesterday still gets everything; no single list is longer than others.
        let list = parts[0].split('?').next().unwrap();
        for (asked, status) in [
            ("", 200),
            ("?part=7&of=7", 200),
            ("?part=8&of=7", 404),
            ("?part=0&of=7", 404),
            ("?part=1&of=0", 404),
            ("?part=x", 400),
        ] {
            let answer = reader.get(&format!("{list}{asked}")).await;
            assert_eq!(answer.status, status, "{list}{asked}");
        }
    }
}
