use super::*;
use crate::import::entry::Refused;

fn listing(files: &[(&str, &str)]) -> Listing {
    Listing {
        entries: files
            .iter()
            .map(|(p, t)| Entry {
                path: (*p).into(),
                bytes: t.as_bytes().to_vec(),
            })
            .collect(),
        refused: vec![Refused {
            path: "../x.md".into(),
            reason: "its path leaves the archive".into(),
        }],
        ..Listing::default()
    }
    .finish()
}

fn articles(planned: &[Planned]) -> Vec<&Item> {
    planned
        .iter()
        .filter_map(|p| match p {
            Planned::Article(item) => Some(&**item),
            _ => None,
        })
        .collect()
}

#[test]
fn every_entry_is_named_with_what_becomes_of_it() {
    let planned = plan(listing(&[
        ("LICENSE.md", "x"),
        ("a/b/c.md", "# C\ntext"),
        ("a/p.png", ""),
        ("bad.md", "---\ntitle: [\n---\n"),
    ]));
    assert_eq!(planned.len(), 5);
    assert_eq!(articles(&planned).len(), 1);
    assert_eq!(
        planned
            .iter()
            .filter(|p| matches!(p, Planned::Failed { .. }))
            .count(),
        2
    );
}

#[test]
fn a_title_comes_from_front_matter_heading_file_name_or_text() {
    let planned = plan(listing(&[
        ("s/1.md", "---\ntitle: Front\n---\n# Heading\n"),
        ("s/2.md", "# Heading {#id .concept}\nbody"),
        ("s/file-name.md", "only text"),
        ("s/index.md", "first words of the text"),
    ]));
    let titles: Vec<&str> = articles(&planned)
        .iter()
        .map(|i| i.title.as_str())
        .collect();
    assert_eq!(
        titles,
        ["Front", "Heading", "File name", "first words of the text"]
    );
    let heading = articles(&planned)[1];
    assert_eq!(heading.body.source.trim(), "body");
}

#[test]
fn folder_pages_name_their_folder_in_each_language() {
    let planned = plan(listing(&[
        (
            "en/account/_index.md",
            "---\ntitle: Your account\nsummary: All of it\n---\n",
        ),
        ("zh-CN/account/_index.md", "---\ntitle: 您的账户\n---\n"),
        ("en/account/a.md", "text"),
        ("zh-CN/account/a.md", "正文"),
    ]));
    let found = articles(&planned);
    let names: Vec<&str> = found.iter().map(|i| i.folders[0].name.as_str()).collect();
    assert_eq!(names, ["Your account", "您的账户"]);
    assert_eq!(found[0].external_id, found[1].external_id);
    assert_eq!(found[0].folders.len(), 2, "an article stands in a section");
}

#[test]
fn a_link_to_a_file_that_is_not_there_is_a_warning() {
    let planned = plan(listing(&[
        (
            "a/1.md",
            "[ok](2.md) [up](../b/3.md#x) [gone](gone.md) [web](https://example.com/x.md)",
        ),
        ("a/2.md", "x"),
        ("b/3.md", "x"),
    ]));
    assert_eq!(
        articles(&planned)[0].warnings,
        ["links to gone.md, which is not in the source"]
    );
}

#[test]
fn a_record_is_an_article_and_says_what_is_wrong_with_it() {
    let read = |json: &str| from_record(serde_json::from_str(json).unwrap());
    let item = read(r#"{"id":"x","title":"T","body":"b","path":["A","B","C"],"tags":["p,q",""]}"#)
        .unwrap();
    assert_eq!(item.folders.len(), 3);
    assert_eq!(item.labels, ["p q"]);
    assert!(
        read(r#"{"id":"x","lang":"english"}"#)
            .unwrap_err()
            .contains("lang")
    );
    assert!(read(r#"{"id":"x","body":"b","html":"h"}"#).is_err());
}

#[test]
fn joined_paths_stay_inside() {
    assert_eq!(join("a/b", "../c.md").as_deref(), Some("a/c.md"));
    assert_eq!(join("a", "../../c.md"), None);
}

#[test]
fn a_folder_is_named_in_the_languages_that_have_no_article_in_it_yet() {
    let planned = plan(listing(&[
        ("en/a/_index.md", "---\ntitle: Apples\n---\n"),
        (
            "zh-CN/a/_index.md",
            "---\ntitle: 苹果\ndescription: 水果\n---\n",
        ),
        ("en/a/b/c.md", "# C\ntext"),
    ]));
    let folder = &articles(&planned)[0].folders[0];
    assert_eq!(folder.name, "Apples");
    let zh = "zh-Hans".parse().unwrap();
    assert_eq!(
        folder.others,
        [(zh, "苹果".to_owned(), Some("水果".to_owned()))]
    );
}
