//! Languages, categories, sections and user segments.

use super::json::{id, list, missing, small, text, texts};
use crate::port::Fault;
use kb_domain::remote::{ReaderLevel, ReaderRule, RemoteId, RemotePlace, Trait};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Their languages, the default one first.
pub(super) fn languages(answer: &Value) -> Result<Vec<String>, Fault> {
    let default = text(answer, "default_locale").ok_or_else(|| missing("default_locale"))?;
    let all = list(answer, "locales")?.iter();
    let all = all.filter_map(Value::as_str).filter(|l| **l != default);
    let others: BTreeSet<String> = all.map(str::to_owned).collect();
    Ok(std::iter::once(default).chain(others).collect())
}

/// The id of a category among places: a section may have the same number.
fn category(id: &RemoteId) -> RemoteId {
    RemoteId(format!("category-{id}"))
}

/// Categories, and the sections in them.
pub(super) fn places(
    categories: &[Value],
    sections: &[Value],
    languages: &[String],
) -> Result<Vec<RemotePlace>, Fault> {
    let mut places = Vec::new();
    for value in categories {
        let own = id(value, "id").ok_or_else(|| missing("id"))?;
        places.push(place(category(&own), None, value, languages));
    }
    for value in sections {
        let own = id(value, "id").ok_or_else(|| missing("id"))?;
        let inside = id(value, "parent_section_id");
        let parent = inside.or_else(|| id(value, "category_id").map(|c| category(&c)));
        places.push(place(own, parent, value, languages));
    }
    Ok(places)
}

fn place(
    id: RemoteId,
    parent: Option<RemoteId>,
    value: &Value,
    languages: &[String],
) -> RemotePlace {
    let mut names = BTreeMap::new();
    let own = text(value, "locale").or_else(|| languages.first().cloned());
    names.extend(own.zip(text(value, "name")));
    let others = value["translations"].as_array().into_iter().flatten();
    let published = others.filter(|t| t["draft"] != Value::Bool(true));
    names.extend(published.filter_map(|t| text(t, "locale").zip(text(t, "title"))));
    RemotePlace {
        id,
        parent,
        names,
        position: small(value, "position").unwrap_or(0),
    }
}

/// What they ask of a reader besides the level. Any one of a list, but for `tags`, each of which must be there.
const ANY_OF: [(&str, &str); 3] = [
    ("group_ids", "group"),
    ("organization_ids", "organization"),
    ("or_tags", "tag"),
];

/// User segments as rules.
pub(super) fn readers(segments: &[Value]) -> Result<BTreeMap<RemoteId, ReaderRule>, Fault> {
    let rule = |segment: &Value| {
        let id = id(segment, "id").ok_or_else(|| missing("id"))?;
        let traits = |name: &str, kind: &str| -> BTreeSet<Trait> {
            let values = texts(segment, name).into_iter();
            values.map(|v| Trait::new(kind, v)).collect()
        };
        let any = ANY_OF.map(|(name, kind)| traits(name, kind));
        let every = traits("tags", "tag")
            .into_iter()
            .map(|t| BTreeSet::from([t]));
        let parts = any.into_iter().filter(|part| !part.is_empty());
        let rule = ReaderRule {
            name: text(segment, "name").unwrap_or_default(),
            level: level(segment),
            parts: parts.chain(every).collect(),
            none: BTreeSet::new(),
        };
        Ok((id, rule))
    };
    segments.iter().map(rule).collect()
}

/// The level; unknown as well where a list is no list, since a condition that is not understood may not be left out.
fn level(segment: &Value) -> ReaderLevel {
    let lists = ANY_OF.iter().map(|(name, _)| *name).chain(["tags"]);
    let understood = |name: &str| {
        let list = &segment[name];
        let values = list.as_array().map_or(0, Vec::len);
        (list.is_null() || list.is_array()) && texts(segment, name).len() == values
    };
    let all_understood = lists.into_iter().all(understood);
    match segment["user_type"].as_str() {
        Some("signed_in_users") if all_understood => ReaderLevel::SignedIn,
        Some("staff") if all_understood => ReaderLevel::Staff,
        _ => ReaderLevel::Unknown,
    }
}
