//! Segments over HTTP.

use super::{Base, delete};
use serde_json::json;

const SEGMENTS: &str = "/api/v1/segments";

#[tokio::test]
async fn somebody_joins_a_segment_and_leaves_it_and_is_counted() {
    let base = Base::new(1).await;
    let lin = base
        .invited("lin@example.com", &json!({"segments": ["pilots"]}))
        .await;
    let id = lin["id"].as_str().unwrap();
    let member = format!("{SEGMENTS}/hr/members/{id}");
    for _ in 0..2 {
        assert_eq!(
            base.people
                .json("PUT", &member, &[], &json!({}))
                .await
                .status,
            204
        );
    }
    let listed = base.people.get(SEGMENTS).await.json();
    assert_eq!(
        listed["items"],
        json!([{"name": "hr", "members": 1}, {"name": "pilots", "members": 1}])
    );
    let members = base
        .people
        .get(&format!("{SEGMENTS}/hr/members"))
        .await
        .json();
    assert_eq!(members["items"][0]["id"], id);
    let person = base
        .people
        .get(&format!("/api/v1/people/{id}"))
        .await
        .json();
    assert_eq!(person["segments"], json!(["hr", "pilots"]));
    for _ in 0..2 {
        assert_eq!(delete(&base.people, &member).await, 204);
    }
    let listed = base.people.get(SEGMENTS).await.json();
    assert_eq!(listed["items"][0], json!({"name": "hr", "members": 0}));
    let members = base
        .people
        .get(&format!("{SEGMENTS}/hr/members"))
        .await
        .json();
    assert_eq!(members["items"], json!([]));
    let wrong = format!("{SEGMENTS}/No%20Slug/members/{id}");
    assert_eq!(
        base.people
            .json("PUT", &wrong, &[], &json!({}))
            .await
            .status,
        422
    );
    assert_eq!(base.agent.get(SEGMENTS).await.status, 403);
    base.end();
}

#[tokio::test]
async fn nobody_takes_themselves_into_a_segment_without_the_right_to_grant() {
    let base = Base::new(2).await;
    for (who, status) in [(&base.people, 403), (&base.admin, 204)] {
        let me = who.get("/api/v1/me").await.json();
        let member = format!("{SEGMENTS}/hr/members/{}", me["id"].as_str().unwrap());
        let joined = who.json("PUT", &member, &[], &json!({})).await;
        assert_eq!(joined.status, status, "{}", joined.text);
    }
    base.end();
}
