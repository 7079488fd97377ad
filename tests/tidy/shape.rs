//! How long files are, what stands twice, and what is on its way out. A list of what is still there shrinks only: an entry that is no
//! longer needed fails.

use crate::tree::{File, files};
use std::collections::{BTreeMap, BTreeSet};

const FILE_MAX_LINES: usize = 400;
const TEST_FILE_MAX_LINES: usize = 900;
/// Files that are still longer than a file should be.
const STILL_LONG: [&str; 0] = [];
/// The top page is a map; what grows stands where it leads.
const README_MAX_LINES: usize = 150;
/// So many equal lines in a row are a thing that wants a name.
const REPEATED_LINES: usize = 12;
/// Pairs of files that still have so many lines in common.
const STILL_TWICE: [(&str, &str); 0] = [];
/// Files whose texts are read by people on pages. `texts.rs` is the home of what no catalogue can hold: names of languages, dates.
const INTERFACE: [&str; 4] = [
    "shared/kb-pages/src/",
    "functions/help-center/src/",
    "functions/suggestions/src/inbox.rs",
    "functions/suggestions/src/sidebar.rs",
];
const TEXTS: &str = "shared/kb-pages/src/texts.rs";
/// Beginnings of texts in Rust that are no texts of a page, or are still there.
const STILL_IN_RUST: [&str; 2] = [
    // The name of a list in its cursors.
    "page of {section} for {}",
    // The page has its own words for the code that stands beside it.
    "write something first",
];
/// What stands before a text that is read by whoever reads the code, its faults or its documents.
const OF_CODE: [&str; 4] = ["expect(", "reason =", "panic!(", ".doc("];

pub(crate) fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
}

/// A file before its tests.
fn product(file: &File) -> &str {
    let tests = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
    &file.text[..tests]
}

/// The files that are no tests.
pub(crate) fn product_files() -> Vec<File> {
    let mut rust = files(&[".rs"]);
    rust.retain(|file| !is_test(&file.path));
    rust
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut long = BTreeSet::new();
    for file in files(&[".rs"]) {
        let lines = product(&file).lines().count();
        let mut beginning = file.text.lines().take(12);
        let says_why = beginning.any(|l| l.contains("lines because"));
        let limit = if is_test(&file.path) {
            TEST_FILE_MAX_LINES
        } else {
            FILE_MAX_LINES
        };
        if lines > limit && !says_why {
            long.insert(file.path);
        }
    }
    let known = BTreeSet::from(STILL_LONG.map(str::to_owned));
    assert_eq!(
        long, known,
        "split it; take it out of the list once it is short"
    );
}

#[test]
fn the_top_page_grows_no_longer() {
    let readme = files(&["README.md"]);
    let readme = readme.iter().find(|f| f.path == "README.md").unwrap();
    let lines = readme.text.lines().count();
    assert!(lines <= README_MAX_LINES, "README.md has {lines} lines");
}

/// The lines of a file that say something, with their numbers.
fn telling(file: &File) -> Vec<(usize, &str)> {
    let (mut lines, mut in_use) = (Vec::new(), false);
    for (n, line) in product(file).lines().enumerate() {
        let line = line.trim();
        in_use |= line.starts_with("use ") || line.starts_with("pub use ");
        let says = line.contains(char::is_alphanumeric) && !line.starts_with("//");
        if says && !in_use {
            lines.push((n + 1, line));
        }
        in_use &= !line.ends_with(';');
    }
    lines
}

#[test]
fn no_dozen_lines_stand_twice() {
    let files = product_files();
    let lines: Vec<_> = files.iter().map(telling).collect();
    let mut seen: BTreeMap<Vec<&str>, (usize, usize)> = BTreeMap::new();
    let mut twice = BTreeMap::new();
    for (at, lines) in lines.iter().enumerate() {
        for window in lines.windows(REPEATED_LINES) {
            let texts = window.iter().map(|(_, line)| *line).collect();
            let (first, line) = *seen.entry(texts).or_insert((at, window[0].0));
            if (first, line) != (at, window[0].0) {
                let pair = (files[first].path.as_str(), files[at].path.as_str());
                twice.entry(pair).or_insert((line, window[0].0));
            }
        }
    }
    let found: Vec<(&str, &str)> = twice.keys().copied().collect();
    assert_eq!(
        found, STILL_TWICE,
        "at these lines: {twice:?}; give the thing a name and one place"
    );
}

#[test]
fn no_schema_is_told_by_hand() {
    let rust = product_files();
    let by_hand = rust.iter().map(|f| f.text.matches("value_type").count());
    assert_eq!(by_hand.sum::<usize>(), 0, "a type says its own schema");
}

/// The string literals of a code, each with what stands before it.
fn literals(code: &str) -> Vec<(&str, &str)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = code[at..].find(['"', '/']) {
        let start = at + next;
        let rest = &code[start..];
        if rest.starts_with("//") {
            at = start + rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with('/') || code[..start].ends_with('\'') {
            at = start + 1;
        } else {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = start + 1 + end.unwrap();
            found.push((&code[..start], &code[start + 1..end]));
            at = end + 1;
        }
    }
    found
}

/// Whether somebody could read it as a sentence or a part of one: two words in a row, or a Han character.
fn is_text(literal: &str) -> bool {
    let is_word = |w: &str| w.len() > 1 && w.chars().all(|c| c.is_ascii_alphabetic());
    let words: Vec<bool> = literal.split(' ').map(is_word).collect();
    words.windows(2).any(|pair| pair == [true, true])
        || literal.chars().any(kb_text::analysis::is_han)
}

/// Whether the text that follows says in the OpenAPI document what a parameter is.
fn is_about_a_parameter(before: &str) -> bool {
    let line = before.rsplit("Param(").next().unwrap_or_default();
    line.len() < before.len() && line.ends_with("\",") && line.matches('"').count() == 2
}

#[test]
fn the_interface_holds_no_text_in_rust() {
    let mut found = Vec::new();
    for file in product_files() {
        if file.path == TEXTS || !INTERFACE.iter().any(|i| file.path.starts_with(i)) {
            continue;
        }
        for (before, literal) in literals(product(&file)) {
            let before = before.trim_end();
            let of_code = OF_CODE.iter().any(|end| before.ends_with(end));
            if is_text(literal) && !of_code && !is_about_a_parameter(before) {
                found.push(literal.to_owned());
            }
        }
    }
    let known = |text: &String| STILL_IN_RUST.iter().any(|k| text.starts_with(k));
    let new: Vec<&String> = found.iter().filter(|t| !known(t)).collect();
    assert_eq!(
        new,
        Vec::<&String>::new(),
        "texts stand in kb-pages/locales"
    );
    let gone = STILL_IN_RUST
        .iter()
        .filter(|k| !found.iter().any(|t| t.starts_with(*k)));
    assert_eq!(gone.count(), 0, "take out of the list what is gone");
}

#[test]
fn literals_are_found_with_what_stands_before_them() {
    let code = "a(\"one two\"); // \"not this\"\nlet q = '\"'; expect(\"b \\\" c\")";
    let found: Vec<&str> = literals(code).into_iter().map(|(_, l)| l).collect();
    assert_eq!(found, ["one two", "b \\\" c"]);
    assert!(is_text("one two") && is_text("简") && !is_text("article.html") && !is_text("a b"));
}
