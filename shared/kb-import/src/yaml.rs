//! YAML as people write it: what other programs read is read whole, and one odd value costs that value alone.

use super::fields::{Fields, plain, unquoted};
use serde_json::Value;

/// A block read.
#[derive(Debug, Default)]
pub struct Block {
    /// What it says.
    pub fields: Fields,
    /// Every line of it that looks like a key with a value, wherever it stands, where the block is not quite YAML: what might
    /// forbid readers is looked for in these too.
    pub lines: Fields,
    /// What was not read as it may have been meant.
    pub warnings: Vec<String>,
}

/// Reads a block; one that has no key is none.
pub fn read(block: &str) -> Option<Block> {
    let block = block.replace('\u{a0}', " ");
    if let Ok(fields) = serde_saphyr::from_str::<Fields>(&block) {
        return (!fields.0.is_empty()).then(|| Block {
            fields: as_written(fields, &block),
            ..Block::default()
        });
    }
    let entries = entries(&block);
    if entries.is_empty() {
        return None;
    }
    let mut read = Block {
        lines: lines(&block),
        ..Block::default()
    };
    for entry in entries {
        let (value, sound) = entry.value();
        if !sound {
            read.warnings.push(format!(
                "front matter: {}: not YAML; it was read as written",
                entry.key
            ));
        }
        read.fields.push(entry.key, value);
    }
    if let Some(key) = read.fields.repeated() {
        let key = key.to_owned();
        read.warnings
            .push(format!("front matter: {key}: it is there twice"));
    }
    Some(read)
}

/// Numbers as they are written: `1.10` is a name of a version, and `007` of an agent.
fn as_written(fields: Fields, block: &str) -> Fields {
    if fields.0.iter().all(|(_, value)| !value.is_number()) {
        return fields;
    }
    let written = entries(block);
    let spell = |(key, value): (String, Value)| {
        let same = written.iter().find(|e| e.key == key);
        match same.filter(|e| value.is_number() && e.more.is_empty()) {
            Some(entry) => (key, Value::String(uncommented(entry.first).to_owned())),
            None => (key, value),
        }
    };
    Fields(fields.0.into_iter().map(spell).collect())
}

/// A key at the left margin with the lines that belong to it.
struct Entry<'a> {
    key: String,
    first: &'a str,
    more: Vec<&'a str>,
}

fn entries(block: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in block.lines() {
        let bare = line.trim_start();
        if bare.is_empty() || bare.starts_with('#') || bare == "---" {
            continue;
        }
        let inside = line.starts_with([' ', '\t']) || bare.starts_with(['-', ']', '}']);
        match (key_of(line), entries.last_mut()) {
            (Some((key, first)), last) if !inside || last.is_none() => entries.push(Entry {
                key: key.to_owned(),
                first,
                more: Vec::new(),
            }),
            (_, Some(last)) => last.more.push(line),
            (_, None) => {}
        }
    }
    entries
}

impl Entry<'_> {
    /// The value, and whether it is sound YAML.
    fn value(&self) -> (Value, bool) {
        let more = self.more.iter().map(|line| line.replace('\t', "  "));
        let more: String = more.map(|line| format!("\n {line}")).collect();
        let tabs = self.more.iter().any(|line| line.contains('\t'));
        if let Ok(fields) = serde_saphyr::from_str::<Fields>(&format!("v: {}{more}", self.first))
            && let [(_, value)] = &fields.0[..]
        {
            return (value.clone(), !tabs);
        }
        let first = uncommented(self.first);
        let items = self.more.iter().map(|line| line.trim());
        if first.is_empty() && items.clone().all(|line| line.starts_with('-')) {
            let items = items.map(|line| unquoted(uncommented(&line[1..])).into());
            return (Value::Array(items.collect()), false);
        }
        let words: Vec<&str> = std::iter::once(first).chain(items).collect();
        let text = words.join(" ");
        let text = unquoted(&text).trim_start_matches(['"', '\'']);
        (Value::String(text.trim().to_owned()), false)
    }
}

