//! An article, from what several calls say of it.

use super::json::{changed_at, id, moment, small, text, texts};
use kb_domain::Timestamp;
use kb_domain::remote::{RemoteArticle, RemoteFile, RemoteId, RemoteText, RemoteVersion};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where every file that is uploaded to an article is linked from its text.
const FILES: &str = "/article_attachments/";

/// The newest version of an article and those of its texts that stand beside it.
pub(super) fn version(article: &Value, said_at: Timestamp) -> Option<RemoteVersion> {
    let beside = article["translations"].as_array().into_iter().flatten();
    let all = std::iter::once(article).chain(beside);
    let at = all.filter_map(|v| changed_at(v, said_at)).max()?;
    Some(at.into())
}

/// An article with its texts. Errors: what is wrong with it; it is there all the same.
pub(super) fn article(
    article: &Value,
    translations: &[Value],
    said_at: Timestamp,
) -> Result<RemoteArticle, String> {
    let without = |what: &str| format!("an article without \"{what}\"");
    let own = changed_at(article, said_at).ok_or_else(|| without("updated_at"))?;
    let all = translations.iter().map(|t| one_text(t, said_at));
    let texts_of = all.collect::<Result<Vec<RemoteText>, String>>()?;
    if texts_of.is_empty() {
        return Err(without("translations"));
    }
    let newest = texts_of.iter().map(|t| t.version).max();
    Ok(RemoteArticle {
        id: id(article, "id").ok_or_else(|| without("id"))?,
        version: newest.unwrap_or_default().max(own.into()),
        places: id(article, "section_id").into_iter().collect(),
        position: small(article, "position"),
        readers: readers(article)?,
        labels: texts(article, "label_names").into_iter().collect(),
        source_language: text(article, "source_locale").ok_or_else(|| without("source_locale"))?,
        texts: texts_of,
        files: Vec::new(),
        created_at: moment(article, "created_at"),
        address: text(article, "html_url"),
    })
}

/// The rules about its readers. What is there and is no rule may not pass for none.
fn readers(article: &Value) -> Result<Vec<RemoteId>, String> {
    let one = &article["user_segment_id"];
    let several = &article["user_segment_ids"];
    let named = several.as_array().into_iter().flatten().chain([one]);
    let mut readers = BTreeSet::new();
    for rule in named.filter(|v| !v.is_null()) {
        let id = super::json::as_id(rule).ok_or("an article whose readers cannot be understood")?;
        readers.insert(id);
    }
    let said = one.is_null() || one.is_number() || one.is_string();
    let said_several = several.is_null() || several.is_array();
    if !said || !said_several || article.get("user_segment_id").is_none() && several.is_null() {
        return Err("an article that does not say who reads it".to_owned());
    }
    Ok(readers.into_iter().collect())
}

fn one_text(value: &Value, said_at: Timestamp) -> Result<RemoteText, String> {
    let without = |what: &str| format!("a text without \"{what}\"");
    let at = changed_at(value, said_at).ok_or_else(|| without("updated_at"))?;
    Ok(RemoteText {
        language: text(value, "locale").ok_or_else(|| without("locale"))?,
        title: text(value, "title").ok_or_else(|| without("title"))?,
        html: text(value, "body").unwrap_or_default(),
        // What does not say that it is published is not.
        draft: value["draft"] != Value::Bool(false),
        version: at.into(),
    })
}

/// Whether a text of an article links files that only another call lists.
pub(super) fn has_files(translations: &[Value]) -> bool {
    let mut bodies = translations.iter().filter_map(|t| t["body"].as_str());
    bodies.any(|body| body.contains(FILES))
}

/// The files of a list; one that cannot be understood is left out.
pub(super) fn files(listed: &[Value]) -> Vec<RemoteFile> {
    let file = |f: &Value| {
        Some(RemoteFile {
            id: id(f, "id")?,
            name: text(f, "file_name")?,
            media_type: text(f, "content_type")?,
            bytes: f["size"].as_u64(),
            address: text(f, "content_url")?,
        })
    };
    listed.iter().filter_map(file).collect()
}
