//! Translations: list, read, save, change, publish.

use super::{Base, NO_ARTICLE, at, pointer};
use serde_json::{Value, json};

fn path(base: &Base) -> String {
    format!("/api/v1/articles/{}/translations/en", base.article.id)
}

#[tokio::test]
async fn a_translation_is_put_whole() {
    let base = Base::new(1).await;
    let (path, admin) = (path(&base), &base.admin);
    let read = admin.get(&path).await;
    let etag = read.header("etag").to_owned();
    // What was read can be sent back as it is, and writes nothing.
    let same = at(admin, "PUT", &path, &etag, &read.json()).await;
    assert_eq!(
        (same.status, same.header("etag")),
        (200, etag.as_str()),
        "{}",
        same.text
    );
    let mut changed = read.json();
    changed["title"] = "Herons".into();
    changed["live"] = Value::Null;
    changed["number"] = 9.into();
    let refused = at(admin, "PUT", &path, &etag, &changed).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2);
    changed["colour"] = "red".into();
    let unknown = at(admin, "PUT", &path, &etag, &changed).await;
    assert_eq!(
        (unknown.status, pointer(&unknown).as_str()),
        (400, "/colour")
    );
    let blind = admin.json("PUT", &path, &[], &read.json()).await;
    assert_eq!(blind.status, 428);
    let malformed = at(admin, "PUT", &path, "x", &read.json()).await;
    assert_eq!(malformed.status, 400);
    // A tag of no version of ours is one of another version.
    let foreign = at(admin, "PUT", &path, "\"x\"", &read.json()).await;
    assert_eq!(foreign.status, 412);
    base.end();
}

#[tokio::test]
async fn a_first_translation_needs_no_version_and_cannot_have_one() {
    let base = Base::new(2).await;
    let path = format!("/api/v1/articles/{}/translations/fr", base.article.id);
    let draft = json!({"title": "Héron", "body": {"format": "markdown", "source": "Il est là."}});
    let odd = at(&base.editor, "PUT", &path, "\"1\"", &draft).await;
    assert_eq!(odd.status, 404);
    let made = base.editor.json("PUT", &path, &[], &draft).await;
    assert_eq!((made.status, &made.json()["number"]), (200, &json!(1)));
    // Nobody reads a draft but those who edit.
    assert_eq!(base.customer.get(&path).await.status, 404);
    base.end();
}

#[tokio::test]
async fn a_translation_is_patched_in_parts() {
    let base = Base::new(3).await;
    let (path, admin) = (path(&base), &base.admin);
    let read = admin.get(&path).await;
    let etag = read.header("etag").to_owned();
    let patch = json!({"title": "Herons", "note": "more than one"});
    assert_eq!(admin.json("PATCH", &path, &[], &patch).await.status, 428);
    let merge = [
        ("if-match", etag.as_str()),
        ("content-type", "application/merge-patch+json"),
    ];
    let patched = admin.json("PATCH", &path, &merge, &patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    let body = patched.json();
    assert_eq!(
        (&body["title"], &body["number"], &body["note"]),
        (&json!("Herons"), &json!(2), &json!("more than one"))
    );
    assert_eq!(body["body"], read.json()["body"]);
    let stale = at(admin, "PATCH", &path, &etag, &patch).await;
    assert_eq!(stale.status, 412);
    assert_eq!(stale.json()["current_version"], body["version"]);
    let source = json!({"body": {"source": "Two stand."}});
    let next = at(admin, "PATCH", &path, patched.header("etag"), &source).await;
    // The format stays, and a note tells of one edit.
    assert_eq!(
        (&next.json()["body"]["format"], &next.json()["note"]),
        (&json!("markdown"), &json!(""))
    );
    let gone = json!({"title": null});
    let gone = at(admin, "PATCH", &path, next.header("etag"), &gone).await;
    assert_eq!((gone.status, pointer(&gone).as_str()), (400, "/title"));
    base.end();
}

#[tokio::test]
async fn what_is_saved_is_read_by_readers_when_it_is_published() {
    let base = Base::new(4).await;
    let path = path(&base);
    let etag = base.editor.get(&path).await.header("etag").to_owned();
    let patch = json!({"title": "Herons"});
    let saved = at(&base.editor, "PATCH", &path, &etag, &patch).await;
    let title = async || base.nobody.get(&path).await.json()["title"].clone();
    assert_eq!(title().await, "Heron");
    let live = base.editor.get(&format!("{path}?revision=live")).await;
    assert_eq!(live.json()["title"], "Heron");
    let publish = format!("{path}/publish");
    let refused = at(
        &base.editor,
        "POST",
        &publish,
        saved.header("etag"),
        &json!({}),
    )
    .await;
    assert_eq!(refused.status, 403);
    let stale = at(&base.publisher, "POST", &publish, &etag, &json!({})).await;
    assert_eq!(stale.status, 412);
    let etag = saved.header("etag");
    let published = at(&base.publisher, "POST", &publish, etag, &json!({})).await;
    assert_eq!(published.status, 200, "{}", published.text);
    assert_eq!(title().await, "Herons");
    base.end();
}

#[tokio::test]
async fn only_those_who_edit_save_and_publish() {
    let base = Base::new(5).await;
    let path = path(&base);
    for (method, path) in [
        ("PUT", path.clone()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/publish")),
    ] {
        for (client, status) in [(&base.nobody, 401), (&base.customer, 403)] {
            let answer = client.send(method, &path, &[], "{").await;
            assert_eq!(answer.status, status, "{method}");
        }
    }
    base.end();
}

#[tokio::test]
async fn languages_are_listed_and_what_is_hidden_or_malformed_is_absent() {
    let base = Base::new(6).await;
    let of = |id: &str| format!("/api/v1/articles/{id}/translations");
    let list = base.nobody.get(&of(&base.article.id.to_string())).await;
    let items = list.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 2);
    let absent = base.nobody.get(&of(NO_ARTICLE)).await;
    for id in [base.hidden.id.to_string(), "art_7".to_owned()] {
        let answer = base.nobody.get(&of(&id)).await;
        assert_eq!((answer.status, &answer.text), (404, &absent.text), "{id}");
    }
    let odd = format!("{}/english", of(&base.article.id.to_string()));
    let odd = base.nobody.get(&odd).await;
    assert_eq!((odd.status, pointer(&odd).as_str()), (400, "/locale"));
    let odd = format!("{}?revision=first", path(&base));
    let odd = base.editor.get(&odd).await;
    assert_eq!((odd.status, pointer(&odd).as_str()), (400, "/revision"));
    base.end();
}

#[tokio::test]
async fn who_has_this_version_is_not_sent_it_again() {
    let base = Base::new(7).await;
    let path = path(&base);
    let etag = base.editor.get(&path).await.header("etag").to_owned();
    let headers = [("if-none-match", etag.as_str())];
    let known = base.editor.send("GET", &path, &headers, "").await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    base.end();
}
