//! Cases 1, 2, 4, 6, 7 and 18: what one may not see is in no answer of any route, in no form, and asking for it by its id or
//! its words answers like asking for what never was. The routes come from the program's own list: a new one is covered as
//! soon as it is there.

mod base;
mod counts;
mod ear;
mod fill;
mod foreign_site;
mod revoked;
mod things;
mod walk;
mod who;

use crate::crawl::crawl;
use crate::harness::client;
use base::{Base, EDITORS};
use ear::Ear;
use kb_http::{Operation, OperationKind, Policy};
use kb_store::repo::KeyScope;
use kb_testkit::Answered;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use walk::Walk;
use who::principals;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_001_002_004_007_what_one_may_not_see_is_in_no_answer_of_any_route() {
    let base = Arc::new(Base::build().await);
    let ear = Arc::new(Ear::new(&base.things));
    let routes = Arc::new(sidenote::commands::routes());
    let admin = client(&base.world).bearer(&base.world.key(&[KeyScope::Suggest]).await);
    let ticket = json!({"system": "canary", "id": "4711", "subject": "An open question"});
    assert_eq!(admin.post("/api/v1/tickets", &ticket).await.status, 201);
    let lists = Arc::new(crawl(&client(&base.world)).await);
    assert!(lists.pages.iter().any(|page| page.contains("/articles/")));
    let mut walks = tokio::task::JoinSet::new();
    for who in principals(&base.world).await {
        let mut walk = Walk {
            base: base.clone(),
            ear: ear.clone(),
            who,
            met: BTreeSet::new(),
            asked: 0,
        };
        let (routes, lists) = (routes.clone(), lists.clone());
        walks.spawn(async move {
            let all_is_open = EDITORS.contains(&walk.who.name);
            for operation in routes.operations() {
                let is_api = operation.kind == OperationKind::Api;
                if operation.method == "GET" {
                    let query: Vec<&str> = operation.query.iter().map(|p| p.0).collect();
                    // From those who edit nothing is hidden: that they are told of everything is all there is to see.
                    walk.path(operation.path, if all_is_open { &[] } else { &query })
                        .await;
                } else if is_api && walk.is_refused(operation) {
                    walk.change(operation).await;
                }
            }
            for path in [
                "/health",
                "/api/v1/openapi.json",
                "/search?q=manual",
                "/no/such/page",
                "/api/v1/search?q=manual&limit=100",
            ] {
                walk.ask(path, &[]).await;
            }
            walk.crawl(&lists).await;
            walk.suggestions().await;
            // Signing out ends the session that walks, so it comes last.
            let mut forms: Vec<_> = routes.operations().iter().filter(|o| is_form(o)).collect();
            forms.sort_by_key(|o| o.path == "/sign-out");
            for operation in forms {
                walk.form(operation).await;
            }
            (walk.who.name, walk.met, walk.asked)
        });
    }
    while let Some(walked) = walks.join_next().await {
        let (who, met, asked) = walked.unwrap();
        assert!(asked > 500, "{who} asked {asked} times only");
        for (n, thing) in base.things.iter().enumerate() {
            // What is there for somebody must be told them, or this test hears nothing.
            assert_eq!(
                met.contains(&n),
                thing.seen_by.contains(&who),
                "{who} and what is {}",
                thing.name
            );
        }
    }
    let mut base = Arc::into_inner(base).unwrap();
    base.settle().await;
}

#[test]
fn case_012_routes_for_anybody_are_the_reviewed_ones() {
    let routes = sidenote::commands::routes();
    let open = routes
        .operations()
        .iter()
        .filter(|o| matches!(o.policy, Policy::Anybody | Policy::Proof));
    let mut open: Vec<String> = open
        .map(|o| {
            let what = match (o.kind, o.policy) {
                (_, Policy::Proof) => "proof ",
                (OperationKind::Page, _) => "page ",
                (OperationKind::Api, _) => "",
            };
            format!("{what}{} {}", o.method, o.path)
        })
        .collect();
    open.sort();
    let reviewed = [
        "GET /api/v1/articles/{article}",
        "GET /api/v1/articles/{article}/comments",
        "GET /api/v1/articles/{article}/comments/{comment}",
        "GET /api/v1/articles/{article}/translations",
        "GET /api/v1/articles/{article}/translations/{locale}",
        "GET /api/v1/articles/{article}/translations/{locale}/passage",
        "GET /api/v1/portals",
        "GET /api/v1/portals/{portal}",
        "GET /api/v1/portals/{portal}/sections",
        "GET /api/v1/portals/{portal}/sections/{section}",
        "GET /api/v1/portals/{portal}/sections/{section}/articles",
        "GET /api/v1/search",
        "page GET /",
        "page GET /agent/start",
        "page GET /agent/ticket",
        "page GET /assets/{hash}/{name}",
        "page GET /problems/{slug}",
        "page GET /robots.txt",
        "page GET /setup",
        "page GET /sign-in",
        "page GET /sitemap.xml",
        "page GET /{portal}",
        "page GET /{portal}/",
        "page GET /{portal}/{locale}",
        "page GET /{portal}/{locale}/",
        "page GET /{portal}/{locale}/articles/{segment}",
        "page GET /{portal}/{locale}/categories/{segment}",
        "page GET /{portal}/{locale}/search",
        "page GET /{portal}/{locale}/sections/{segment}",
        "page GET /{portal}/{locale}/sections/{segment}/sitemap.xml",
        "page GET /{portal}/{locale}/sitemap.xml",
        "proof POST /api/v1/frame-bearers/renew",
        "proof POST /api/v1/frame-pairings",
        "proof POST /api/v1/frame-pairings/hold",
        "proof POST /api/v1/frame-pairings/take",
        "proof POST /setup",
        "proof POST /sign-in",
        "proof POST /sign-out",
    ];
    assert_eq!(
        open, reviewed,
        "a route for anybody needs a review of what it tells before it stands in this list"
    );
}

fn is_form(operation: &Operation) -> bool {
    operation.kind == OperationKind::Page && operation.method != "GET"
}

#[test]
fn every_operation_has_a_line_on_what_it_does_and_an_address_of_its_own() {
    let routes = sidenote::commands::routes();
    let mut seen = BTreeSet::new();
    for operation in routes.operations() {
        let name = format!("{} {}", operation.method, operation.path);
        assert!(
            !operation.summary.is_empty(),
            "{name} says nothing of itself"
        );
        assert!(seen.insert(name.clone()), "{name} stands twice");
    }
    for form in ["/sign-in", "/sign-out", "/agent/inbox/{ticket}"] {
        assert!(seen.contains(&format!("POST {form}")), "{form}");
    }
}

/// A body as the tests compare it.
fn value(answer: &Answered) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}
