//! People over HTTP: invited, changed, put out.

use super::{Base, delete};
use serde_json::json;

const PEOPLE: &str = "/api/v1/people";

#[tokio::test]
async fn somebody_is_invited_comes_in_and_is_listed() {
    let base = Base::new(1).await;
    let lin = base
        .invited("Lin@Example.com", &json!({"segments": ["hr"]}))
        .await;
    let path = format!("{PEOPLE}/{}", lin["id"].as_str().unwrap());
    assert_eq!(
        (&lin["mail"], &lin["state"], &lin["level"]),
        (
            &json!("lin@example.com"),
            &json!("invited"),
            &json!("employee")
        )
    );
    let twice = json!({"name": "Other", "mail": "lin@example.com"});
    let refused = base.admin.post(PEOPLE, &twice).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["code"]),
        (422, &json!("taken"))
    );
    let link = base.admin.post(&format!("{path}/link"), &json!({})).await;
    assert!(
        link.json()["url"]
            .as_str()
            .unwrap()
            .starts_with("http://sidenote.test/sign-in#li_")
    );
    let lin = base.come_in(&link).await;
    assert_eq!(
        lin.get("/api/v1/me").await.json()["segments"],
        json!(["hr"])
    );
    assert_eq!(base.admin.get(&path).await.json()["state"], "active");
    base.world.catch_up();
    let sessions = base.admin.get(&format!("{path}/sessions")).await.json();
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1, "{sessions}");
    // The list has pages.
    let (mut seen, mut next) = (0, format!("{PEOPLE}?limit=2"));
    loop {
        let page = base.admin.get(&next).await;
        assert_eq!(page.status, 200, "{}", page.text);
        seen += page.json()["items"].as_array().unwrap().len();
        let Some(cursor) = page.json()["next"].as_str().map(str::to_owned) else {
            break;
        };
        next = format!("{PEOPLE}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, 5);
    base.end();
}

#[tokio::test]
async fn every_wrong_field_of_an_invitation_is_named_and_nothing_foreign_is_taken() {
    let base = Base::new(2).await;
    let wrong = json!({"name": "", "mail": "x", "segments": ["No Slug"]});
    let refused = base.admin.post(PEOPLE, &wrong).await;
    let errors = refused.json()["errors"].clone();
    let fields: Vec<&str> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        (refused.status, fields),
        (422, vec!["/name", "/mail", "/segments"])
    );
    for (field, value) in [
        ("state", json!("active")),
        ("epoch", json!(0)),
        ("id", json!("usr_1")),
    ] {
        let mut draft = json!({"name": "Eve", "mail": "eve@example.com"});
        draft[field] = value;
        let refused = base.admin.post(PEOPLE, &draft).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.text);
    }
    base.end();
}

#[tokio::test]
async fn case_011_nobody_gives_more_than_they_hold() {
    let base = Base::new(3).await;
    let draft = |level: &str, role: Option<&str>| {
        let grants: Vec<_> = role
            .iter()
            .map(|r| json!({"role": r, "area": "everything"}))
            .collect();
        json!({"name": "Eve", "mail": format!("{level}@example.com"), "level": level, "grants": grants})
    };
    for who in [&base.employee, &base.agent] {
        assert_eq!(who.post(PEOPLE, &draft("employee", None)).await.status, 403);
        assert_eq!(who.get(PEOPLE).await.status, 403);
    }
    // Who manages people gives no role, and no place beside the agents.
    for (level, role) in [
        ("employee", Some("analyst")),
        ("employee", Some("admin")),
        ("agent", None),
    ] {
        let refused = base.people.post(PEOPLE, &draft(level, role)).await;
        assert_eq!(refused.status, 403, "{level} {role:?}: {}", refused.text);
    }
    assert_eq!(
        base.people
            .post(PEOPLE, &draft("customer", None))
            .await
            .status,
        201
    );
    // Nor by a change, nor by signing in as somebody who holds more.
    let chief = base
        .invited(
            "chief@example.com",
            &json!({"level": "agent", "grants": [{"role": "admin", "area": "everything"}]}),
        )
        .await;
    let path = format!("{PEOPLE}/{}", chief["id"].as_str().unwrap());
    assert_eq!(
        base.people
            .post(&format!("{path}/link"), &json!({}))
            .await
            .status,
        403
    );
    assert_eq!(delete(&base.people, &path).await, 403);
    let lin = base.invited("lin@example.com", &json!({})).await;
    let path = format!("{PEOPLE}/{}", lin["id"].as_str().unwrap());
    let version = format!("\"{}\"", lin["version"]);
    let headers = [("if-match", version.as_str())];
    let patch = json!({"grants": [{"role": "people_admin", "area": "everything"}]});
    let refused = base.people.json("PATCH", &path, &headers, &patch).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let granted = base.admin.json("PATCH", &path, &headers, &patch).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    // A program with the scope invites, and makes no link for anybody who stands further inside than it does.
    let key = base.world.key(&[kb_store::repo::KeyScope::People]).await;
    let key = base.nobody.bearer(&key);
    assert_eq!(key.post(PEOPLE, &draft("employee", None)).await.status, 403);
    assert_eq!(
        key.post(&format!("{path}/link"), &json!({})).await.status,
        403
    );
    assert_eq!(key.get(&path).await.status, 200);
    base.end();
}

