//! API keys over HTTP.

use super::{Base, delete};
use kb_store::repo::KeyScope;
use serde_json::json;

const KEYS: &str = "/api/v1/keys";

async fn opens(base: &Base, key: &str) -> bool {
    base.nobody.bearer(key).get("/api/v1/me").await.status == 200
}

#[tokio::test]
async fn a_key_is_made_listed_renewed_and_taken_back() {
    let base = Base::new(1).await;
    let new = json!({"name": "crm", "scopes": ["read", "suggest"], "level": "employee", "expires_in_seconds": 3_600});
    let made = base.admin.post(KEYS, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (id, first) = (made.json()["id"].clone(), made.json()["key"].clone());
    let (id, first) = (id.as_str().unwrap(), first.as_str().unwrap());
    let listed = base.admin.get(KEYS).await;
    assert!(!listed.text.contains(first), "{}", listed.text);
    let item = listed.json()["items"][0].clone();
    assert_eq!(
        (&item["name"], &item["prefix"], &item["level"]),
        (&json!("crm"), &json!(first[3..11]), &json!("employee"))
    );
    assert_eq!(
        base.nobody.bearer(first).get("/api/v1/me").await.json()["level"],
        "employee"
    );

    let rotate = format!("{KEYS}/{id}/rotate");
    let second = base
        .admin
        .post(&rotate, &json!({"overlap_seconds": 600}))
        .await;
    assert_eq!(second.status, 200, "{}", second.text);
    let second = second.json()["key"].as_str().unwrap().to_owned();
    assert!(opens(&base, first).await && opens(&base, &second).await);
    base.world.advance(601);
    assert!(!opens(&base, first).await && opens(&base, &second).await);
    let third = base
        .admin
        .post(&rotate, &json!({"overlap_seconds": 0}))
        .await;
    let third = third.json()["key"].as_str().unwrap().to_owned();
    assert!(!opens(&base, &second).await && opens(&base, &third).await);

    assert_eq!(delete(&base.admin, &format!("{KEYS}/{id}")).await, 204);
    assert!(!opens(&base, &third).await);
    assert_eq!(delete(&base.admin, &format!("{KEYS}/{id}")).await, 404);
    assert_eq!(base.admin.post(&rotate, &json!({})).await.status, 404);
    assert_eq!(base.admin.get(KEYS).await.json()["items"], json!([]));
    base.end();
}

#[tokio::test]
async fn a_key_is_good_for_a_year_at_most_and_says_what_it_may() {
    let base = Base::new(2).await;
    for (wrong, pointer) in [
        (json!({"name": "", "scopes": ["read"]}), "/name"),
        (json!({"name": "a", "scopes": []}), "/scopes"),
        (
            json!({"name": "a", "scopes": ["read"], "areas": []}),
            "/areas",
        ),
        (
            json!({"name": "a", "scopes": ["read"], "expires_in_seconds": 400 * 86_400}),
            "/expires_in_seconds",
        ),
    ] {
        let refused = base.admin.post(KEYS, &wrong).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{wrong}"
        );
    }
    base.end();
}

#[tokio::test]
async fn only_who_changes_settings_makes_keys_and_no_key_makes_one_that_may_more() {
    let base = Base::new(3).await;
    let read = json!({"name": "a", "scopes": ["read"]});
    for who in [&base.employee, &base.agent, &base.people] {
        assert_eq!(who.post(KEYS, &read).await.status, 403);
        assert_eq!(who.get(KEYS).await.status, 403);
    }
    let key = base
        .nobody
        .bearer(&base.world.key(&[KeyScope::Admin]).await);
    assert_eq!(key.post(KEYS, &read).await.status, 201);
    let further = json!({"name": "a", "scopes": ["read"], "level": "agent"});
    assert_eq!(key.post(KEYS, &further).await.status, 403);
    let suggests = json!({"name": "a", "scopes": ["suggest"]});
    assert_eq!(key.post(KEYS, &suggests).await.status, 403);
    base.end();
}

#[tokio::test]
async fn a_key_for_one_portal_edits_nothing_elsewhere() {
    let base = Base::new(4).await;
    let portal = kb_domain::PortalId::new(base.world.kb.ids().uuid());
    let new = json!({"name": "a", "scopes": ["write"], "areas": [{"portal": portal}]});
    let made = base.admin.post(KEYS, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = made.json()["key"].as_str().unwrap().to_owned();
    let viewer = base.world.identity.bearer(&secret).await.unwrap().unwrap();
    let edits = |area| viewer.may_in(kb_domain::Action::Edit, area);
    assert!(edits(kb_domain::Area::Portal(portal)));
    assert!(!edits(kb_domain::Area::Everything) && !viewer.oversees());
    base.end();
}
