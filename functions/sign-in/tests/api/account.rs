//! One's own account: name, language, sessions.

use super::{Base, is_html, send};
use kb_testkit::{Client, Persona};
use serde_json::{Value, json};

const SESSIONS: &str = "/api/v1/me/sessions";

async fn sessions(client: &Client) -> Vec<Value> {
    let answer = client.get(SESSIONS).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

async fn status(client: &Client) -> u16 {
    client.get("/api/v1/me").await.status
}

#[tokio::test]
async fn everybody_sees_who_they_are() {
    let base = Base::new(1).await;
    assert_eq!(status(&base.nobody).await, 401);
    let key = base.world.key(&[kb_store::repo::KeyScope::Read]).await;
    let key = base.nobody.bearer(&key).get("/api/v1/me").await.json();
    assert_eq!(
        (&key["name"], &key["actions"]),
        (&json!("test"), &json!(["read"]))
    );
    assert!(key["id"].is_null() && key["key"].is_string(), "{key}");
    let page = base.employee.get("/account").await;
    assert!(
        page.status == 200 && page.text.contains("This browser"),
        "{}",
        page.text
    );
    assert_eq!(base.nobody.get("/account").await.status, 401);
    base.end();
}

#[tokio::test]
async fn a_name_and_a_language_are_changed_by_page_and_by_patch() {
    let base = Base::new(2).await;
    let body = "name=Lin+Yating&language=zh-Hant";
    let saved = send(&base.employee, "/account", "same-origin", body).await;
    let there = "/account?locale=zh-Hant";
    assert_eq!(
        (saved.status, saved.header("location")),
        (303, there),
        "{}",
        saved.text
    );
    let me = base.employee.get("/api/v1/me").await;
    assert_eq!(me.json()["locale"], "zh-Hant");
    let version = me.header("etag").to_owned();
    let headers = [
        ("if-match", version.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let patch = json!({"name": "Yating"});
    let patched = base
        .employee
        .json("PATCH", "/api/v1/me", &headers, &patch)
        .await;
    assert_eq!(
        (patched.status, &patched.json()["name"]),
        (200, &json!("Yating")),
        "{}",
        patched.text
    );
    let grab = json!({"level": "agent"});
    let headers = [
        ("if-match", patched.header("etag")),
        ("sec-fetch-site", "same-origin"),
    ];
    let refused = base
        .employee
        .json("PATCH", "/api/v1/me", &headers, &grab)
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let empty = send(
        &base.employee,
        "/account",
        "same-origin",
        "name=&language=en",
    )
    .await;
    assert_eq!((empty.status, is_html(&empty)), (422, true));
    base.end();
}

#[tokio::test]
async fn one_session_is_ended_and_then_all_others_with_their_frames() {
    let base = Base::new(3).await;
    let world = &base.world;
    let mut clients = vec![base.agent.clone()];
    for _ in 0..2 {
        let session = world.session(Persona::Agent, &[]).await;
        clients.push(base.nobody.session(&session));
    }
    base.world.catch_up();
    let frame = clients[1]
        .post("/api/v1/frame-bearers", &json!({}))
        .await
        .json();
    let frame = base.nobody.bearer(frame["token"].as_str().unwrap());
    let listed = sessions(&clients[0]).await;
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert_eq!(
        listed
            .iter()
            .filter(|s| s["current"] == json!(true))
            .count(),
        1
    );
    let own = sessions(&clients[2]).await;
    let third = own.iter().find(|s| s["current"] == json!(true)).unwrap();
    let third = format!("{SESSIONS}/{}", third["id"].as_str().unwrap());
    // Nobody ends what is not theirs.
    let stranger = base.employee.json("DELETE", &third, &[], &json!({})).await;
    assert_eq!(stranger.status, 404, "{}", stranger.text);
    let ended = clients[0].json("DELETE", &third, &[], &json!({})).await;
    assert_eq!(ended.status, 204, "{}", ended.text);
    assert_eq!(status(&clients[2]).await, 401);
    assert_eq!(status(&frame).await, 200);

    let ended = send(&clients[0], "/account/sessions", "same-origin", "session=").await;
    assert_eq!(ended.status, 303, "{}", ended.text);
    let after = [
        status(&clients[0]).await,
        status(&clients[1]).await,
        status(&frame).await,
    ];
    assert_eq!(after, [200, 401, 401]);
    let all = clients[0].json("DELETE", SESSIONS, &[], &json!({})).await;
    assert_eq!(all.status, 204);
    base.end();
}

#[tokio::test]
async fn a_session_is_over_without_use_and_lives_on_with_it() {
    let base = Base::new(4).await;
    let hour = 3_600;
    for _ in 0..2 {
        base.world.advance(5 * hour);
        assert_eq!(status(&base.employee).await, 200);
    }
    // Twelve hours are the end for those who work here; customers stay for weeks.
    base.world.advance(3 * hour);
    assert_eq!(status(&base.employee).await, 401);
    assert_eq!(status(&base.customer).await, 200);
    assert_eq!(
        status(&base.agent).await,
        401,
        "nobody used it for eight hours"
    );
    base.world.advance(15 * 24 * hour);
    assert_eq!(status(&base.customer).await, 401);
    base.end();
}

#[tokio::test]
async fn the_use_of_a_session_is_noted_every_half_hour_and_not_with_every_request() {
    let base = Base::new(5).await;
    let seen = async || {
        let found = sessions(&base.employee).await;
        found[0]["seen_at"].as_str().unwrap().to_owned()
    };
    base.world.catch_up();
    let first = seen().await;
    base.world.advance(29 * 60);
    assert_eq!(seen().await, first);
    base.world.advance(2 * 60);
    seen().await;
    assert_ne!(seen().await, first);
    base.end();
}
