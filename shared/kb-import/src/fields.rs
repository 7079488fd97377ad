//! What a source says about a text in keys and values: front matter, a line of JSON, the head of an HTML page.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Keys with their values, in the order of the source; a key may stand there twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("keys with values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<Value, Value>()? {
                    fields.push((text_of(&key).unwrap_or_default(), value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

impl Fields {
    /// Adds a text.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// Every value of the keys that are spelled like one of these, in the order of `names`; empty values are none.
    pub fn all<'a>(&'a self, names: &[&'a str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let named = |name: &'a str| {
            let fields = self.0.iter().filter(move |(key, _)| plain(key) == name);
            fields.map(|(key, value)| (key.as_str(), value))
        };
        let found: Vec<_> = names.iter().flat_map(|name| named(name)).collect();
        found.into_iter().filter(|(_, value)| !is_empty(value))
    }

    /// The first key that says one of these twice; programs differ on which of the two holds.
    pub fn repeated(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        let twice = self.0.iter().find(|(key, _)| !seen.insert(key.as_str()));
        twice.map(|(key, _)| key.as_str())
    }

    /// Every value that is no map, with the keys that lead to it; a list of plain values is one value.
    pub fn leaves(&self) -> Vec<(Vec<&str>, &Value)> {
        let mut leaves = Vec::new();
        for (key, value) in &self.0 {
            descend(&mut vec![key.as_str()], value, &mut leaves);
        }
        leaves
    }
}

/// Deeper than this nobody nests what they say about a text.
const DEPTH_MAX: usize = 8;

fn descend<'a>(
    path: &mut Vec<&'a str>,
    value: &'a Value,
    leaves: &mut Vec<(Vec<&'a str>, &'a Value)>,
) {
    match value {
        // A date of TOML.
        Value::Object(map) if map.keys().any(|k| k.starts_with("$__toml")) => {
            leaves.extend(map.values().map(|v| (path.clone(), v)));
        }
        Value::Object(map) if path.len() < DEPTH_MAX => {
            for (key, value) in map {
                path.push(key);
                descend(path, value, leaves);
                path.pop();
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) && path.len() < DEPTH_MAX => {
            path.push("");
            for value in list {
                descend(path, value, leaves);
            }
            path.pop();
        }
        other => leaves.push((path.clone(), other)),
    }
}

/// A key without what spellings differ in: case, dashes, spaces, invisible characters.
pub fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether nothing is said.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "~"),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A single value as text, without the quotes that a reader of another format left on it.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(unquoted(text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Object(map) => map
            .iter()
            .find(|(key, _)| key.starts_with("$__toml"))
            .and_then(|(_, date)| text_of(date)),
        Value::Null | Value::Array(_) => None,
    }
}

/// A value as a list of texts: a list, a map's values, or one text that is cut at `separators`.
pub fn texts_of(value: &Value, separators: &[char]) -> Vec<String> {
    match value {
        Value::Array(list) => list
            .iter()
            .flat_map(|one| match one {
                Value::Object(map) => map.values().filter_map(text_of).collect(),
                other => text_of(other).into_iter().collect::<Vec<_>>(),
            })
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect(),
        Value::Object(map) => map.values().flat_map(|v| texts_of(v, separators)).collect(),
        one => text_of(one)
            .iter()
            .flat_map(|text| text.split(separators))
            .map(|text| unquoted(text.trim()).to_owned())
            .filter(|text| !text.is_empty())
            .collect(),
    }
}

/// A text without one pair of quotes around it.
pub fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for (open, close) in [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('`', '`')] {
        if let Some(inner) = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
        {
            return inner.trim();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: &Value) -> Fields {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn keys_are_found_in_every_spelling_and_empty_values_are_none() {
        let found = fields(&json!({"Nav-Order": 3, "navOrder": null, "x": {"y": {"z": 1}}}));
        let orders: Vec<_> = found.all(&["navorder"]).collect();
        assert_eq!(orders, [("Nav-Order", &json!(3))]);
        assert!(found.leaves().contains(&(vec!["x", "y", "z"], &json!(1))));
        assert_eq!(texts_of(&json!("a, 'b',,c"), &[',']), ["a", "b", "c"]);
        assert_eq!(
            texts_of(&json!([1, "a", null, {"name": "n"}]), &[','])[2],
            "n"
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_told() {
        let twice: Fields = serde_json::from_str(r#"{"id":"a","x":1,"id":"b"}"#).unwrap();
        assert_eq!(twice.repeated(), Some("id"));
    }
}
