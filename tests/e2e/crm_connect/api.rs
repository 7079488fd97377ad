//! Connections by the API.

use super::{Desk, new_connection};
use kb_connectors::fakes::zendesk::Weather;
use kb_testkit::Persona;
use serde_json::{Value, json};

pub(super) const CONNECTIONS: &str = "/api/v1/connections";

fn pointers(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let pointers = errors
        .iter()
        .map(|e| e["pointer"].as_str().unwrap().to_owned());
    pointers.collect()
}

#[tokio::test]
async fn a_connection_of_wrong_answers_names_what_is_wrong() {
    let desk = Desk::new(21, 0).await;
    for (change, pointer) in [
        (json!({"vendor": "freshdesk"}), "/vendor"),
        (json!({"answers": {}}), "/answers/subdomain"),
        (
            json!({"answers": {"subdomain": "acme.zendesk.com"}}),
            "/answers/subdomain",
        ),
        (
            json!({"answers": {"subdomain": "evil.example/#"}}),
            "/answers/subdomain",
        ),
        (
            json!({"answers": {"subdomain": "a@b"}}),
            "/answers/subdomain",
        ),
        (json!({"client": {"id": " "}}), "/client/id"),
        (json!({"client": {"id": "x".repeat(201)}}), "/client/id"),
    ] {
        let mut body = new_connection("acme");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = desk.admin.post(CONNECTIONS, &body).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text);
        assert_eq!(
            pointers(&refused.json()),
            [pointer],
            "{body}: {}",
            refused.text
        );
    }
    let mut unknown = new_connection("acme");
    unknown["token"] = json!("t");
    assert_eq!(desk.admin.post(CONNECTIONS, &unknown).await.status, 400);
    let listed = desk.admin.get(CONNECTIONS).await.json();
    assert_eq!(listed["items"], json!([]));
    desk.end();
}

#[tokio::test]
async fn the_same_account_is_the_same_connection_and_no_answer_holds_a_secret() {
    let desk = Desk::new(22, 0).await;
    let id = desk.make().await;
    assert_eq!(desk.make().await, id);
    let mut body = new_connection("acme");
    body["client"]["secret"] = json!("canary-of-the-client");
    let changed = desk.admin.post(CONNECTIONS, &body).await;
    assert_eq!((changed.status, &changed.json()["id"]), (201, &json!(id)));
    let one = desk.admin.get(&format!("{CONNECTIONS}/{id}")).await;
    let all = desk.admin.get(CONNECTIONS).await;
    for answer in [&changed, &one, &all] {
        assert!(!answer.text.contains("canary"), "{}", answer.text);
    }
    assert_eq!(all.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(one.json()["system"], "zendesk:acme");
    assert_eq!(one.json()["client"], "sidenote");
    desk.end();
}

#[tokio::test]
async fn a_step_that_the_state_does_not_allow_is_refused_in_words() {
    let desk = Desk::new(23, 0).await;
    let id = desk.make().await;
    let steps = format!("{CONNECTIONS}/{id}/steps");
    for step in ["try", "start", "resume", "allow", "reconcile"] {
        let refused = desk.admin.post(&steps, &json!({"step": step})).await;
        assert!(
            matches!(refused.status, 409 | 422),
            "{step}: {}",
            refused.text
        );
        assert!(!refused.json()["detail"].as_str().unwrap().is_empty());
    }
    let unknown = desk.admin.post(&steps, &json!({"step": "dance"})).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    desk.consent(&id).await;
    desk.step(&id, "try").await;
    let early = desk.admin.post(&steps, &json!({"step": "start"})).await;
    assert_eq!(
        pointers(&early.json()),
        ["/mapping/everywhere/portal"],
        "{}",
        early.text
    );
    let path = format!("{CONNECTIONS}/{id}/mapping");
    let nowhere = json!({"everywhere": {"portal": "prt_00000000000000000000000000"}});
    let refused = desk.admin.json("PUT", &path, &[], &nowhere).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let odd = json!({"everywhere": {"audience": "everyone"}});
    assert_eq!(desk.admin.json("PUT", &path, &[], &odd).await.status, 400);
    desk.end();
}

#[tokio::test]
async fn a_probe_says_for_whom_the_grant_stands_and_a_silent_partner_is_a_503() {
    let desk = Desk::new(24, 0).await;
    let id = desk.connected().await;
    let path = format!("{CONNECTIONS}/{id}/probe");
    let probe = desk.admin.post(&path, &json!({})).await;
    assert_eq!(probe.status, 200, "{}", probe.text);
    assert_eq!(
        probe.json(),
        json!({"who": "Mia Chen", "role": "admin", "refused": []})
    );
    desk.fake.set_weather(Weather::Down);
    let down = desk.admin.post(&path, &json!({})).await;
    assert_eq!(down.status, 503, "{}", down.text);
    desk.fake.set_weather(Weather::Clear);
    // It had us wait.
    desk.world.advance(60);
    desk.fake.revoke_grants();
    let over = desk.admin.post(&path, &json!({})).await;
    assert_eq!(over.status, 409, "{}", over.text);
    desk.end();
}

#[tokio::test]
async fn a_connection_is_taken_back_there_and_here() {
    let mut desk = Desk::new(25, 2).await;
    let id = desk.working().await;
    assert_eq!(desk.fake.grants().0, 1);
    let path = format!("{CONNECTIONS}/{id}");
    desk.fake.set_weather(Weather::Down);
    let down = desk.admin.json("DELETE", &path, &[], &json!({})).await;
    assert_eq!(down.status, 503, "{}", down.text);
    assert_eq!(
        desk.read(&id).await["health"],
        "working",
        "nothing is half taken back"
    );
    desk.fake.set_weather(Weather::Clear);
    let gone = desk.admin.json("DELETE", &path, &[], &json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(gone.json()["health"], "revoked");
    assert_eq!(desk.fake.grants().0, 0, "the partner was told");
    let calls = desk.fake.calls();
    for _ in 0..3 {
        desk.minute().await;
    }
    assert_eq!(desk.fake.calls(), calls, "nobody is asked any more");
    assert_eq!(
        desk.found(&desk.nobody, "heron invoice").await.len(),
        2,
        "what came in stays"
    );
    desk.consent(&id).await;
    desk.run().await;
    let health = desk.read(&id).await["health"].clone();
    assert_eq!(health, "trial", "it is started anew by an admin");
}

#[tokio::test]
async fn connections_are_for_those_who_configure() {
    let desk = Desk::new(26, 0).await;
    let id = desk.make().await;
    let one = format!("{CONNECTIONS}/{id}");
    let publisher = desk
        .nobody
        .session(&desk.world.session(Persona::Publisher, &[]).await);
    for (caller, wanted) in [(&desk.nobody, 401), (&desk.agent, 403), (&publisher, 403)] {
        for (method, path) in [
            ("GET", CONNECTIONS.to_owned()),
            ("POST", CONNECTIONS.to_owned()),
            ("GET", one.clone()),
            ("DELETE", one.clone()),
            ("POST", format!("{one}/steps")),
            ("POST", format!("{one}/probe")),
            ("PUT", format!("{one}/mapping")),
        ] {
            let refused = caller.json(method, &path, &[], &json!({})).await;
            assert_eq!(refused.status, wanted, "{method} {path}: {}", refused.text);
            assert!(!refused.text.contains("acme"), "{}", refused.text);
        }
    }
    let absent = "con_00000000000000000000000000";
    let none = desk.admin.get(&format!("{CONNECTIONS}/{absent}")).await;
    assert_eq!(none.status, 404, "{}", none.text);
    desk.end();
}
