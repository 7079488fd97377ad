//! Stored formats: every version of every record has a sample, and a test reads it.

use crate::shape::product_files;
use crate::tree::{File, files};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A record: its type, its kind and its version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stored {
    name: String,
    kind: String,
    version: u32,
}

/// What stands between a beginning and an end, from each place where the beginning does.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(begin).skip(1);
    parts.filter_map(|p| Some(p.split_once(end)?.0)).collect()
}

/// The records that a file declares.
fn declared(file: &File) -> Vec<Stored> {
    let mut found = Vec::new();
    for declaration in between(&file.text, "\nstored_as_is!(", ");") {
        let (name, kind) = declaration.split_once(" = ").unwrap();
        found.push(Stored {
            name: name.to_owned(),
            kind: kind.trim_matches('"').to_owned(),
            version: 1,
        });
    }
    let whole = ["\nstored_as! { ", "\nstored_as_is! { "];
    let whole = whole.map(|head| between(&file.text, head, "\n}"));
    for declaration in whole.into_iter().flatten() {
        let head = declaration.split([',', '\n']).next().unwrap();
        let (name, kind) = head.split_once(" = ").unwrap();
        let version = between(declaration, "const VERSION: u32 = ", ";");
        found.push(Stored {
            name: name.to_owned(),
            kind: kind.trim_matches('"').to_owned(),
            version: version.first().map_or(1, |v| v.parse().unwrap()),
        });
    }
    for implementation in between(&file.text, "\nimpl Record for ", "\n}") {
        let name = implementation.split(' ').next().unwrap();
        let constant = |what: &str| between(implementation, what, ";").first().copied();
        let kind = constant("const KIND: &'static str = ").unwrap();
        let kind = if kind == "keys::EVENT_KIND" {
            kb_store::keys::EVENT_KIND
        } else {
            kind.trim_matches('"')
        };
        let version = constant("const VERSION: u32 = ").map_or(1, |v| v.parse().unwrap());
        found.push(Stored {
            name: name.to_owned(),
            kind: kind.to_owned(),
            version,
        });
    }
    found
}

fn records() -> Vec<Stored> {
    let records: Vec<Stored> = product_files().iter().flat_map(declared).collect();
    assert!(
        records.len() >= 28,
        "only {} records were found",
        records.len()
    );
    records
}

/// The samples by kind and version, for example `person.1`.
fn samples() -> BTreeMap<String, Vec<Value>> {
    let mut samples: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in files(&[".json"]) {
        let Some(name) = file.path.strip_prefix("tests/formats/") else {
            continue;
        };
        let kind: Vec<&str> = name.split('.').take(2).collect();
        let body = serde_json::from_str(&file.text).unwrap();
        samples.entry(kind.join(".")).or_default().push(body);
    }
    samples
}

#[test]
fn every_version_of_a_record_has_a_sample_and_every_sample_a_record() {
    let mut wanted: BTreeSet<String> = BTreeSet::from([kb_store::table::COUNTER.to_owned()]);
    for record in records() {
        let versions = 1..=record.version;
        wanted.extend(versions.map(|n| format!("{}.{n}", record.kind)));
    }
    let there: BTreeSet<String> = samples().into_keys().collect();
    let missing: Vec<&String> = wanted.difference(&there).collect();
    let odd: Vec<&String> = there.difference(&wanted).collect();
    assert_eq!(
        missing,
        Vec::<&String>::new(),
        "keep a sample in tests/formats"
    );
    assert_eq!(
        odd,
        Vec::<&String>::new(),
        "no record is of this kind and version"
    );
}

#[test]
fn the_samples_of_every_record_are_read_by_a_test() {
    let tests = files(&["tests.rs"]);
    for record in records() {
        let name = &record.name;
        let read = [format!("reads::<{name}>"), format!("read_back::<{name}>")];
        let qualified = format!("::{name}>()");
        let is_read = tests.iter().any(|file| {
            read.iter().any(|r| file.text.contains(r))
                || file.text.contains("read_back::<") && file.text.contains(&qualified)
        });
        assert!(
            is_read,
            "kb_store::samples::read_back::<{name}>() in a test of its crate"
        );
    }
}

#[test]
fn every_kind_of_event_has_a_sample() {
    let sources = product_files();
    let event = sources
        .iter()
        .find(|f| f.path.ends_with("kb-events/src/event.rs"));
    let happened = between(&event.unwrap().text, "pub enum Happened {", "\n}")[0];
    let kinds: BTreeSet<&str> = between(happened, "rename = \"", "\"").into_iter().collect();
    let variants =
        happened.matches("#[serde(").count() - happened.matches("#[serde(default").count();
    assert!(kinds.len() == variants && kinds.len() > 10, "{kinds:?}");
    let records = records();
    let record = records.iter().find(|r| r.name == "Event").unwrap();
    let samples = &samples()[&format!("event.{}", record.version)];
    let sampled: BTreeSet<&str> = samples.iter().filter_map(|s| s["kind"].as_str()).collect();
    assert_eq!(sampled, kinds);
}

/// An older program cannot read a new version of a record, so it must refuse the folder.
#[test]
fn the_format_of_the_data_folder_counts_the_versions_of_records() {
    let sources = product_files();
    let folder = sources
        .iter()
        .find(|f| f.path.ends_with("kb-runtime/src/folder.rs"));
    let folder = &folder.unwrap().text;
    let history: Vec<&str> = folder
        .lines()
        .filter(|l| l.starts_with("/// | "))
        .skip(1)
        .collect();
    for record in records().iter().filter(|r| r.version > 1) {
        for version in 2..=record.version {
            let named = format!("`{}.{version}`", record.kind);
            assert!(
                history.iter().any(|l| l.contains(&named)),
                "{named} needs a FORMAT of its own"
            );
        }
    }
    let format = kb_runtime::folder::FORMAT;
    assert!(
        history
            .last()
            .unwrap()
            .starts_with(&format!("/// | {format} |"))
    );
}

#[test]
fn records_are_found_however_they_are_declared() {
    let text = [
        "\nstored_as_is!(Shelf = \"shelf\");\n",
        "\nstored_as_is! { Lamp = \"lamp\"\n    const VERSION: u32 = 3;\n}\n",
        "\nimpl Record for Chair {\n    const KIND: &'static str = \"chair\";\n    const VERSION: u32 = 3;\n}\n",
        "\nstored_as! { Table = \"table\",\n    TableForm {\n        legs: u32,\n    }\n    const VERSION: u32 = 2;\n}\n",
    ];
    let file = File {
        path: String::new(),
        text: text.concat(),
    };
    let mut found: Vec<(String, u32)> = declared(&file)
        .into_iter()
        .map(|r| (r.kind, r.version))
        .collect();
    found.sort();
    let wanted = [("chair", 3), ("lamp", 3), ("shelf", 1), ("table", 2)];
    assert_eq!(
        found,
        wanted.map(|(kind, version)| (kind.to_owned(), version))
    );
}
