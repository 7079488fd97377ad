//! Every link of every page leads to a page: of a tree that is made here, and whole of real ones (`tests/long crawl`).

use crate::harness::*;
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// What a crawl saw.
#[derive(Default)]
struct Crawl {
    pages: usize,
    links: usize,
    dead: Vec<String>,
}

/// Asks for every address that a page of the portal links to, page by page, each once.
fn crawl(served: &Served, portal: &str) -> Crawl {
    let mut crawl = Crawl::default();
    let mut asked = BTreeSet::new();
    let mut left: VecDeque<(String, String)> = ["en", "zh-Hans"]
        .map(|locale| (String::new(), format!("/{portal}/{locale}/")))
        .into();
    while let Some((from, path)) = left.pop_front() {
        if !asked.insert(path.clone()) {
            continue;
        }
        let (mut status, mut location, mut body) = served.page(&path);
        for _ in 0..3 {
            if (300..400).contains(&status) {
                (status, location, body) = served.page(&location);
            }
        }
        if status != 200 {
            crawl.dead.push(format!("{from} -> {path}: {status}"));
            continue;
        }
        crawl.pages += 1;
        // Quotes stand in texts as they are; an address is one inside a tag.
        let tags = body.split('<').skip(1).filter_map(|t| t.split('>').next());
        let hrefs = tags.filter_map(|tag| tag.split(" href=\"").nth(1));
        for href in hrefs.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")) {
            let path = href.split('#').next().unwrap().to_owned();
            let elsewhere = path.is_empty()
                || path.contains("://")
                || path.starts_with("mailto:")
                || path.starts_with("tel:");
            // The third language shows what the others show, and a search finds what is linked elsewhere.
            if elsewhere
                || path.contains("/zh-Hant/")
                || path.contains("/search")
                || path.contains("/sign-in")
            {
                continue;
            }
            crawl.links += 1;
            if path.starts_with('/') {
                left.push_back((from.clone() + " > " + &path_of(&body), path));
            } else if !path.starts_with('?') {
                crawl
                    .dead
                    .push(format!("{}: a link of no page: {href}", path_of(&body)));
            }
        }
    }
    crawl
}

/// What a page is called, for the report of a fault.
fn path_of(body: &str) -> String {
    let title = body.split("<title>").nth(1).unwrap_or_default();
    title.split('<').next().unwrap_or_default().to_owned()
}

fn import(data: &Path, source: &Path, portal: &str) -> serde_json::Value {
    let output = run(
        data,
        &[
            "import",
            source.to_str().unwrap(),
            "--audience",
            "public",
            "--portal",
            portal,
            "--activate",
        ],
    );
    last_line(&output)
}

/// A tree in two languages whose links are spelled in every way that people spell them; some lead nowhere.
fn tree(root: &Path, seed: u64) -> usize {
    let mut seed = seed;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let folders = ["guide", "vpn", "帮助", "a b"];
    let stems = ["index", "README", "reset", "Two Words", "密码", "01-start"];
    let mut texts = Vec::new();
    for language in ["en", "zh-CN"] {
        for folder in folders {
            for stem in stems {
                texts.push((language, folder, stem));
            }
        }
    }
    for (language, folder, stem) in &texts {
        let mut body = format!("# {folder} {stem}\n\nSome text about {stem}.\n\n");
        for _ in 0..6 {
            let (_, to, target) = texts[next(texts.len())];
            let escaped = |text: &str| text.replace(' ', "%20");
            let (to, name) = (escaped(to), escaped(target));
            let link = match next(12) {
                0 => format!("[x](../{to}/{name}.md)"),
                1 => format!("[x](/{language}/{to}/{name}.md)"),
                2 => format!("[x](/{to}/{name})"),
                3 => format!("[x](../{to}/)"),
                4 => format!("[x](../{to}/{name}.html#part)"),
                5 => format!("<a href='../{to}/{name}.md'>x</a>"),
                6 => format!("[[{target}]]"),
                7 => format!("[x](<../{}/{target}.md>)", to.replace("%20", " ")),
                8 => format!("[x](../{}/{}.MD)", to.to_uppercase(), name.to_uppercase()),
                9 => "[gone](gone.md) [file](files/form.pdf) [x](/no/where/) <A HREF=nothing.html>x</A>".to_owned(),
                10 => format!("[x][r]\n\n[r]: /{to}/{name}.md"),
                _ => format!("[x](../{}/{target}.md)", to.replace("%20", " ")),
            };
            body.push_str(&format!("- see {link}\n\n"));
        }
        let path = root.join(language).join(folder).join(format!("{stem}.md"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, body).unwrap();
    }
    texts.len()
}

#[test]
fn every_link_of_a_made_tree_leads_to_a_page_or_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    for seed in 1..=rounds(1) {
        let source = folder.path().join(format!("tree{seed}"));
        let made = tree(&source, seed);
        let portal = format!("p{seed}");
        let end = import(&data, &source, &portal);
        assert_eq!(
            (end["created"].as_u64(), end["failed"].as_u64()),
            (Some(made as u64), Some(0)),
            "{end}"
        );
        let found = crawl(&served, &portal);
        assert!(found.dead.is_empty(), "{:#?}", found.dead);
        assert!(
            found.pages >= made && found.links > made * 6,
            "{} {}",
            found.pages,
            found.links
        );
    }
}

#[test]
#[ignore = "takes minutes and needs the corpora that SIDENOTE_TEST_DATA names"]
fn every_link_of_the_corpora_leads_to_a_page_or_is_none() {
    let corpora = kb_runtime::system::environment("SIDENOTE_TEST_DATA").unwrap();
    let archives = [
        "handbook-18f/handbook.tar.gz",
        "aliyun-import/ccc.tar.gz",
        "aliyun-import/oss.tar.gz",
        "dify-docs/docs.tar.gz",
    ];
    let mut dead = Vec::new();
    for archive in archives {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let served = Served::start(&data);
        let end = import(&data, &PathBuf::from(&corpora).join(archive), "help");
        let found = crawl(&served, "help");
        println!(
            "{archive}: {} created, {} failed, {} warnings; {} pages, {} links, {} dead",
            end["created"],
            end["failed"],
            end["warnings"],
            found.pages,
            found.links,
            found.dead.len()
        );
        assert!(found.pages as u64 >= end["created"].as_u64().unwrap_or(0) / 2);
        dead.extend(found.dead);
    }
    assert!(dead.is_empty(), "{dead:#?}");
}
