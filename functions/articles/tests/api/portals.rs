//! Portals: create, read, list, change, open, close.

use super::{Base, NO_PORTAL, at, pointer};
use serde_json::{Value, json};

const PORTALS: &str = "/api/v1/portals";

fn new(handle: &str) -> Value {
    json!({
        "handle": handle, "name": {"en": "New"}, "locales": ["en"], "default_locale": "en",
        "entry": {"any": [{"level": "public"}]},
    })
}

#[tokio::test]
async fn a_portal_is_created_in_set_up_and_a_handle_is_given_once() {
    let base = Base::new(1).await;
    let made = base.admin.post(PORTALS, &new("brand")).await;
    assert_eq!(
        (made.status, &made.json()["state"]),
        (201, &json!("setup")),
        "{}",
        made.text
    );
    let read = base.admin.get(made.header("location")).await;
    assert_eq!(read.json(), made.json());
    let named = base.admin.get(&format!("{PORTALS}/brand")).await;
    assert_eq!(named.json(), made.json());
    let taken = base.admin.post(PORTALS, &new("brand")).await;
    assert_eq!(taken.status, 409);
    // Readers do not learn of a portal in set-up.
    let hidden = base.customer.get(made.header("location")).await;
    let absent = base.customer.get(&format!("{PORTALS}/{NO_PORTAL}")).await;
    assert_eq!((hidden.status, hidden.text), (404, absent.text));
    base.end();
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_names_the_field() {
    let base = Base::new(2).await;
    let mut body = new("Not a handle");
    let answer = base.admin.post(PORTALS, &body).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (422, "/handle"));
    body = new("fine");
    body["default_locale"] = "zh-Hans".into();
    let answer = base.admin.post(PORTALS, &body).await;
    assert_eq!(
        (answer.status, pointer(&answer).as_str()),
        (422, "/locales")
    );
    body["colour"] = "red".into();
    let answer = base.admin.post(PORTALS, &body).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (400, "/colour"));
    // Readers may be given in the short form; what is neither form is told at its field, in the words of the API.
    body = new("fine");
    body["entry"] = "customers".into();
    let answer = base.admin.post(PORTALS, &body).await;
    let entry = &answer.json()["entry"];
    assert_eq!(
        entry,
        &json!({"any": [{"level": "customer"}]}),
        "{}",
        answer.text
    );
    for (wrong, field) in [
        (json!(5), "/entry"),
        (json!("everyone"), "/entry"),
        (json!({"any": 5}), "/entry/any"),
        (json!({"some": []}), "/entry/some"),
    ] {
        body["entry"] = wrong;
        let answer = base.admin.post(PORTALS, &body).await;
        assert_eq!((answer.status, pointer(&answer).as_str()), (400, field));
        for foreign in ["struct", "line ", "column", "enum"] {
            assert!(!answer.text.contains(foreign), "{}", answer.text);
        }
    }
    let answer = base.admin.post(PORTALS, &json!([])).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (400, "/"));
    base.end();
}

#[tokio::test]
async fn only_those_who_configure_change_portals() {
    let base = Base::new(3).await;
    let path = format!("{PORTALS}/{}", base.portal.id);
    for (method, path) in [
        ("POST", PORTALS.to_owned()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/activate")),
        ("POST", format!("{path}/close")),
    ] {
        for (client, status) in [(&base.nobody, 401), (&base.publisher, 403)] {
            let answer = at(client, method, &path, "\"1\"", &json!({})).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        }
    }
    base.end();
}

#[tokio::test]
async fn a_portal_is_patched_at_the_version_that_was_read() {
    let base = Base::new(4).await;
    let path = format!("{PORTALS}/{}", base.portal.id);
    let read = base.admin.get(&path).await;
    let patch = json!({"name": {"zh-Hans": "帮助"}, "entry": {"any": [{"level": "employee"}]}});
    assert_eq!(
        base.admin.json("PATCH", &path, &[], &patch).await.status,
        428
    );
    let changed = at(&base.admin, "PATCH", &path, read.header("etag"), &patch).await;
    assert_eq!(
        (changed.status, &changed.json()["name"]["zh-Hans"]),
        (200, &json!("帮助")),
        "{}",
        changed.text
    );
    assert_eq!(changed.json()["locales"], read.json()["locales"]);
    let stale = at(&base.admin, "PATCH", &path, read.header("etag"), &patch).await;
    assert_eq!(
        (stale.status, &stale.json()["current_version"]),
        (412, &changed.json()["version"])
    );
    let fixed = json!({"handle": "other"});
    let fixed = at(&base.admin, "PATCH", &path, changed.header("etag"), &fixed).await;
    assert_eq!((fixed.status, pointer(&fixed).as_str()), (422, "/handle"));
    // Who may enter is for staff to see, and now not for customers to do.
    assert_eq!(base.customer.get(&path).await.status, 404);
    base.end();
}

#[tokio::test]
async fn a_portal_is_closed_once_and_opened_again() {
    let base = Base::new(5).await;
    let path = format!("{PORTALS}/{}", base.portal.id);
    let etag = base.admin.get(&path).await.header("etag").to_owned();
    let close = format!("{path}/close");
    let closed = at(&base.admin, "POST", &close, &etag, &json!({})).await;
    assert_eq!(
        (closed.status, &closed.json()["state"]),
        (200, &json!("closed"))
    );
    assert_eq!(base.nobody.get(&path).await.status, 404);
    let again = at(
        &base.admin,
        "POST",
        &close,
        closed.header("etag"),
        &json!({}),
    )
    .await;
    assert_eq!(again.status, 409);
    let opened = base
        .admin
        .post(&format!("{path}/activate"), &json!({}))
        .await;
    assert_eq!(opened.json()["state"], "active");
    assert_eq!(base.nobody.get(&path).await.status, 200);
    base.end();
}

#[tokio::test]
async fn a_list_holds_what_the_caller_may_enter_and_a_malformed_id_names_nothing() {
    let mut base = Base::new(6).await;
    let staff = "employees".parse().unwrap();
    base.world.portal("staff", staff).await;
    let handles = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|p| p["handle"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = base.admin.get(PORTALS).await.json();
    assert_eq!(handles(&all), ["help", "staff"]);
    assert_eq!(all["next"], Value::Null);
    let open = base.nobody.get(PORTALS).await.json();
    assert_eq!(handles(&open), ["help"]);
    assert_eq!(open["items"][0].get("entry"), None);
    let first = base.admin.get(&format!("{PORTALS}?limit=1")).await.json();
    let cursor = first["next"].as_str().unwrap();
    let second = base
        .admin
        .get(&format!("{PORTALS}?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(handles(&second.json()), ["staff"]);
    for id in ["x", NO_PORTAL, &base.article.id.to_string()] {
        let answer = base.admin.get(&format!("{PORTALS}/{id}")).await;
        assert_eq!(answer.status, 404, "{id}");
    }
    base.end();
}

#[tokio::test]
async fn who_has_this_version_is_not_sent_it_again() {
    let base = Base::new(7).await;
    let path = format!("{PORTALS}/{}", base.portal.id);
    let etag = base.admin.get(&path).await.header("etag").to_owned();
    let headers = [("if-none-match", etag.as_str())];
    let known = base.admin.send("GET", &path, &headers, "").await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    base.end();
}