/// Every line that looks like a key with a value.
fn lines(block: &str) -> Fields {
    let bare = |line: &str| line.trim_start_matches([' ', '\t', '-']).to_owned();
    let lines: Vec<String> = block.lines().map(bare).collect();
    let pairs = lines.iter().filter_map(|line| key_of(line));
    let pairs = pairs.map(|(key, value)| (key.to_owned(), unquoted(uncommented(value)).into()));
    Fields(pairs.collect())
}

/// Key and value of a line such as `title: A page`, also with a colon of full width, a space before it, or none after it.
pub fn key_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (key, value) = line.split_once([':', '：'])?;
    let key = unquoted(key);
    let short = key.chars().count() <= 60;
    let word = key.starts_with(char::is_alphabetic) || key.starts_with(['_', '$']);
    let prose = key.split_whitespace().count() > 3;
    (short && word && !prose && !plain(key).is_empty() && !value.starts_with("//"))
        .then(|| (key, value.trim()))
}

/// A plain value without the comment behind it.
pub fn uncommented(value: &str) -> &str {
    let value = value.trim();
    if value.starts_with(['"', '\'']) {
        let quote = &value[..1];
        return match value[1..].find(quote) {
            Some(end) if value[end + 2..].trim_start().starts_with('#') => &value[..end + 2],
            _ => value,
        };
    }
    value.split(" #").next().unwrap_or(value).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_odd_value_costs_that_value_alone() {
        for (line, value) in [
            ("title: Error: disk is full", json!("Error: disk is full")),
            (
                "title: [Solved] Printer is offline",
                json!("[Solved] Printer is offline"),
            ),
            (
                "title: @mentions in comments",
                json!("@mentions in comments"),
            ),
            ("title: 50% off: what counts", json!("50% off: what counts")),
            ("title: %AppData% is full", json!("%AppData% is full")),
            ("title: `sidenote` at work", json!("`sidenote` at work")),
            ("title: \"unclosed", json!("unclosed")),
            ("title: {curly} words", json!("{curly} words")),
            ("title: & and *", json!("& and *")),
            ("title: 5\" screens: all", json!("5\" screens: all")),
            ("tags:\n\t- vpn\n\t- mail", json!(["vpn", "mail"])),
            ("tags: [a, b", json!("[a, b")),
        ] {
            let block = format!("before: 1\n{line}\nafter: yes\n");
            let read = read(&block).unwrap();
            let key = line.split(':').next().unwrap();
            let (_, found) = read.fields.all(&[key]).next().unwrap();
            assert_eq!(*found, value, "{line}");
            assert!(read.fields.all(&["before"]).next().is_some(), "{line}");
            assert!(read.fields.all(&["after"]).next().is_some(), "{line}");
            assert!(!read.warnings.is_empty(), "{line}");
        }
    }

    #[test]
    fn sound_yaml_is_read_without_a_warning_and_numbers_stay_as_written() {
        let read = read("title: 1.10\nid: 007\nlist: [1, 2]\ntext: >\n  two\n  lines\n").unwrap();
        assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        let value = |key| read.fields.all(&[key]).next().unwrap().1.clone();
        assert_eq!(value("title"), json!("1.10"));
        assert_eq!(value("id"), json!("007"));
        assert_eq!(value("text"), json!("two lines\n"));
    }

    #[test]
    fn prose_is_no_block() {
        assert!(read("Just a sentence.\n\nAnother one.").is_none());
        assert!(read("").is_none());
    }

    #[test]
    fn what_a_broken_block_hides_is_still_a_line_of_it() {
        let read = read("title: A: b\n  draft: true\nx:yy\n").unwrap();
        assert!(read.lines.all(&["draft"]).next().is_some());
        assert_eq!(read.fields.all(&["x"]).next().unwrap().1, &json!("yy"));
    }
}
