//! Samples of what programs stored, for the tests of those who own a record: `tests/formats` at the top of the repository.

use crate::record::{Record, read, row};
use crate::table::{Key, Row};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// A stored body, as a program of some version wrote it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The kind of row and the version of its form, for example `person.1`.
    pub kind: String,
    /// Which of several forms it shows; empty where one says it all.
    pub case: String,
    /// The body.
    pub body: Value,
}

impl Sample {
    /// The sample as a row.
    pub fn row(&self) -> Row {
        Row {
            kind: self.kind.clone(),
            body: self.body.to_string(),
            ..Row::default()
        }
    }
}

/// The samples of a kind of row, in every version.
pub fn of(kind: &str) -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the samples are in the repository") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(name) = name.strip_suffix(".json") else {
            continue;
        };
        let mut parts = name.splitn(3, '.');
        let (named, version) = (parts.next(), parts.next());
        if named != Some(kind) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a sample can be read");
        found.push(Sample {
            kind: format!("{kind}.{}", version.expect("<kind>.<version>")),
            case: parts.next().unwrap_or_default().to_owned(),
            body: serde_json::from_str(&text).expect("a sample is JSON"),
        });
    }
    found.sort_by(|a, b| (&a.kind, &a.case).cmp(&(&b.kind, &b.case)));
    found
}

/// Reads every sample of a record and writes it in the newest form, which reads back as the same; and what this version wrote loses
/// no field. Panics where that is not so, or where a version has no sample. Returns the records with their samples.
pub fn read_back<R: Record>() -> Vec<(Sample, R)> {
    let key = Key::new("sample", R::KIND);
    let (mut records, mut versions) = (Vec::new(), BTreeSet::new());
    for sample in of(R::KIND) {
        let name = format!("{} {}", sample.kind, sample.case);
        let read = |row: &Row| -> R {
            match read::<R>(&key, row) {
                Ok(stored) => stored.value,
                Err(error) => panic!("{name}: {}", crate::error::chain(&error)),
            }
        };
        let record = read(&sample.row());
        let written = row(&record);
        assert_eq!(row(&read(&written)), written, "{name}");
        if sample.kind == written.kind {
            let body = serde_json::from_str(&written.body).expect("a body is JSON");
            assert!(keeps(&sample.body, &body), "{name} is written as {body}");
        }
        versions.insert(sample.kind.clone());
        records.push((sample, record));
    }
    let wanted = (1..=R::VERSION).map(|n| format!("{}.{n}", R::KIND));
    assert_eq!(
        versions,
        wanted.collect(),
        "one sample at least for each version"
    );
    records
}

/// Whether `after` says everything that `before` says; it may say more.
fn keeps(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .all(|(name, value)| after.get(name).is_some_and(|other| keeps(value, other))),
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| keeps(a, b))
        }
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_that_is_lost_is_noticed_and_one_more_is_not() {
        let before = json!({"a": [{"b": 1}], "c": null});
        assert!(keeps(
            &before,
            &json!({"a": [{"b": 1, "d": 2}], "c": null, "e": 3})
        ));
        assert!(!keeps(&before, &json!({"a": [{"d": 2}], "c": null})));
        assert!(!keeps(&before, &json!({"a": [{"b": 1}, {}], "c": null})));
        assert!(!keeps(&before, &json!({"a": [{"b": 1}]})));
    }
}
