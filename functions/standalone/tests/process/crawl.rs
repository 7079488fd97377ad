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
    /// Marks of the source's generator that readers see, each with its page.
    left_over: Vec<String>,
    /// Pages whose text begins with their title.
    twice: Vec<String>,
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
        if let Some(text) = between(&body, "<article class=\"prose\"", "</article>") {
            let title = between(&body, "<h1", "</h1>")
                .map(plain)
                .unwrap_or_default();
            let page = path_of(&body);
            let prose = plain(&without(
                &without(text, "<pre", "</pre>"),
                "<code",
                "</code>",
            ));
            let marks = MARKS.iter().filter(|mark| prose.contains(**mark));
            crawl.left_over.extend(marks.map(|mark| {
                let at = prose.find(*mark).unwrap();
                let around: String = prose[at..].chars().take(60).collect();
                format!("{page}: {around}")
            }));
            let first = between(text, "<h", "</h").map(plain).unwrap_or_default();
            let begins = plain(text).trim().starts_with(first.trim());
            if begins && !title.is_empty() && first.trim() == title.trim() {
                crawl.twice.push(page);
            }
        }
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

/// What generators write in their sources and readers never see: tags of templates, notes, tabs and components, and marks of Markdown
/// that did not become anything.
const MARKS: [&str; 12] = [
    "{%",
    "{{%",
    "{{<",
    ":::",
    "!!! ",
    "??? ",
    "=== \"",
    "[!NOTE]",
    "[!TIP]",
    "**",
    "</",
    "---\ntitle",
];

/// What stands between the end of a tag that begins so and this end.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(begin)?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once(end)?.0)
}

/// The text without everything from one mark to another.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        left.push_str(before);
        rest = after.split_once(end).map_or("", |(_, behind)| behind);
    }
    left + rest
}

/// The text of some HTML, with the commonest of its escapes read.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for (n, piece) in html.split('<').enumerate() {
        let piece = if n == 0 {
            piece
        } else {
            piece.split_once('>').map_or("", |(_, text)| text)
        };
        text.push_str(piece);
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
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
        assert!(found.left_over.is_empty(), "{:#?}", found.left_over);
        assert!(found.twice.is_empty(), "{:#?}", found.twice);
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
        "dify-docs/docs.tar.gz",
        "aliyun-import/oss.tar.gz",
    ];
    let (mut dead, mut twice) = (Vec::new(), Vec::new());
    for archive in archives {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let served = Served::start(&data);
        let end = import(&data, &PathBuf::from(&corpora).join(archive), "help");
        let found = crawl(&served, "help");
        println!(
            "{archive}: {} created, {} failed, {} warnings; {} pages, {} links, {} dead, {} left over, {} titles twice",
            end["created"],
            end["failed"],
            end["warnings"],
            found.pages,
            found.links,
            found.dead.len(),
            found.left_over.len(),
            found.twice.len()
        );
        for told in found.left_over.iter().chain(&found.twice).take(20) {
            println!("  {told}");
        }
        assert!(found.pages as u64 >= end["created"].as_u64().unwrap_or(0) / 2);
        dead.extend(found.dead);
        twice.extend(found.twice);
    }
    assert!(dead.is_empty(), "{dead:#?}");
    assert!(twice.is_empty(), "{twice:#?}");
}
