//! What keys and values say about an article, whatever program they were written for. A value that is not understood costs itself.

use super::fields::{Fields, text_of, texts_of};
use super::language;
use kb_domain::{ArticleType, Kind, Locale};
use serde_json::Value;

/// What is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The title.
    pub title: Option<String>,
    /// One or two sentences.
    pub summary: Option<String>,
    /// The article's type.
    pub article_type: Option<ArticleType>,
    /// The kind of knowledge.
    pub kind: Option<Kind>,
    /// Labels, each once, tidied to what a label may be.
    pub labels: Vec<String>,
    /// Addresses that it had, each beginning with `/` and not ending with one.
    pub redirects: Vec<String>,
    /// Its place among its siblings; lower is earlier.
    pub weight: Option<f64>,
    /// The language it is written in.
    pub locale: Option<Locale>,
    /// What was not understood.
    pub warnings: Vec<String>,
}

const TITLE: [&str; 6] = [
    "title",
    "pagetitle",
    "heading",
    "subject",
    "name",
    "headline",
];
const SUMMARY: [&str; 8] = [
    "summary",
    "description",
    "excerpt",
    "abstract",
    "teaser",
    "lead",
    "metadescription",
    "ogdescription",
];
const LABELS: [&str; 7] = [
    "labels",
    "label",
    "tags",
    "tag",
    "keywords",
    "keyword",
    "labelnames",
];
const WEIGHT: [&str; 12] = [
    "position",
    "weight",
    "order",
    "navorder",
    "sidebarposition",
    "sidebarorder",
    "sortorder",
    "sort",
    "menuorder",
    "menuweight",
    "navigationorder",
    "rank",
];
const LANGUAGE: [&str; 7] = [
    "lang",
    "language",
    "locale",
    "contentlanguage",
    "inlanguage",
    "lng",
    "hreflang",
];
const FORMER: [&str; 31] = [
    "redirectfrom",
    "redirects",
    "redirectsfrom",
    "redirectedfrom",
    "aliases",
    "alias",
    "oldurl",
    "oldurls",
    "oldpath",
    "oldpaths",
    "oldlink",
    "oldlinks",
    "oldaddress",
    "oldaddresses",
    "previousurl",
    "previousurls",
    "previouspath",
    "formerurl",
    "formerurls",
    "formerpath",
    "formeraddress",
    "formeraddresses",
    "legacyurl",
    "legacyurls",
    "legacypath",
    "movedfrom",
    "permalink",
    "permalinks",
    "url",
    "htmlurl",
    "canonicalurl",
];

impl Said {
    /// Reads what is said; `what` names the place of the keys in warnings.
    pub fn of(fields: &Fields, what: &str) -> Self {
        let mut said = Self::default();
        let mut odd = Vec::new();
        let mut warn =
            |key: &str, why: &str| odd.push(format!("{what}{key}: {why}; it was left out"));
        said.title = first(fields, &TITLE, |key, value| {
            let title = text_of(value)
                .map(|t| one_line(&t))
                .filter(|t| !t.is_empty());
            if title.is_none() {
                warn(key, "not a text");
            }
            title
        });
        said.summary = first(fields, &SUMMARY, |key, value| {
            let summary = text_of(value).filter(|t| !t.trim().is_empty());
            if summary.is_none() {
                warn(key, "not a text");
            }
            summary.map(|t| t.trim().chars().take(1_000).collect())
        });
        said.article_type = first(fields, &["type", "articletype"], |key, value| {
            let slug = slug(&text_of(value).unwrap_or_default());
            let read = slug.parse().ok();
            if read.is_none() {
                warn(key, "not the name of a type");
            }
            read
        });
        said.kind = first(fields, &["kind"], |key, value| {
            let word = text_of(value).unwrap_or_default().trim().to_lowercase();
            let read = Kind::ALL.into_iter().find(|k| k.as_str() == word);
            if read.is_none() {
                warn(
                    key,
                    &format!("\"{word}\" is none of explicit, implicit, tacit"),
                );
            }
            read
        });
        let separators = [',', ';', '，', '、'];
        let labels = fields
            .all(&LABELS)
            .flat_map(|(_, v)| texts_of(v, &separators));
        said.labels = tidy_labels(&labels.collect::<Vec<_>>());
        said.redirects = former(fields);
        said.weight = first(fields, &WEIGHT, |key, value| {
            let read = match value {
                Value::Object(map) => map.values().find_map(number),
                other => number(other),
            };
            if read.is_none() {
                warn(key, "not a number");
            }
            read
        })
        .or_else(|| nested_weight(fields));
        said.locale = first(fields, &LANGUAGE, |key, value| {
            let text = text_of(value).unwrap_or_default();
            let read = language::named(&text);
            if read.is_none() {
                warn(
                    key,
                    &format!("\"{}\" is no language that is known", text.trim()),
                );
            }
            read
        });
        said.warnings = odd;
        said
    }
}

/// The first of these keys whose value can be read.
fn first<T>(
    fields: &Fields,
    names: &[&str],
    mut read: impl FnMut(&str, &Value) -> Option<T>,
) -> Option<T> {
    fields.all(names).find_map(|(key, value)| read(key, value))
}

fn number(value: &Value) -> Option<f64> {
    let read = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().replace(',', ".").parse().ok(),
        _ => None,
    };
    read.filter(|n: &f64| n.is_finite())
}

/// `menu: {main: {weight: 3}}`, `sidebar: {order: 3}`.
fn nested_weight(fields: &Fields) -> Option<f64> {
    let leaves = fields.leaves();
    let inside = |path: &[&str]| path.len() > 1 && matches!(path[0], "menu" | "sidebar" | "nav");
    let places = leaves.into_iter().filter(|(path, _)| inside(path));
    places
        .filter(|(path, _)| matches!(path.last(), Some(&("weight" | "order" | "position"))))
        .find_map(|(_, value)| number(value))
}

