//! Every operation is asked by a test of its function or by a journey.

use crate::tree::files;
use kb_http::{Api, Operation};
use std::collections::BTreeSet;

/// The functions that answer requests, by their folders.
pub(crate) fn functions() -> Vec<(String, Api)> {
    let all = fn_jobs::FEATURES.map(|f| (format!("functions/{}/", f.name), (f.routes)()));
    let answers = |(_, api): &(String, Api)| !api.operations().is_empty();
    all.into_iter().filter(answers).collect()
}

/// How a test asks by this method.
fn asks(method: &str) -> &'static [&'static str] {
    match method {
        "GET" => &[".get(", "\"GET\""],
        "POST" => &[".post(", "\"POST\"", "form(", "send("],
        "PUT" => &["\"PUT\""],
        "PATCH" => &["\"PATCH\""],
        "DELETE" => &["\"DELETE\"", "delete("],
        other => panic!("{other} is a method that no test is known to ask by"),
    }
}

/// The last word of a path, as it stands in an address; what follows it is a parameter.
fn word(path: &str) -> String {
    let mut words = path.split('/').filter(|w| !w.is_empty());
    let last = words.rfind(|w| !w.starts_with('{'));
    format!("/{}", last.unwrap_or_default())
}

/// Whether a test's text asks by the method, at an address with the word.
fn names(text: &str, operation: &Operation) -> bool {
    let word = word(operation.path);
    let asked = asks(operation.method.as_str());
    text.contains(&word) && asked.iter().any(|a| text.contains(a))
}

#[test]
fn every_operation_is_asked_by_a_test() {
    let tests = files(&[".rs"]);
    let mut unasked = BTreeSet::new();
    let mut seen = 0;
    for (folder, api) in functions() {
        let own = format!("{folder}tests/");
        let near: Vec<&str> = tests
            .iter()
            .filter(|f| f.path.starts_with(&own) || f.path.starts_with("tests/e2e/"))
            .map(|f| f.text.as_str())
            .collect();
        for operation in api.operations() {
            seen += 1;
            if !near.iter().any(|text| names(text, operation)) {
                unasked.insert(format!("{} {}", operation.method, operation.path));
            }
        }
    }
    assert!(seen > 40, "only {seen} operations were found");
    assert_eq!(unasked, BTreeSet::new(), "ask it in a test of its function");
}

#[test]
fn an_operation_is_named_by_the_last_word_of_its_path() {
    assert_eq!(word("/api/v1/articles/{article}/archive"), "/archive");
    assert_eq!(word("/api/v1/articles/{article}"), "/articles");
    assert_eq!(word("/{portal}/{locale}/"), "/");
}
