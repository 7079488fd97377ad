//! Revisions of a translation: list, read.

use super::{Base, NO_ARTICLE, at};
use serde_json::{Value, json};

fn path(id: &str) -> String {
    format!("/api/v1/articles/{id}/translations/en/revisions")
}

#[tokio::test]
async fn history_is_read_newest_first_and_page_by_page() {
    let base = Base::new(1).await;
    let id = base.article.id.to_string();
    let text = format!("/api/v1/articles/{id}/translations/en");
    for title in ["Herons", "Three herons"] {
        let etag = base.editor.get(&text).await.header("etag").to_owned();
        let patch = json!({"title": title});
        let saved = at(&base.editor, "PATCH", &text, &etag, &patch).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    }
    let revisions = path(&id);
    let numbers = |page: &Value| -> Vec<u64> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|r| r["number"].as_u64().unwrap()).collect()
    };
    let page = base
        .editor
        .get(&format!("{revisions}?limit=2"))
        .await
        .json();
    assert_eq!(numbers(&page), [3, 2]);
    assert_eq!(page["items"][0].get("body"), None);
    let cursor = page["next"].as_str().unwrap();
    let last = format!("{revisions}?limit=2&cursor={cursor}");
    assert_eq!(numbers(&base.editor.get(&last).await.json()), [1]);
    let first = base.editor.get(&format!("{revisions}/1")).await.json();
    let source = first["body"]["source"].as_str().unwrap();
    assert_eq!(first["title"], "Heron");
    assert!(source.starts_with("The heron stands."), "{source}");
    for absent in ["9", "x", "-1"] {
        let answer = base.editor.get(&format!("{revisions}/{absent}")).await;
        assert_eq!(answer.status, 404, "{absent}");
    }
    base.end();
}

#[tokio::test]
async fn history_is_for_those_who_edit() {
    let base = Base::new(2).await;
    let here = path(&base.article.id.to_string());
    for path in [here.clone(), format!("{here}/1"), path(NO_ARTICLE)] {
        for (client, status) in [(&base.nobody, 401), (&base.customer, 403)] {
            assert_eq!(client.get(&path).await.status, status, "{path}");
        }
    }
    assert_eq!(base.editor.get(&path(NO_ARTICLE)).await.status, 404);
    base.end();
}
