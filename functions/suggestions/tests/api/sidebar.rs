//! The pages of the sidebar.

use super::Base;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn the_sidebar_is_the_same_for_everybody_in_the_asked_language() {
    let base = Base::new(1).await;
    let path = "/agent/ticket?system=demo&id=7&locale=zh-TW";
    let page = base.nobody.get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("lang=\"zh-Hant\""));
    assert!(!page.text.contains("beep"));
    assert_eq!(base.agent.get(path).await.text, page.text);
    base.end();
}

/// Messages by their type, each with the names of its fields.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// The words of a script or a table between `before` and the first character that is of no word.
fn words<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let pieces = text.split(before).skip(1);
    let words = pieces.map(|piece| {
        let end = piece.find(|c: char| !c.is_alphanumeric() && c != '_');
        &piece[..end.unwrap_or(piece.len())]
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// The rows of the table under this heading: a type, its fields.
fn documented(readme: &str, heading: &str) -> Messages {
    let table = readme.split(&format!("| {heading} |")).nth(1).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let rows = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        // The second backtick of a word is followed by no word.
        let names = |cell: &str| words(cell, "`").into_iter().map(str::to_owned).collect();
        let of_type: BTreeSet<String> = names(cells[1]);
        (of_type.into_iter().next().unwrap(), names(cells[2]))
    });
    rows.collect()
}

/// What `take` of the script understands: each type with the fields that are read where it is compared.
fn understood(script: &str) -> Messages {
    let take = script.split("function take(message) {").nth(1).unwrap();
    let take = take.split("\n}\n").next().unwrap();
    let branches = take.split("message.type === \"").skip(1);
    let branches = branches.map(|branch| {
        let (name, rest) = branch.split_once('"').unwrap();
        let fields = words(rest, "message.").into_iter();
        let fields = fields.filter(|f| *f != "type").map(str::to_owned);
        (name.to_owned(), fields.collect())
    });
    branches.collect()
}

/// What the script sends to the host: each type with its fields.
fn sent(script: &str) -> Messages {
    let mut sent = Messages::new();
    for piece in script.split("type: \"").skip(1) {
        let (name, rest) = piece.split_once('"').unwrap();
        let (fields, _) = rest.split_once('}').unwrap();
        let fields = fields.split(',').filter_map(|field| {
            let name = field.split(':').next().unwrap().trim();
            (!name.is_empty()).then(|| name.to_owned())
        });
        sent.entry(name.to_owned()).or_default().extend(fields);
    }
    sent
}

#[test]
fn the_frame_contract_is_what_the_sidebar_does() {
    let readme = include_str!("../../README.md");
    let script = kb_pages::asset("sidebar.js").unwrap().bytes;
    let script = std::str::from_utf8(script).unwrap();
    assert_eq!(documented(readme, "to the sidebar"), understood(script));
    assert_eq!(documented(readme, "from the sidebar"), sent(script));
    assert_eq!(understood(script)["hello"].len(), 4, "{script}");
    let version = "sidenote: 1";
    assert!(readme.contains(version) && script.contains(version));
}
