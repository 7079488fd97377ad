//! The search through its router, on a base whose index is empty: what it takes and how it refuses. What is found, and for
//! whom, stands with the journeys.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

use kb_domain::Audience;
use kb_testkit::{Answered, Client, Persona, World};
use serde_json::json;

const SEARCH: &str = "/api/v1/search";

async fn base(seed: u64) -> (World, Client) {
    let mut world = World::new(seed);
    world.portal("help", Audience::public()).await;
    world.portal("staff", "employees".parse().unwrap()).await;
    let nobody = world.client(fn_search::routes());
    (world, nobody)
}

fn pointer(answer: &Answered) -> String {
    let pointer = answer.json()["errors"][0]["pointer"].clone();
    pointer.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn nothing_found_is_an_answer() {
    let (world, nobody) = base(1).await;
    for query in [
        "",
        "?q=heron",
        "?q=heron&locale=zh-TW&lang=zh&portal=help&kind=explicit,tacit&type=faq&label=a:b&limit=100&offset=1000",
    ] {
        let answer = nobody.get(&format!("{SEARCH}{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let body = answer.json();
        assert_eq!((&body["hits"], body.get("facets")), (&json!([]), None));
        assert_eq!(body["total"], json!({"value": 0, "relation": "eq"}));
    }
    let counted = nobody.get(&format!("{SEARCH}?facets=true")).await;
    assert!(counted.json()["facets"].is_object(), "{}", counted.text);
    world.leave_unindexed();
}

#[tokio::test]
async fn a_parameter_that_cannot_be_is_told_by_name() {
    let (world, nobody) = base(2).await;
    for (query, field) in [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=many", "/limit"),
        ("offset=1001", "/offset"),
        ("offset=-1", "/offset"),
        ("locale=klingon-x", "/locale"),
        ("lang=english", "/lang"),
        ("kind=vague", "/kind"),
        ("type=Not%20a%20slug", "/type"),
        ("section=x", "/section"),
        ("facets=maybe", "/facets"),
        ("colour=red", "/colour"),
    ] {
        let answer = nobody.get(&format!("{SEARCH}?q=a&{query}")).await;
        let found = (answer.status, pointer(&answer));
        assert_eq!(found, (400, field.to_owned()), "{query}: {}", answer.text);
    }
    world.leave_unindexed();
}

#[tokio::test]
async fn a_portal_that_one_may_not_enter_is_absent() {
    let (world, nobody) = base(3).await;
    let hidden = nobody.get(&format!("{SEARCH}?portal=staff")).await;
    let absent = nobody.get(&format!("{SEARCH}?portal=nowhere")).await;
    assert_eq!((hidden.status, &hidden.text), (404, &absent.text));
    let employee = nobody.session(&world.session(Persona::Employee, &[]).await);
    let found = employee.get(&format!("{SEARCH}?portal=staff")).await;
    assert_eq!(found.status, 200);
    world.leave_unindexed();
}

#[tokio::test]
async fn a_bearer_that_is_none_is_told_so() {
    let (world, nobody) = base(4).await;
    let answer = nobody.bearer("nonsense").get(SEARCH).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    world.leave_unindexed();
}
