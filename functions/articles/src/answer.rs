//! Articles as JSON.

use kb_actions::translations::TranslationView;
use kb_actions::{Error, Kb, Scope, reading};
use kb_domain::{ArticleId, NodeId};
use kb_store::repo::Whole;
use serde_json::{Value, json};

/// An id of the address; one that is malformed names nothing.
pub(crate) fn article_id(text: &str) -> Result<ArticleId, Error> {
    text.parse().map_err(|_| Error::NotFound("article"))
}

/// An id of the address.
pub(crate) fn node_id(text: &str) -> Result<NodeId, Error> {
    text.parse().map_err(|_| Error::NotFound("section"))
}

/// The head with a line for each translation.
pub(crate) async fn article(kb: &Kb, scope: &Scope, whole: &Whole) -> Result<Value, Error> {
    let head = &whole.head.value;
    let mut body = json!(head);
    body["version"] = whole.head.version.into();
    body["translations"] = whole
        .translations
        .iter()
        .map(|t| &t.value)
        .map(|t| json!({"locale": t.locale, "title": t.title, "lifecycle": t.lifecycle, "live": t.live, "working": t.working}))
        .collect();
    let title = whole
        .translations
        .first()
        .map_or("", |t| t.value.title.as_str());
    let place = reading::place_of(kb, scope, head, None, &head.source_locale, title).await?;
    body["url"] = place.map(|(_, url)| url).into();
    Ok(body)
}

/// A translation with the text of one of its revisions.
pub(crate) fn translation(view: &TranslationView) -> Value {
    let (t, r) = (&view.translation.value, &view.revision);
    json!({
        "article": t.article, "locale": t.locale, "version": view.translation.version, "title": r.title, "summary": r.summary, "body": r.body,
        "note": r.note, "lifecycle": t.lifecycle, "review": t.review, "live": t.live, "working": t.working, "revision": r.id, "number": r.number,
    })
}
