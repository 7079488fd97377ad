//! Articles: create, read, change, move, archive, restore.

use super::{Base, NO_ARTICLE, at, pointer};
use serde_json::{Value, json};

const ARTICLES: &str = "/api/v1/articles";

fn new(base: &Base) -> Value {
    json!({
        "home": {"portal": base.portal.id, "section": base.section}, "source_locale": "en",
        "audience": {"any": [{"level": "public"}]},
    })
}

fn path(base: &Base) -> String {
    format!("{ARTICLES}/{}", base.article.id)
}

#[tokio::test]
async fn an_article_is_created_with_what_is_usual_where_nothing_is_said() {
    let base = Base::new(1).await;
    let made = base.editor.post(ARTICLES, &new(&base)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = made.json();
    assert_eq!(
        (&body["kind"], &body["type"], &body["state"]),
        (&json!("explicit"), &json!("guide"), &json!("active"))
    );
    let read = base.editor.get(made.header("location")).await;
    assert_eq!(read.json(), body);
    // Without a live text there is nothing to read, so readers do not learn of it.
    let reader = base.customer.get(made.header("location")).await;
    assert_eq!(reader.status, 404);
    base.end();
}

#[tokio::test]
async fn a_body_that_cannot_be_names_the_field() {
    let base = Base::new(2).await;
    let mut body = new(&base);
    body["home"]["section"] = super::NO_SECTION.into();
    let answer = base.editor.post(ARTICLES, &body).await;
    assert_eq!(
        (answer.status, pointer(&answer).as_str()),
        (422, "/home/section")
    );
    body = new(&base);
    body["labels"] = json!(["fine", " not fine"]);
    let answer = base.editor.post(ARTICLES, &body).await;
    assert_eq!(
        (answer.status, pointer(&answer).as_str()),
        (422, "/labels/1")
    );
    body = new(&base);
    body["home"]["portal"] = "x".into();
    assert_eq!(base.editor.post(ARTICLES, &body).await.status, 400);
    base.end();
}

#[tokio::test]
async fn readers_see_less_of_a_head_and_nothing_of_what_is_hidden() {
    let base = Base::new(3).await;
    let head = path(&base);
    let staff = base.editor.get(&head).await.json();
    let reader = base.nobody.get(&head).await.json();
    assert!(staff["audience"].is_object() && staff["translations"][0]["version"].is_number());
    assert_eq!(reader["kind"], "explicit");
    assert_eq!(reader.get("audience"), None);
    assert_eq!(reader["translations"][0].get("version"), None);
    let hidden = format!("{ARTICLES}/{}", base.hidden.id);
    let absent = base.customer.get(&format!("{ARTICLES}/{NO_ARTICLE}")).await;
    for path in [hidden, format!("{ARTICLES}/art_7")] {
        let answer = base.customer.get(&path).await;
        assert_eq!((answer.status, &answer.text), (404, &absent.text), "{path}");
    }
    base.end();
}

#[tokio::test]
async fn a_head_is_patched_at_the_version_that_was_read() {
    let base = Base::new(4).await;
    let head = path(&base);
    let read = base.editor.get(&head).await;
    let version = read.json()["version"].clone();
    let patch = json!({"labels": ["a:b"], "kind": "tacit", "version": version});
    assert_eq!(
        base.editor.json("PATCH", &head, &[], &patch).await.status,
        428
    );
    let changed = at(&base.editor, "PATCH", &head, read.header("etag"), &patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let body = changed.json();
    assert_eq!(
        (&body["labels"], &body["kind"], &body["type"]),
        (&json!(["a:b"]), &json!("tacit"), &json!("guide"))
    );
    let etag = changed.header("etag");
    let refused = at(
        &base.editor,
        "PATCH",
        &head,
        etag,
        &json!({"state": "archived"}),
    )
    .await;
    assert_eq!(
        (refused.status, pointer(&refused).as_str()),
        (422, "/state")
    );
    let wrong = at(
        &base.editor,
        "PATCH",
        &head,
        etag,
        &json!({"kind": "vague"}),
    )
    .await;
    assert_eq!(wrong.status, 400);
    let stale = at(&base.editor, "PATCH", &head, read.header("etag"), &patch).await;
    assert_eq!(stale.status, 412);
    let detail = stale.json()["detail"].clone();
    assert_eq!(
        detail,
        "it has changed since you read it; reload and try again"
    );
    base.end();
}

#[tokio::test]
async fn who_may_read_is_for_publishers_to_change() {
    let base = Base::new(5).await;
    let head = path(&base);
    let etag = base.editor.get(&head).await.header("etag").to_owned();
    let patch = json!({"audience": {"any": [{"level": "employee"}]}});
    let refused = at(&base.editor, "PATCH", &head, &etag, &patch).await;
    assert_eq!(refused.status, 403);
    let changed = at(&base.publisher, "PATCH", &head, &etag, &patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(base.customer.get(&head).await.status, 404);
    base.end();
}

#[tokio::test]
async fn an_article_moves_to_another_section() {
    let mut base = Base::new(6).await;
    let portal = base.portal.clone();
    let node = base.world.node(&portal, Some(base.section.into()), "Other");
    let other = node.await.id;
    let head = path(&base);
    let etag = base.editor.get(&head).await.header("etag").to_owned();
    let target = json!({"home": {"portal": portal.id, "section": other}});
    let path = format!("{head}/move");
    let moved = at(&base.editor, "POST", &path, &etag, &target).await;
    assert_eq!(
        (moved.status, &moved.json()["home"]["section"]),
        (200, &json!(other)),
        "{}",
        moved.text
    );
    let stale = at(&base.editor, "POST", &path, &etag, &target).await;
    assert_eq!(stale.status, 412);
    base.end();
}

#[tokio::test]
async fn an_article_is_archived_and_restored_by_publishers() {
    let base = Base::new(7).await;
    let head = path(&base);
    let etag = base.publisher.get(&head).await.header("etag").to_owned();
    let (archive, restore) = (format!("{head}/archive"), format!("{head}/restore"));
    for (client, status) in [(&base.nobody, 401), (&base.editor, 403)] {
        for path in [&archive, &restore] {
            let answer = at(client, "POST", path, &etag, &Value::Null).await;
            assert_eq!(answer.status, status, "{path}");
        }
    }
    let done = at(&base.publisher, "POST", &archive, &etag, &Value::Null).await;
    assert_eq!(
        (done.status, &done.json()["state"]),
        (200, &json!("archived"))
    );
    assert_eq!(base.customer.get(&head).await.status, 404);
    let etag = done.header("etag");
    let again = at(&base.publisher, "POST", &archive, etag, &Value::Null).await;
    assert_eq!(again.status, 409);
    let back = at(&base.publisher, "POST", &restore, etag, &Value::Null).await;
    assert_eq!(
        (back.status, &back.json()["state"]),
        (200, &json!("active"))
    );
    assert_eq!(base.customer.get(&head).await.status, 200);
    base.end();
}
