//! Articles as JSON.

use kb_actions::translations::TranslationView;
use kb_actions::{Error, Kb, Scope, reading};
use kb_domain::{ArticleId, NodeId, Placement, Right};
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

/// The head with a line for each translation. Those who do not edit get what is live, where they may enter, and no more.
pub(crate) async fn article(kb: &Kb, scope: &Scope, whole: &Whole) -> Result<Value, Error> {
    let head = &whole.head.value;
    let edits = scope.viewer.may(Right::Edit);
    let mut body = json!(head);
    body["version"] = whole.head.version.into();
    let mut title = "";
    let mut lines = Vec::new();
    for t in whole.translations.iter().map(|t| &t.value) {
        let shown = if edits {
            &t.title
        } else {
            t.live_title.as_ref().unwrap_or(&t.title)
        };
        let mut line =
            json!({"locale": t.locale, "title": shown, "lifecycle": t.lifecycle, "live": t.live});
        if edits {
            line["working"] = json!(t.working);
        }
        if title.is_empty() {
            title = shown;
        }
        lines.push(line);
    }
    body["translations"] = lines.into();
    if !edits {
        let open = |p: &&Placement| scope.reaches(p.portal);
        body["placements"] = json!(head.placements.iter().filter(open).collect::<Vec<_>>());
        body["home"] = json!(head.home.as_ref().filter(open));
    }
    let place = reading::place_of(kb, scope, head, None, &head.source_locale, title).await?;
    body["url"] = place.map(|(_, url)| url).into();
    Ok(body)
}

/// A translation with the text of one of its revisions. What authors tell one another is not for readers.
pub(crate) fn translation(scope: &Scope, view: &TranslationView) -> Value {
    let (t, r) = (&view.translation.value, &view.revision);
    let mut body = json!({
        "article": t.article, "locale": t.locale, "title": r.title, "summary": r.summary, "body": r.body,
        "lifecycle": t.lifecycle, "live": t.live, "revision": r.id, "number": r.number,
    });
    if scope.viewer.may(Right::Edit) {
        body["version"] = view.translation.version.into();
        body["note"] = json!(r.note);
        body["review"] = json!(t.review);
        body["working"] = json!(t.working);
    }
    body
}