#[tokio::test]
async fn a_link_for_somebody_who_signed_in_before_needs_the_right_to_grant() {
    let base = Base::new(4).await;
    let lin = base.invited("lin@example.com", &json!({})).await;
    let link = format!("{PEOPLE}/{}/link", lin["id"].as_str().unwrap());
    let first = base.people.post(&link, &json!({})).await;
    base.come_in(&first).await;
    assert_eq!(base.people.post(&link, &json!({})).await.status, 403);
    assert_eq!(base.admin.post(&link, &json!({})).await.status, 200);
    base.end();
}

#[tokio::test]
async fn the_last_admin_stays() {
    let base = Base::new(5).await;
    let me = base.admin.get("/api/v1/me").await.json();
    let path = format!("{PEOPLE}/{}", me["id"].as_str().unwrap());
    let refused = base.admin.json("DELETE", &path, &[], &json!({})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let version = format!("\"{}\"", me["version"]);
    let headers = [("if-match", version.as_str())];
    let none = json!({"grants": []});
    let refused = base.admin.json("PATCH", &path, &headers, &none).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    // One who is invited and has not come in is none yet.
    let grants = json!({"level": "agent", "grants": [{"role": "admin", "area": "everything"}]});
    let second = base.invited("second@example.com", &grants).await;
    assert_eq!(delete(&base.admin, &path).await, 409);
    let link = format!("{PEOPLE}/{}/link", second["id"].as_str().unwrap());
    let second = base
        .come_in(&base.admin.post(&link, &json!({})).await)
        .await;
    assert_eq!(delete(&base.admin, &path).await, 204);
    assert_eq!(base.admin.get("/api/v1/me").await.status, 401);
    assert_eq!(second.get(PEOPLE).await.status, 200);
    base.end();
}

#[tokio::test]
async fn of_two_admins_who_put_each_other_out_at_once_one_stays() {
    for round in 0..8 {
        let base = Base::new(100 + round).await;
        let first = base.admin.get("/api/v1/me").await.json()["id"].clone();
        let grants = json!({"level": "agent", "grants": [{"role": "admin", "area": "everything"}]});
        let second = base.invited("second@example.com", &grants).await["id"].clone();
        let path = |id: &serde_json::Value| format!("{PEOPLE}/{}", id.as_str().unwrap());
        let link = base
            .admin
            .post(&format!("{}/link", path(&second)), &json!({}))
            .await;
        let other = base.come_in(&link).await;
        let (first, second) = (path(&first), path(&second));
        let (one, two) = tokio::join!(delete(&base.admin, &second), delete(&other, &first));
        let left = [one, two].iter().filter(|s| **s == 204).count();
        assert_eq!(left, 1, "{one} {two}");
        base.end();
    }
}

#[tokio::test]
async fn who_left_is_out_at_once_and_may_be_invited_anew() {
    let base = Base::new(6).await;
    let lin = base
        .invited("lin@example.com", &json!({"segments": ["hr"]}))
        .await;
    let path = format!("{PEOPLE}/{}", lin["id"].as_str().unwrap());
    let lin = base
        .come_in(&base.admin.post(&format!("{path}/link"), &json!({})).await)
        .await;
    let unused = base.admin.post(&format!("{path}/link"), &json!({})).await;
    let unused = unused.json()["url"]
        .as_str()
        .unwrap()
        .rsplit_once('#')
        .unwrap()
        .1
        .to_owned();
    assert_eq!(delete(&base.admin, &path).await, 204);
    assert_eq!(lin.get("/api/v1/me").await.status, 401);
    let late = super::form(&base.nobody, "/sign-in", &format!("code={unused}")).await;
    assert_eq!((late.status, late.header("set-cookie")), (200, ""));
    let gone = base.admin.get(&path).await.json();
    assert_eq!(
        (&gone["state"], &gone["segments"]),
        (&json!("left"), &json!([]))
    );
    assert!(gone["mail"].is_null(), "{gone}");
    assert_eq!(
        base.admin
            .post(&format!("{path}/link"), &json!({}))
            .await
            .status,
        409
    );
    base.invited("lin@example.com", &json!({})).await;
    base.end();
}

#[tokio::test]
async fn the_sessions_of_a_person_are_ended_by_who_manages_people() {
    let base = Base::new(7).await;
    let lin = base.invited("lin@example.com", &json!({})).await;
    let path = format!("{PEOPLE}/{}", lin["id"].as_str().unwrap());
    let lin = base
        .come_in(&base.admin.post(&format!("{path}/link"), &json!({})).await)
        .await;
    assert_eq!(lin.get("/api/v1/me").await.status, 200);
    assert_eq!(delete(&base.people, &format!("{path}/sessions")).await, 204);
    assert_eq!(lin.get("/api/v1/me").await.status, 401);
    base.end();
}