/// Every address that a text had, in one form. A word without a slash names the page itself and no address of it.
fn former(fields: &Fields) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (key, value) in fields.all(&FORMER) {
        let is_alias = !matches!(key, "url" | "permalink");
        for text in texts_of(value, &[',', ' ', '\n']) {
            found.extend(address(&text).filter(|_| is_alias || text.contains('/')));
        }
    }
    let slugs = fields.all(&["slug"]).filter_map(|(_, v)| text_of(v));
    found.extend(
        slugs
            .filter(|s| s.starts_with('/'))
            .filter_map(|s| address(&s)),
    );
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

/// An address as one path from the root of its site: no host, no query, percent signs read, a leading slash and no trailing one.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text.strip_prefix("//").map_or(text, |rest| {
            rest.split_once('/').map_or("", |(_, path)| path)
        }),
    };
    let path = path.split('?').next().unwrap_or_default();
    // The sign of a name such as C# is none of a place in a page.
    let place = |behind: &str| !behind.is_empty() && !behind.contains(char::is_whitespace);
    let halves = path.split_once('#').filter(|(_, behind)| place(behind));
    let path = halves.map_or(path, |(path, _)| path);
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    let pattern = path.contains(['*', '{']) || path.contains("/:") || path.starts_with(':');
    let path = path.trim().trim_matches('/');
    let sound = !path.is_empty() && path.len() <= 500 && !path.chars().any(char::is_control);
    (sound && !pattern).then(|| format!("/{path}"))
}

fn slug(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Labels as the domain wants them: no commas, no control characters, at most 80 characters, each once, at most 50.
pub fn tidy_labels<'a>(labels: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for label in labels {
        let clean: String = label
            .chars()
            .map(|c| if c == ',' || c.is_control() { ' ' } else { c })
            .collect();
        let clean: String = clean.trim().chars().take(80).collect();
        let clean = clean.trim_end().to_owned();
        if !clean.is_empty() && !tidy.contains(&clean) && tidy.len() < 50 {
            tidy.push(clean);
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front_matter::split;

    fn said(block: &str) -> Said {
        Said::of(&split(&format!("---\n{block}\n---\nx")).fields, "")
    }

    #[test]
    fn a_value_that_is_not_understood_costs_itself_and_is_told() {
        for (block, key) in [
            ("title: T\nkind: Page", "kind"),
            ("title: T\ntype: '???'", "type"),
            ("title: T\nweight: heavy", "weight"),
            ("title: T\nlang: klingon", "lang"),
            ("title: T\nsummary: {a: b}", "summary"),
        ] {
            let found = said(block);
            assert_eq!(found.title.as_deref(), Some("T"), "{block}");
            assert_eq!(found.warnings.len(), 1, "{block}: {:?}", found.warnings);
            assert!(found.warnings[0].starts_with(key), "{block}");
        }
    }

    #[test]
    fn what_other_programs_write_is_read() {
        let found = said(
            "title: 2024\nsummary: Short.\ndescription: Longer.\ntype: How-To Guide\ntags: [vpn, 1]\nkeywords: tunnel，mail\nweight: -1\nlang: zh_CN.UTF-8",
        );
        assert_eq!(found.title.as_deref(), Some("2024"));
        assert_eq!(found.summary.as_deref(), Some("Short."));
        assert_eq!(found.article_type.unwrap().to_string(), "how-to-guide");
        assert_eq!(found.labels, ["vpn", "1", "tunnel", "mail"]);
        assert_eq!(
            (found.weight, found.locale.unwrap().as_str()),
            (Some(-1.0), "zh-Hans")
        );
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
        for (block, weight) in [
            ("order: 1.5", 1.5),
            ("sidebar_position: '3'", 3.0),
            ("sidebar:\n  order: 4", 4.0),
            ("menu:\n  main:\n    weight: 5", 5.0),
            ("nav_order: 007", 7.0),
        ] {
            assert_eq!(said(block).weight, Some(weight), "{block}");
        }
        assert_eq!(
            said("title:\ndraft:\nweight:\nlang: ''").warnings,
            Vec::<String>::new()
        );
    }

    #[test]
    fn former_addresses_stand_under_many_names_and_in_one_form() {
        for block in [
            "aliases: [/kb/older-page]",
            "alias: /kb/older-page/",
            "redirect_from: kb/older-page",
            "redirects:\n  - from: /kb/older-page",
            "old_url: https://old.example.com/kb/older-page?x=1#y",
            "permalink: /kb/older-page",
            "slug: /kb/older-page",
            "url: /kb/older-page/",
            "html_url: https://a.example/kb/older-page",
            "previous_urls: '/kb/older-page'",
            "redirect-from:\n  - /kb/older%2Dpage",
            "Aliases:\n- \"/kb/older-page/\"",
        ] {
            assert_eq!(said(block).redirects, ["/kb/older-page"], "{block}");
        }
        assert!(said("permalink: pretty\nslug: page\nurl: https://a.example\naliases: [/]\nredirect_to: /x").redirects.is_empty());
        assert!(said("aliases: ['/:x/*']").redirects.is_empty());
        let signs = said("aliases: ['/old/C# 重置', '/old/c#', '/old/page#place']");
        assert_eq!(signs.redirects, ["/old/C# 重置", "/old/c#", "/old/page"]);
        assert_eq!(said("aliases: [老页面]").redirects, ["/老页面"]);
    }
}
