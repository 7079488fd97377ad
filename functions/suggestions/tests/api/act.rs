//! What the agent did with a suggestion.

use super::{Base, pointer, ticket};
use kb_store::repo::KeyScope;
use serde_json::json;

const NO_ARTICLE: &str = "art_00000000000000000000000000";

fn path(id: &str) -> String {
    format!("/api/v1/suggestions/{id}/actions")
}

#[tokio::test]
async fn an_action_belongs_to_a_suggestion_that_was_made() {
    let base = Base::new(1).await;
    let body = json!({"action": "copied", "article": NO_ARTICLE});
    for absent in ["x", "sgn_00000000000000000000000000", NO_ARTICLE] {
        let answer = base.agent.post(&path(absent), &body).await;
        assert_eq!(answer.status, 404, "{absent}");
    }
    let asked = json!({"ticket": ticket()});
    let made = base.agent.post("/api/v1/suggestions", &asked).await.json();
    let path = path(made["id"].as_str().unwrap());
    let answer = base.agent.post(&path, &body).await;
    assert_eq!(
        (answer.status, pointer(&answer).as_str()),
        (422, "/article")
    );
    let body = json!({"action": "eaten", "article": NO_ARTICLE});
    let answer = base.agent.post(&path, &body).await;
    assert_eq!(pointer(&answer), "/action");
    base.end();
}

#[tokio::test]
async fn a_suggestion_is_for_who_asked() {
    let base = Base::new(3).await;
    let asked = json!({"ticket": ticket()});
    let made = base.agent.post("/api/v1/suggestions", &asked).await.json();
    let body = json!({"action": "copied", "article": NO_ARTICLE});
    let theirs = path(made["id"].as_str().unwrap());
    let absent = path("sgn_00000000000000000000000000");
    let key = base.world.key(&[KeyScope::Suggest]).await;
    let other = base.nobody.bearer(&key);
    let (refused, never) = (
        other.post(&theirs, &body).await,
        other.post(&absent, &body).await,
    );
    assert_eq!((refused.status, refused.text), (404, never.text));
    // Who asked gets as far as the article.
    assert_eq!(base.agent.post(&theirs, &body).await.status, 422);
    base.end();
}

#[tokio::test]
async fn actions_are_for_agents() {
    let base = Base::new(2).await;
    let path = path("sgn_00000000000000000000000000");
    let body = json!({"action": "copied", "article": NO_ARTICLE});
    assert_eq!(base.nobody.post(&path, &body).await.status, 401);
    assert_eq!(base.customer.post(&path, &body).await.status, 403);
    base.end();
}
