//! From a query of ours to one of the engine's. Only terms, sets of terms, ranges and their combinations reach it: no text is
//! parsed there, and nothing there ranks but BM25.

use crate::mapping::{
    ARTICLE, AUDIENCE, ID, KIND, LABEL, LANGUAGES, LOCALE, NODES, PORTALS, PUBLISHED, TRANSLATION,
    TYPE, VERSION_FIELD, stored_version, translation,
};
use kb_search::{Bound, Count, Error, Filter, UnitHit, UnitQuery, Units};
use serde_json::{Value, json};

/// The engine answers no more hits than this.
const HITS_MAX: usize = 10_000;
/// Beside facets so many articles are looked at, and so many articles in a language.
const SAMPLED: u64 = 100_000;
/// So many narrowings are asked by version; each is several clauses of the 1,024 that the engine takes.
const NARROWINGS_MAX: usize = 200;
/// Values of a facet.
const VALUES_MAX: u64 = 10_000;

/// The facets: our name, and the field whose values they count. The language counts translations, the others articles.
const FACETS: [(&str, &str); 4] = [
    ("kind", KIND),
    ("label", LABEL),
    ("language", LOCALE),
    ("type", TYPE),
];

/// The body of a search.
pub(crate) fn body(query: &UnitQuery) -> Value {
    let listing = query.terms.is_empty();
    let id = json!({ID: "asc"});
    let sort = if listing {
        json!([{PUBLISHED: {"order": "desc"}}, id])
    } else {
        json!(["_score", id])
    };
    let mut body = json!({
        "size": query.limit.clamp(1, HITS_MAX),
        "query": matching(query),
        "sort": sort,
        "_source": false,
        "stored_fields": "_none_",
        "docvalue_fields": [ID],
        "track_total_hits": false,
    });
    match query.count {
        Count::Nothing => {}
        Count::Articles => {
            body["aggs"] = json!({"articles": once(ARTICLE, Count::ARTICLES + 1, &[])});
        }
        Count::Facets => {
            let (by_language, by_article): (Vec<_>, Vec<_>) =
                FACETS.iter().partition(|(_, field)| *field == LOCALE);
            body["aggs"] = json!({
                "articles": once(ARTICLE, SAMPLED, &by_article),
                "translations": once(TRANSLATION, SAMPLED, &by_language),
            });
        }
    }
    body
}

/// The best unit of each value of a field, counted exactly, and facets of these units. An article's parts share kind, type and
/// labels, so that one of them stands for all.
fn once(field: &str, most: u64, facets: &[&(&str, &str)]) -> Value {
    let facet = |(name, field): &&(&str, &str)| {
        let terms = json!({"terms": {"field": field, "size": VALUES_MAX}});
        ((*name).to_owned(), terms)
    };
    let mut sample = json!({"diversified_sampler": {
        "field": field,
        "shard_size": most,
        "max_docs_per_value": 1,
        "execution_hint": "global_ordinals",
    }});
    sample["aggs"] = if facets.is_empty() {
        // The engine refuses a sample of which nothing is asked.
        json!({"any": {"value_count": {"field": field}}})
    } else {
        Value::Object(facets.iter().map(facet).collect())
    };
    sample
}

/// The flat OR of the terms, and what is admitted.
fn matching(query: &UnitQuery) -> Value {
    let mut admitted = admitted(&query.bound, &query.filters);
    if !query.terms.is_empty() {
        let should = query.terms.iter().map(|term| {
            let (field, value, boost) = (term.field, &term.term, term.weight);
            json!({"term": {field: {"value": value, "boost": boost}}})
        });
        let should: Vec<Value> = should.collect();
        admitted["bool"]["must"] = json!([{"bool": {"should": should}}]);
    }
    admitted
}

