//! Imports as people make them: the same source twice, sources side by side, sources that say who may read them.

use crate::harness::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

fn write(root: &Path, files: &[(&str, &str)]) -> PathBuf {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root.to_owned()
}

fn import_with(data: &Path, source: &Path, more: &[&str]) -> Output {
    let source = source.to_str().unwrap();
    let known = ["import", source, "--audience", "public", "--activate"];
    run(data, &[&known, more].concat())
}

fn import(data: &Path, source: &Path, more: &[&str]) -> Value {
    last_line(&import_with(data, source, more))
}

fn counts(end: &Value) -> [u64; 5] {
    ["created", "updated", "unchanged", "skipped", "failed"].map(|key| end[key].as_u64().unwrap())
}

/// The titles that everybody finds in a portal, in the order of its sections.
fn titles(served: &Served, portal: &str) -> Vec<String> {
    let hrefs = |path: &str, kind: &str| -> Vec<String> {
        let (_, _, body) = served.page(path);
        let main = body.split("<main").nth(1).unwrap_or_default();
        let pieces = main.split("href=\"").skip(1);
        let all = pieces.map(|p| p.split('"').next().unwrap().to_owned());
        all.filter(|href| href.contains(kind)).collect()
    };
    let mut titles = Vec::new();
    for section in hrefs(&format!("/{portal}/en/"), "/sections/") {
        for article in hrefs(&section, "/articles/") {
            let (_, _, body) = served.page(&article);
            let title = body.split("<h1").nth(1).unwrap_or_default();
            let title = title
                .split_once('>')
                .unwrap()
                .1
                .split("</h1>")
                .next()
                .unwrap();
            titles.push(title.trim().to_owned());
        }
    }
    titles.dedup();
    titles
}

#[test]
fn a_second_run_creates_nothing_whatever_came_beside_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let kb = write(
        &folder.path().join("kb"),
        &[
            ("docs/faq/one.md", "# One\n\nText one.\n"),
            ("docs/faq/two.md", "# Two\n\nText two.\n"),
        ],
    );
    assert_eq!(counts(&import(&data, &kb, &[])), [2, 0, 0, 0, 0]);
    // What may come beside files: a page at the root, another folder, the same text as HTML, another language.
    for (n, (path, text, created)) in [
        ("README.md", "# Read me\n\nText.\n", 1),
        ("blog/a.md", "# A\n\nText.\n", 1),
        ("docs/faq/one.html", "<h1>One in HTML</h1><p>x</p>", 1),
        ("docs/faq/one.txt", "Plain one", 1),
        ("docs/faq/one.zh-CN.md", "# 一\n\n文字。\n", 1),
        ("docs/faq/.hidden.md", "x", 0),
        ("z.md", "# Z\n\nText.\n", 1),
    ]
    .into_iter()
    .enumerate()
    {
        write(&kb, &[(path, text)]);
        let end = counts(&import(&data, &kb, &[]));
        assert_eq!(
            (end[0], end[1], end[4]),
            (created, 0, 0),
            "{n} {path}: {end:?}"
        );
    }
    // What may go: the text that stands beside another one takes nothing with it.
    std::fs::remove_file(kb.join("docs/faq/one.md")).unwrap();
    let end = counts(&import(&data, &kb, &[]));
    assert_eq!((end[0], end[1], end[4]), (0, 0, 0), "{end:?}");
    assert!(titles(&served, "help").contains(&"One in HTML".to_owned()));
}

#[test]
fn sources_of_one_name_keep_apart_in_two_portals_and_exports_of_two_days_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let a = write(
        &folder.path().join("product-a/docs"),
        &[
            ("faq/reset.md", "# Reset device A\n\nHold A.\n"),
            ("faq/x.md", "# A2\n\n[r](reset.md)\n"),
        ],
    );
    let b = write(
        &folder.path().join("product-b/docs"),
        &[
            ("faq/reset.md", "# Reset device B\n\nHold B.\n"),
            ("faq/y.md", "# B2\n\n[r](reset.md)\n"),
        ],
    );
    for _ in 0..2 {
        import(&data, &a, &["--portal", "prod-a"]);
        import(&data, &b, &["--portal", "prod-b"]);
    }
    assert_eq!(titles(&served, "prod-a"), ["Reset device A", "A2"]);
    assert_eq!(titles(&served, "prod-b"), ["Reset device B", "B2"]);
    assert_eq!(counts(&import(&data, &b, &["--portal", "prod-b"]))[2], 2);

    // In one portal, too: what is still elsewhere and says something else is another source; a copy of it, or one that moved, is not.
    for path in [&a, &b, &a, &b] {
        import(&data, path, &["--portal", "both"]);
    }
    let both = titles(&served, "both");
    assert!(
        both.contains(&"Reset device A".to_owned()) && both.contains(&"Reset device B".to_owned()),
        "{both:?}"
    );
    let moved = folder.path().join("elsewhere/docs");
    std::fs::create_dir_all(moved.parent().unwrap()).unwrap();
    let copied = folder.path().join("copied/docs");
    write(
        &copied,
        &[
            ("faq/reset.md", "# Reset device A\n\nHold A.\n"),
            ("faq/x.md", "# A2\n\n[r](reset.md)\n"),
        ],
    );
    assert_eq!(
        counts(&import(&data, &copied, &["--portal", "prod-a"]))[2],
        2
    );
    std::fs::rename(&copied, &moved).unwrap();
    assert_eq!(
        counts(&import(&data, &moved, &["--portal", "prod-a"]))[2],
        2
    );

    let archive = |name: &str| {
        let path = folder.path().join(name);
        let gz = flate2::write::GzEncoder::new(
            std::fs::File::create(&path).unwrap(),
            flate2::Compression::fast(),
        );
        let mut builder = tar::Builder::new(gz);
        builder.append_dir_all("faq", a.join("faq")).unwrap();
        builder.into_inner().unwrap().finish().unwrap();
        path
    };
    for (n, name) in [
        "export-2026-01-05.tar.gz",
        "export-2026-02-05.tar.gz",
        "export (1).tar.gz",
        "export.tar.gz",
    ]
    .into_iter()
    .enumerate()
    {
        let end = counts(&import(&data, &archive(name), &["--portal", "third"]));
        assert_eq!(end[0], if n == 0 { 2 } else { 0 }, "{name}: {end:?}");
    }
    let named = import(
        &data,
        &archive("other.tar.gz"),
        &["--portal", "third", "--source", "export"],
    );
    assert_eq!(counts(&named)[2], 2);
}

