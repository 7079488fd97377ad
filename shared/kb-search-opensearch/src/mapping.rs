//! The mapping, and what of a part stands in it. A field that is not named here is refused.

use crate::config::Config;
use kb_domain::Locale;
use kb_search::{Error, Part, fields};
use kb_text::analysis::{SENTINEL, VERSION};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) const ID: &str = "id";
pub(crate) const ARTICLE: &str = "article";
/// Article and language together, so that a narrowing of both is one term.
pub(crate) const TRANSLATION: &str = "translation";
pub(crate) const LOCALE: &str = "locale";
/// The locale and what it begins with: `zh-Hans` and `zh`.
pub(crate) const LANGUAGES: &str = "languages";
/// Absent on a tombstone.
pub(crate) const AUDIENCE: &str = "audience";
pub(crate) const PORTALS: &str = "portals";
pub(crate) const NODES: &str = "nodes";
pub(crate) const KIND: &str = "kind";
pub(crate) const TYPE: &str = "type";
pub(crate) const LABEL: &str = "label";
pub(crate) const VERSION_FIELD: &str = "version";
pub(crate) const PUBLISHED: &str = "published";
/// The distinct words of the body as a column: an engine walks no terms of a text.
pub(crate) const WORDS: &str = "words";
/// The part as it was written; the only thing that is given back.
pub(crate) const PART: &str = "part";

/// Settings and mapping of a new index.
pub(crate) fn index(config: &Config) -> Value {
    let keyword = || json!({"type": "keyword"});
    let column = || json!({"type": "keyword", "index": false});
    let number = || json!({"type": "long", "index": false});
    let mut properties = Map::new();
    for name in [
        ARTICLE,
        TRANSLATION,
        LOCALE,
        LANGUAGES,
        AUDIENCE,
        PORTALS,
        NODES,
        KIND,
        TYPE,
        LABEL,
    ] {
        properties.insert(name.to_owned(), keyword());
    }
    for name in [ID, WORDS] {
        properties.insert(name.to_owned(), column());
    }
    for name in [VERSION_FIELD, PUBLISHED] {
        properties.insert(name.to_owned(), number());
    }
    for name in fields::TEXT {
        let text =
            json!({"type": "text", "analyzer": "spaces", "norms": true, "index_options": "freqs"});
        properties.insert(name.to_owned(), text);
    }
    properties.insert(PART.to_owned(), json!({"type": "object", "enabled": false}));
    let interval = config.refresh_interval;
    let interval = interval.map_or_else(|| "-1".to_owned(), |i| format!("{}ms", i.as_millis()));
    json!({
        "settings": {"index": {
            // Scores of one part are comparable with those of another only within a shard.
            "number_of_shards": 1,
            "number_of_replicas": config.replicas,
            "refresh_interval": interval,
            "similarity": {"default": {"type": "BM25", "k1": 1.2, "b": 0.75}},
            "analysis": {"analyzer": {"spaces": {"type": "custom", "tokenizer": "whitespace"}}},
        }},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"analysis": VERSION},
            "_source": {"includes": [PART]},
            "properties": properties,
        },
    })
}

/// A part as a document.
pub(crate) fn document(part: &Part) -> Result<Value, Error> {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    let id = &part.id;
    set(ID, json!(id.to_string()));
    set(ARTICLE, json!(id.article.to_string()));
    set(
        TRANSLATION,
        json!(translation(&id.article.to_string(), &id.locale)),
    );
    set(LOCALE, json!(id.locale.as_str()));
    set(VERSION_FIELD, json!(stored_version(part.version)));
    set(
        PART,
        serde_json::to_value(part).map_err(|e| Error::Broken(e.to_string()))?,
    );
    for (name, text) in fields::texts(part) {
        if name == fields::BODY_WORDS {
            let words: BTreeSet<&str> = text.split(' ').filter(|w| *w != SENTINEL).collect();
            set(WORDS, json!(words));
        }
        set(name, json!(text));
    }
    if let Some(audience) = part.audience {
        let portals = part.portals.iter().map(ToString::to_string);
        let nodes = part.nodes.iter().map(ToString::to_string);
        set(AUDIENCE, json!(audience.to_string()));
        set(LANGUAGES, json!(languages(&id.locale)));
        set(PORTALS, json!(portals.collect::<Vec<_>>()));
        set(NODES, json!(nodes.collect::<Vec<_>>()));
        set(KIND, json!(part.kind.as_str()));
        set(TYPE, json!(part.article_type.as_str()));
        set(LABEL, json!(part.labels));
        set(PUBLISHED, json!(part.published_at.0));
    }
    Ok(Value::Object(document))
}

/// The one term of an article in a language.
pub(crate) fn translation(article: &str, locale: &Locale) -> String {
    format!("{article}#{locale}")
}

/// A version as the engine holds numbers.
pub(crate) fn stored_version(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn languages(locale: &Locale) -> Vec<&str> {
    let tag = locale.as_str();
    let ends = tag.match_indices('-').map(|(at, _)| at);
    ends.chain([tag.len()]).map(|end| &tag[..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_found_by_all_that_it_begins_with() {
        let locale: Locale = "zh-Hant".parse().unwrap();
        assert_eq!(languages(&locale), ["zh", "zh-Hant"]);
        assert_eq!(languages(&Locale::en()), ["en"]);
    }

    #[test]
    fn every_field_of_a_document_is_in_the_mapping() {
        let index = index(&Config::at("http://localhost"));
        let known = index["mappings"]["properties"].as_object().unwrap();
        let id = "art_00000000000000000000000001#en#0".parse().unwrap();
        let mut part = Part::tombstone(id, 1);
        part.audience = Some(kb_domain::Audience::public().id());
        let document = document(&part).unwrap();
        for name in document.as_object().unwrap().keys() {
            assert!(known.contains_key(name), "{name}");
        }
        assert_eq!(document.as_object().unwrap().len(), known.len());
    }
}
