//! Addresses for every route, from what is in the base: parameters are filled by their names.

use super::base::Base;
use std::collections::BTreeMap;

/// A value that an address can hold.
#[derive(Clone)]
pub(super) struct Value {
    pub text: String,
    /// The thing that it names, if that is hidden from some.
    pub thing: Option<usize>,
}

/// Values by what they are.
#[derive(Default)]
pub(super) struct Values(BTreeMap<&'static str, Vec<Value>>);

/// An address with the values in it.
pub(super) struct Address {
    pub path: String,
    pub values: Vec<(&'static str, Value)>,
}

impl Values {
    pub fn known(&mut self, what: &'static str, text: &str) {
        let text = text.to_owned();
        self.0
            .entry(what)
            .or_default()
            .push(Value { text, thing: None });
    }

    pub fn hidden(&mut self, what: &'static str, thing: usize, text: String) {
        let thing = Some(thing);
        self.0.entry(what).or_default().push(Value { text, thing });
    }

    pub fn of(&self, what: &str) -> &[Value] {
        self.0.get(what).map_or(&[], Vec::as_slice)
    }

    /// The values that a parameter of a path takes, each with what it is: those of its kind, or all if its name says no kind.
    fn fitting(&self, path: &str, name: &str) -> Vec<(&'static str, Value)> {
        let what = what(path, name);
        let kinds = self
            .0
            .iter()
            .filter(|(kind, _)| what.is_none_or(|w| w == **kind));
        let values = kinds.flat_map(|(kind, values)| values.iter().map(|v| (*kind, v.clone())));
        values.collect()
    }
}

/// What a parameter of a path is called in [`Values`]; `None` for one that is new.
fn what(path: &str, name: &str) -> Option<&'static str> {
    let is_page = !path.starts_with("/api/");
    Some(match name {
        "portal" if is_page => "portal handle",
        "portal" => "portal id",
        "article" => "article",
        "comment" => "comment",
        "person" => "person",
        "session" => "session",
        "section" | "category" | "node" => "section",
        "segment" | "key" => "segment",
        "number" => "number",
        "locale" => "locale",
        "system" => "system",
        "id" => "id",
        "ticket" => "ticket",
        "slug" => "slug",
        "hash" => "hash",
        "name" => "name",
        _ => return None,
    })
}

/// Every address of a path.
pub(super) fn addresses(base: &Base, path: &str) -> Vec<Address> {
    let mut found = vec![Address {
        path: String::new(),
        values: Vec::new(),
    }];
    for part in path.split_inclusive('/') {
        let name = part
            .trim_end_matches('/')
            .strip_prefix('{')
            .and_then(|p| p.strip_suffix('}'));
        let Some(name) = name else {
            for address in &mut found {
                address.path.push_str(part);
            }
            continue;
        };
        let values = base.values.fitting(path, name);
        assert!(!values.is_empty(), "the base has no {name} for {path}");
        let slash = if part.ends_with('/') { "/" } else { "" };
        let longer = found.iter().flat_map(|address| {
            values.iter().map(move |(what, value)| Address {
                path: format!("{}{}{slash}", address.path, value.text),
                values: address
                    .values
                    .iter()
                    .cloned()
                    .chain([(*what, value.clone())])
                    .collect(),
            })
        });
        found = longer.collect();
        // Two different hidden things in one address hide no more than each of them does.
        found.retain(|address| {
            let mut things = address.values.iter().filter_map(|(_, value)| value.thing);
            let first = things.next();
            things.all(|thing| Some(thing) == first)
        });
    }
    found
}

/// The values of a query parameter: plain ones, and what of [`Values`] or which words it takes.
pub(super) enum Takes {
    Plain(&'static [&'static str]),
    Ids(&'static [&'static str]),
    Words,
    Cursor,
}

/// What a query parameter takes; words, if its name says no more.
pub(super) fn takes(name: &str) -> Takes {
    match name {
        "portal" => Takes::Ids(&["portal id", "portal handle"]),
        "section" => Takes::Ids(&["section"]),
        "article" => Takes::Ids(&["article"]),
        "locale" => Takes::Plain(&["zh-Hans", "en"]),
        "lang" => Takes::Plain(&["zh", "en"]),
        "kind" => Takes::Plain(&["explicit", "implicit,tacit"]),
        "limit" => Takes::Plain(&["1", "100"]),
        "offset" => Takes::Plain(&["1", "999"]),
        "facets" => Takes::Plain(&["true", "false"]),
        "part" | "of" => Takes::Plain(&["1", "2"]),
        "revision" => Takes::Plain(&["live", "working"]),
        "queue" => Takes::Plain(&["waiting", "open", "answered", "hidden"]),
        "sent" => Takes::Plain(&["1"]),
        "voted" => Takes::Plain(&["yes", "no", "why"]),
        "cursor" => Takes::Cursor,
        _ => Takes::Words,
    }
}

/// A value of the same form that names nothing.
pub(super) fn nothing(what: &str, text: &str) -> String {
    match what {
        "article" | "section" | "portal id" | "comment" => {
            format!("{}00000000000000000000000000", &text[..4])
        }
        "segment" => "00000000".to_owned(),
        // An answer that echoes it has the same length.
        "portal handle" => "n".repeat(text.len()),
        _ => "nothing".to_owned(),
    }
}