#[test]
fn a_text_that_its_source_takes_back_is_gone_for_readers_and_a_run_without_articles_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let kb = write(
        &folder.path().join("kb"),
        &[
            ("a/plan.md", "# The plan\n\nThe launch is in May.\n"),
            ("a/b.md", "# B\n\nText.\n"),
        ],
    );
    assert_eq!(counts(&import(&data, &kb, &[]))[0], 2);
    assert_eq!(titles(&served, "help").len(), 2);
    write(
        &kb,
        &[(
            "a/plan.md",
            "---\ntitle: The plan\ndraft: true\n---\nThe launch is in May.\n",
        )],
    );
    let end = import(&data, &kb, &[]);
    assert_eq!(counts(&end), [0, 1, 1, 0, 0], "{end}");
    assert_eq!(titles(&served, "help"), ["B"]);
    assert_eq!(
        served.get("/api/v1/search?q=launch", None).1["total"]["value"],
        0
    );
    // Nobody but readers is told a second time.
    assert_eq!(counts(&import(&data, &kb, &[]))[2], 2);
    let report = std::fs::read_to_string(end["report"].as_str().unwrap()).unwrap();
    assert!(
        report.contains("kept as a draft: it says draft: true"),
        "{report}"
    );

    for files in [
        &[("x.pdf", "x")][..],
        &[(".a.md", "x")],
        &[("empty.md", "")],
        &[],
    ] {
        let nothing = folder.path().join(format!(
            "nothing{}",
            files.len() + files.first().map_or(0, |f| f.0.len())
        ));
        std::fs::create_dir_all(&nothing).unwrap();
        write(&nothing, files);
        let output = import_with(&data, &nothing, &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(last_line(&output)["nothing"], true);
    }
    let bare = write(
        &folder.path().join("bare"),
        &[
            ("kb/README.md", "# How to purchase\n"),
            ("kb/other.md", "# Other\n\n![p](p.png)\n\nText.\n"),
        ],
    );
    let output = import_with(&data, &bare, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(last_line(&output)["pictures"], 1);
    let one = import(&data, &bare.join("kb/other.md"), &["--portal", "single"]);
    assert_eq!(counts(&one), [1, 0, 0, 0, 0]);
}

#[test]
fn old_addresses_order_and_languages_of_a_source_reach_readers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let mut files: Vec<(String, String)> = (1..=20)
        .rev()
        .map(|n| {
            (
                format!("en/faq/{n:02}-step.md"),
                format!("# Step {n:02}\n\nText {n}.\n"),
            )
        })
        .collect();
    files.push(("zh/faq/01-step.md".into(), "# 第一步\n\n文字。\n".into()));
    files.push((
        "en/old/page.md".into(),
        "---\ntitle: Page\naliases: [/kb/older-page]\n---\n\nText.\n".into(),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(p, t)| (p.as_str(), t.as_str()))
        .collect();
    let kb = write(&folder.path().join("kb"), &files);
    assert_eq!(counts(&import(&data, &kb, &[]))[0], 22);
    let titles = titles(&served, "help");
    let steps: Vec<String> = (1..=20).map(|n| format!("Step {n:02}")).collect();
    assert_eq!(titles[..20], steps, "{titles:?}");
    let (status, location, _) = served.page("/help/kb/older-page");
    assert_eq!(status, 301, "{location}");
    assert!(location.contains("/articles/"), "{location}");
    // An address that is added later is claimed, too.
    write(
        &kb,
        &[(
            "en/old/page.md",
            "---\ntitle: Page\naliases: [/kb/older-page, /kb/oldest]\n---\n\nText.\n",
        )],
    );
    assert_eq!(counts(&import(&data, &kb, &[]))[1], 1);
    assert_eq!(served.page("/help/kb/oldest").1, location);

    for (asked, locale) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en-GB,en;q=0.9", "en"),
        ("fr", "en"),
        ("en;q=0.1, zh-TW", "zh-Hant"),
    ] {
        let head = served.head("/help/", &format!("Accept-Language: {asked}\r\n"));
        assert!(
            head.contains(&format!("location: /help/{locale}/")),
            "{asked}: {head}"
        );
        assert!(
            head.to_lowercase().contains("vary: accept-language"),
            "{head}"
        );
    }
}

/// What the program of an earlier version brought in is found again.
#[test]
fn a_folder_that_an_earlier_program_imported_creates_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    crate::older::unpacked(&data);
    for portal in ["help", "staff"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("demo")
            .join(portal);
        let known = [
            "import",
            source.to_str().unwrap(),
            "--audience",
            "public",
            "--portal",
            portal,
        ];
        let end = last_line(&run(&data, &known));
        assert_eq!(
            (end["created"].as_u64(), end["failed"].as_u64()),
            (Some(0), Some(0)),
            "{end}"
        );
        assert!(end["unchanged"].as_u64().unwrap() > 0, "{end}");
    }
}
