//! Its things as JSON, with every field that the resources have.

use super::Lie;
use super::state::{Article, Category, Section, Segment};
use kb_domain::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How it speaks.
pub(super) struct Says {
    pub host: String,
    /// The default language.
    pub language: String,
    pub lies: BTreeSet<Lie>,
}

/// The number of whoever wrote everything.
const AUTHOR: u64 = 360_000_000_000;
const YEAR: i64 = 366 * 86_400;

impl Says {
    fn api(&self, path: &str) -> String {
        format!("https://{}/api/v2/help_center/{path}.json", self.host)
    }

    fn page(&self, language: &str, path: &str) -> String {
        format!("https://{}/hc/{language}/{path}", self.host)
    }

    pub(super) fn article(&self, number: u64, article: &Article, with_texts: bool) -> Value {
        let source = article.texts.get(&article.source);
        let changed = match () {
            () if self.lies.contains(&Lie::NoTimes) => Value::Null,
            () if self.lies.contains(&Lie::TimesAhead) => {
                time(article.changed_at.plus_seconds(YEAR))
            }
            () => time(article.changed_at),
        };
        let mut said = json!({
            "id": number,
            "url": self.api(&format!("{}/articles/{number}", article.source)),
            "html_url": self.page(&article.source, &format!("articles/{number}")),
            "author_id": AUTHOR,
            "comments_disabled": true,
            "draft": source.is_none_or(|t| t.is_draft),
            "promoted": false,
            "position": article.position,
            "vote_sum": 0,
            "vote_count": 0,
            "section_id": article.section,
            "created_at": time(article.created_at),
            "updated_at": changed,
            "edited_at": source.map(|t| time(t.changed_at)),
            "name": source.map(|t| t.title.clone()),
            "title": source.map(|t| t.title.clone()),
            "body": source.map(|t| t.body.clone()),
            "source_locale": article.source,
            "locale": article.source,
            "outdated": false,
            "outdated_locales": [],
            "user_segment_id": article.segment,
            "user_segment_ids": article.segment.into_iter().collect::<Vec<_>>(),
            "permission_group_id": 1,
            "content_tag_ids": [],
            "label_names": article.labels,
        });
        if self.lies.contains(&Lie::OneIllegible) && number.is_multiple_of(100) {
            said["source_locale"] = Value::Null;
        }
        if with_texts {
            said["translations"] = self.texts(number, article).into();
        }
        said
    }

    pub(super) fn texts(&self, number: u64, article: &Article) -> Vec<Value> {
        let below = |language: &str| format!("articles/{number}/translations/{language}");
        let texts = (1_u64..).zip(&article.texts);
        let said = texts.map(|(n, (language, text))| {
            json!({
                "id": number * 100 + n,
                "url": self.api(&below(language)),
                "html_url": self.page(language, &format!("articles/{number}")),
                "source_id": number,
                "source_type": "Article",
                "locale": language,
                "title": text.title,
                "body": text.body,
                "outdated": false,
                "draft": text.is_draft,
                "hidden": false,
                "created_at": time(article.created_at),
                "updated_at": time(text.changed_at),
                "updated_by_id": AUTHOR,
                "created_by_id": AUTHOR,
            })
        });
        said.collect()
    }

    pub(super) fn files(&self, number: u64, article: &Article) -> Vec<Value> {
        let said = article.files.iter().map(|file| {
            let id = file.id;
            json!({
                "id": id,
                "url": self.api(&format!("articles/attachments/{id}")),
                "article_id": number,
                "file_name": file.name,
                "display_file_name": file.name,
                "content_type": file.media_type,
                "content_url": format!("https://{}/hc/article_attachments/{id}", self.host),
                "size": file.bytes,
                "inline": true,
                "locale": null,
                "created_at": time(article.created_at),
                "updated_at": time(article.changed_at),
            })
        });
        said.collect()
    }

    pub(super) fn category(&self, number: u64, category: &Category, with_texts: bool) -> Value {
        let path = format!("categories/{number}");
        let place = Place {
            number,
            path: &path,
            kind: "Category",
            names: &category.names,
            position: category.position,
            changed_at: category.changed_at,
        };
        self.place(&place, with_texts, Map::new())
    }

    pub(super) fn section(&self, number: u64, section: &Section, with_texts: bool) -> Value {
        let path = format!("sections/{number}");
        let place = Place {
            number,
            path: &path,
            kind: "Section",
            names: &section.names,
            position: section.position,
            changed_at: section.changed_at,
        };
        let mut more = Map::new();
        more.insert("category_id".to_owned(), section.category.into());
        more.insert("parent_section_id".to_owned(), json!(section.parent));
        more.insert("sorting".to_owned(), "manual".into());
        more.insert("theme_template".to_owned(), "section_page".into());
        self.place(&place, with_texts, more)
    }

    fn place(&self, place: &Place<'_>, with_texts: bool, more: Map<String, Value>) -> Value {
        let own = place.names.get(&self.language);
        let first = place.names.iter().next();
        let (locale, name) = match (own, first) {
            (Some(name), _) => (self.language.as_str(), name.as_str()),
            (None, Some((language, name))) => (language.as_str(), name.as_str()),
            (None, None) => (self.language.as_str(), ""),
        };
        let mut said = json!({
            "id": place.number,
            "url": self.api(&format!("{locale}/{}", place.path)),
            "html_url": self.page(locale, place.path),
            "position": place.position,
            "created_at": time(place.changed_at),
            "updated_at": time(place.changed_at),
            "name": name,
            "description": "",
            "locale": locale,
            "source_locale": locale,
            "outdated": false,
        });
        if let Some(fields) = said.as_object_mut() {
            fields.extend(more);
        }
        if with_texts {
            let texts = (1_u64..).zip(place.names).map(|(n, (language, name))| {
                json!({
                    "id": place.number * 100 + n,
                    "url": self.api(&format!("{}/translations/{language}", place.path)),
                    "html_url": self.page(language, place.path),
                    "source_id": place.number,
                    "source_type": place.kind,
                    "locale": language,
                    "title": name,
                    "body": "",
                    "outdated": false,
                    "draft": false,
                    "hidden": false,
                    "created_at": time(place.changed_at),
                    "updated_at": time(place.changed_at),
                    "updated_by_id": AUTHOR,
                    "created_by_id": AUTHOR,
                })
            });
            said["translations"] = texts.collect::<Vec<_>>().into();
        }
        said
    }

    pub(super) fn segment(number: u64, segment: &Segment) -> Value {
        json!({
            "id": number,
            "name": segment.name,
            "user_type": segment.user_type,
            "group_ids": segment.group_ids,
            "organization_ids": [],
            "tags": segment.tags,
            "or_tags": segment.or_tags,
            "added_user_ids": [],
            "built_in": false,
            "created_at": "2024-01-08T09:00:00Z",
            "updated_at": "2024-01-08T09:00:00Z",
        })
    }
}

/// What categories and sections have in common.
struct Place<'a> {
    number: u64,
    path: &'a str,
    kind: &'a str,
    names: &'a BTreeMap<String, String>,
    position: u32,
    changed_at: Timestamp,
}

fn time(at: Timestamp) -> Value {
    at.to_string().into()
}
