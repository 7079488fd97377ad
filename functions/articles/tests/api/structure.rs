//! Categories and sections: create, read, list, change, move, delete.

use super::{Base, NO_PORTAL, NO_SECTION, at, pointer};
use serde_json::{Value, json};

fn nodes(base: &Base) -> String {
    format!("/api/v1/portals/{}/sections", base.portal.id)
}

/// The category that the section of the base stands in.
async fn category(base: &Base) -> Value {
    let path = format!("{}/{}", nodes(base), base.section);
    base.editor.get(&path).await.json()["parent"].clone()
}

#[tokio::test]
async fn a_section_is_created_named_in_languages_and_moved_by_patches() {
    let base = Base::new(1).await;
    let nodes = nodes(&base);
    let body = json!({"name": {"en": "New"}, "parent": category(&base).await});
    let made = base.editor.post(&nodes, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let node = made.header("location").to_owned();
    assert_eq!(base.editor.get(&node).await.json(), made.json());

    let name = json!({"name": {"zh-Hans": "新的"}});
    let named = at(&base.editor, "PATCH", &node, made.header("etag"), &name).await;
    assert_eq!(
        named.json()["name"],
        json!({"en": "New", "zh-Hans": "新的"})
    );
    let less = json!({"name": {"en": null}});
    let less = at(&base.editor, "PATCH", &node, named.header("etag"), &less).await;
    assert_eq!(less.json()["name"], json!({"zh-Hans": "新的"}));
    let below = json!({"parent": base.section.to_string()});
    let moved = at(&base.editor, "PATCH", &node, less.header("etag"), &below).await;
    assert_eq!(moved.json()["parent"], base.section.to_string());
    let stale = at(&base.editor, "PATCH", &node, less.header("etag"), &below).await;
    assert_eq!(stale.status, 412);
    base.end();
}

#[tokio::test]
async fn a_section_stands_below_something_and_not_below_itself() {
    let base = Base::new(2).await;
    let path = format!("{}/{}", nodes(&base), base.section);
    let etag = base.editor.get(&path).await.header("etag").to_owned();
    for parent in [Value::Null, json!(base.section.to_string())] {
        let patch = json!({"parent": parent});
        let answer = at(&base.editor, "PATCH", &path, &etag, &patch).await;
        assert_eq!((answer.status, pointer(&answer).as_str()), (422, "/parent"));
    }
    let unknown = json!({"name": {"en": "A"}, "parent": NO_SECTION});
    let answer = base.editor.post(&nodes(&base), &unknown).await;
    assert_eq!((answer.status, pointer(&answer).as_str()), (422, "/parent"));
    base.end();
}

#[tokio::test]
async fn only_an_empty_section_is_removed() {
    let base = Base::new(3).await;
    let nodes = nodes(&base);
    let full = format!("{nodes}/{}", base.section);
    let body = json!({"name": {"en": "Empty"}, "parent": category(&base).await});
    let made = base.editor.post(&nodes, &body).await;
    let empty = made.header("location").to_owned();
    let etag = made.header("etag");
    assert_eq!(
        base.editor.send("DELETE", &empty, &[], "").await.status,
        428
    );
    let refused = at(&base.editor, "DELETE", &full, etag, &Value::Null).await;
    assert_eq!(refused.status, 409);
    let removed = at(&base.editor, "DELETE", &empty, etag, &Value::Null).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(base.editor.get(&empty).await.status, 404);
    base.end();
}

#[tokio::test]
async fn only_those_who_arrange_change_the_tree() {
    let base = Base::new(4).await;
    let node = format!("{}/{}", nodes(&base), base.section);
    for (method, path) in [
        ("POST", nodes(&base)),
        ("PATCH", node.clone()),
        ("DELETE", node),
    ] {
        for (client, status) in [(&base.nobody, 401), (&base.customer, 403)] {
            let answer = at(client, method, &path, "\"1\"", &json!({})).await;
            assert_eq!(answer.status, status, "{method} {path}");
        }
    }
    base.end();
}

#[tokio::test]
async fn the_tree_of_a_portal_that_is_hidden_or_absent_is_absent() {
    let mut base = Base::new(5).await;
    let (staff, section) = base
        .world
        .portal("staff", "employees".parse().unwrap())
        .await;
    let ask = async |portal: &str| {
        let tree = format!("/api/v1/portals/{portal}/sections");
        let list = base.customer.get(&tree).await;
        let one = base.customer.get(&format!("{tree}/{section}")).await;
        [(list.status, list.text), (one.status, one.text)]
    };
    let hidden = ask(&staff.id.to_string()).await;
    assert_eq!(hidden[0].0, 404);
    assert_eq!(hidden, ask(NO_PORTAL).await);
    assert_eq!(hidden, ask("x").await);
    let tree = format!("/api/v1/portals/{}/sections", staff.id);
    let items = base.editor.get(&tree).await.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 2);
    base.end();
}