/// What a bound and filters admit, without a score.
pub(crate) fn admitted(bound: &Bound, filters: &[Filter]) -> Value {
    let spelled = |ids: &mut dyn Iterator<Item = String>| {
        let mut ids: Vec<String> = ids.collect();
        ids.sort();
        ids
    };
    let mut conditions = vec![json!({"terms": {
        AUDIENCE: spelled(&mut bound.audiences.iter().map(ToString::to_string)),
    }})];
    if let Some(portals) = &bound.portals {
        let portals = spelled(&mut portals.iter().map(ToString::to_string));
        conditions.push(json!({"terms": {PORTALS: portals}}));
    }
    for filter in filters {
        match filter {
            Filter::Portal(id) => conditions.push(json!({"term": {PORTALS: id.to_string()}})),
            Filter::Nodes(ids) => {
                let ids = spelled(&mut ids.iter().map(ToString::to_string));
                conditions.push(json!({"terms": {NODES: ids}}));
            }
            Filter::Language(language) => conditions.push(json!({"term": {LANGUAGES: language}})),
            Filter::Kind(kinds) => conditions.push(json!({"terms": {KIND: kinds}})),
            Filter::Type(types) => conditions.push(json!({"terms": {TYPE: types}})),
            Filter::Labels(labels) => {
                conditions.extend(labels.iter().map(|label| json!({"term": {LABEL: label}})));
            }
        }
    }
    json!({"bool": {"filter": conditions, "must_not": hidden(bound)}})
}

/// What open narrowings hide. When there are very many, as while the indexer stands still, all but the first hide a text whatever its
/// version: a set of values is one clause, however many they are.
fn hidden(bound: &Bound) -> Vec<Value> {
    let (first, others) = bound
        .hidden
        .split_at(bound.hidden.len().min(NARROWINGS_MAX));
    let exactly = first.iter().map(|(article, locale, version)| {
        let article = article.to_string();
        let which = match locale {
            Some(locale) => json!({"term": {TRANSLATION: translation(&article, locale)}}),
            None => json!({"term": {ARTICLE: article}}),
        };
        let below = json!({"range": {VERSION_FIELD: {"lt": stored_version(*version)}}});
        json!({"bool": {"filter": [which, below]}})
    });
    let mut hidden: Vec<Value> = exactly.collect();
    if !others.is_empty() {
        let (mut texts, mut articles) = (Vec::new(), Vec::new());
        for (article, locale, _) in others {
            let article = article.to_string();
            match locale {
                Some(locale) => texts.push(translation(&article, locale)),
                None => articles.push(article),
            }
        }
        hidden.push(json!({"terms": {TRANSLATION: texts}}));
        hidden.push(json!({"terms": {ARTICLE: articles}}));
    }
    hidden
}

/// The answer to a search. Errors: a hit or a count is not where it should be.
pub(crate) fn units(query: &UnitQuery, answer: &Value) -> Result<Units, Error> {
    let missing = || Error::Broken("an answer without its hits".to_owned());
    let listing = query.terms.is_empty();
    let mut hits = Vec::new();
    for hit in answer["hits"]["hits"].as_array().ok_or_else(missing)? {
        let id = hit["fields"][ID][0].as_str().ok_or_else(missing)?;
        let id = id
            .parse()
            .map_err(|e| Error::Broken(format!("{id}: {e}")))?;
        let score = if listing {
            let micros = hit["sort"][0].as_i64().ok_or_else(missing)?;
            (micros / 1_000_000) as f32
        } else {
            let score = hit["_score"].as_f64().ok_or_else(missing)?;
            (score as f32 * 100_000.0).round() / 100_000.0
        };
        hits.push(UnitHit { id, score });
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    let most = match query.count {
        Count::Nothing => 0,
        Count::Articles => Count::ARTICLES,
        Count::Facets => Count::EVERYTHING,
    };
    let counted = &answer["aggregations"];
    let articles = match query.count {
        Count::Nothing => 0,
        _ => counted["articles"]["doc_count"]
            .as_u64()
            .ok_or_else(missing)?,
    };
    Ok(Units {
        hits,
        articles: articles.min(most),
        exact: articles <= most,
        facets: facets(counted),
    })
}

fn facets(counted: &Value) -> Vec<(String, String, u64)> {
    let mut found = Vec::new();
    for (name, _) in FACETS {
        let buckets = [&counted["articles"][name], &counted["translations"][name]];
        for bucket in buckets
            .iter()
            .filter_map(|b| b["buckets"].as_array())
            .flatten()
        {
            let value = bucket["key"].as_str().unwrap_or_default().to_owned();
            let count = bucket["doc_count"].as_u64().unwrap_or_default();
            found.push((name.to_owned(), value, count));
        }
    }
    found.sort();
    found
}
