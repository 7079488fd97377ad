//! What the API promises of itself: one form of lists, versions, repeated requests, problems, and a document that is true.

use crate::harness::{client, indexer};
use kb_domain::{Audience, Kind, access};
use kb_http::{OperationKind, Policy};
use kb_store::repo::KeyScope;
use kb_testkit::{Answered, Client, Persona, Text, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A world with an open portal and one article, a client that may do everything, and the article's id, portal and section.
async fn begin(seed: u64) -> (World, Client, [String; 3]) {
    let mut world = World::new(seed);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let article = world
        .article(
            (&portal, section),
            Kind::Explicit,
            "guide",
            Audience::public(),
            &[
                Text::en("Heron", "The heron stands."),
                Text::of("zh-Hans", "鹭", "鹭站着。"),
            ],
        )
        .await;
    let admin = client(&world).bearer(&world.key(&[KeyScope::Admin, KeyScope::Suggest]).await);
    let ids = [
        article.id.to_string(),
        portal.id.to_string(),
        section.to_string(),
    ];
    (world, admin, ids)
}

async fn end(mut world: World) {
    let indexer = indexer(&world);
    world.touched();
    world.settle(&indexer).await;
}

fn pointer(answer: &Answered) -> String {
    answer.json()["errors"][0]["pointer"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn the_document_is_whole_and_every_operation_of_it_is_answered() {
    let (world, admin, [article, portal, section]) = begin(1).await;
    let document = admin.get("/api/v1/openapi.json").await.json();
    let mut references = Vec::new();
    walk(&document, &mut |value| {
        if let Some(target) = value["$ref"].as_str() {
            references.push(target.to_owned());
        }
    });
    assert!(references.len() > 40);
    for reference in references {
        let path = reference.strip_prefix('#').unwrap();
        assert!(
            document.pointer(path).is_some(),
            "{reference} leads nowhere"
        );
    }
    let (mut ids, mut operations) = (BTreeSet::new(), BTreeSet::new());
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{id} stands twice");
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(summary.len() > 5, "{id} has no summary");
            assert!(operation["responses"]["default"].is_object(), "{id}");
            operations.insert((method.to_uppercase(), path.clone()));
            for (status, response) in operation["responses"].as_object().unwrap() {
                let described = response["content"].is_object();
                assert!(described || status == "204", "{id}: {status} has no schema");
            }
            let values = [
                ("{article}", article.as_str()),
                ("{portal}", &portal),
                ("{section}", &section),
                ("{locale}", "en"),
                ("{number}", "1"),
                ("{system}", "demo"),
                ("{id}", "1"),
            ];
            let filled = values
                .iter()
                .fold(path.clone(), |p, (name, value)| p.replace(name, value));
            // A body that fits nothing: what is asked is whether the route is there.
            let answer = admin
                .json(&method.to_uppercase(), &filled, &[], &json!([]))
                .await;
            assert!(answer.status < 500, "{id}: {}", answer.text);
            assert_ne!(answer.status, 405, "{id}");
            assert!(
                !answer.text.contains("see /api for"),
                "{id} is described and not there"
            );
        }
    }
    let routes: BTreeSet<(String, String)> = sidenote::commands::routes()
        .operations()
        .iter()
        .filter(|o| o.kind == OperationKind::Api)
        .map(|o| (o.method.to_string(), o.path.to_owned()))
        .collect();
    assert_eq!(routes, operations);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let says = [
            "properties",
            "oneOf",
            "allOf",
            "anyOf",
            "enum",
            "additionalProperties",
            "pattern",
            "format",
        ];
        assert!(
            says.iter().any(|s| !schema[s].is_null()),
            "{name} says nothing: {schema}"
        );
    }
    end(world).await;
}

fn walk(value: &Value, seen: &mut impl FnMut(&Value)) {
    seen(value);
    match value {
        Value::Array(items) => items.iter().for_each(|i| walk(i, seen)),
        Value::Object(fields) => fields.values().for_each(|f| walk(f, seen)),
        _ => {}
    }
}

/// Method, path, headers and body, and the status they get.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], String, u16);

#[tokio::test]
async fn what_is_not_there_not_allowed_or_not_json_is_a_problem_and_no_page() {
    let (world, admin, [article, ..]) = begin(2).await;
    let head = format!("/api/v1/articles/{article}");
    let large = format!("{{\"handle\":\"{}\"}}", "x".repeat(1_000_001));
    let json = [("content-type", "application/json")];
    let text = [("content-type", "text/plain")];
    let asked: [Asked<'_>; 9] = [
        ("GET", "/api/v1/nope", &[], String::new(), 404),
        ("GET", "/api/", &[], String::new(), 404),
        ("GET", "/api/v1", &[], String::new(), 404),
        ("POST", "/api/v2/articles/x/y/z", &[], String::new(), 404),
        ("GET", "/api/v1/articles/%ff", &[], String::new(), 400),
        ("DELETE", &head, &[], String::new(), 405),
        ("POST", "/api/v1/portals", &text, "{}".to_owned(), 415),
        ("POST", "/api/v1/portals", &json, large, 413),
        (
            "POST",
            "/api/v1/portals",
            &json,
            "{\"a\":1,\"a\":2}".to_owned(),
            400,
        ),
    ];
    for (method, path, headers, body, status) in asked {
        let answer = admin.send(method, path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"));
    }
    end(world).await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_thing_and_gets_the_same_answer() {
    let (world, _, [_, portal, section]) = begin(3).await;
    let week = 7 * 86_400;
    let scopes = [KeyScope::Admin, KeyScope::Suggest].into();
    let lasting = world
        .identity
        .create_key("week", scopes, week, kb_events::Actor::Operator)
        .await;
    let admin = client(&world).bearer(&lasting.unwrap().secret);
    let home = json!({"portal": portal, "section": section});
    let audience = json!({"any": [{"level": "public"}]});
    let sections = format!("/api/v1/portals/{portal}/sections");
    let other = |portal: &str| json!({"handle": portal, "name": {"en": "N"}, "locales": ["en"], "default_locale": "en", "entry": audience});
    let asked = [
        (
            "/api/v1/articles",
            json!({"home": home, "audience": audience, "source_locale": "en"}),
            json!({"home": home, "audience": audience, "source_locale": "zh-Hans"}),
        ),
        (
            sections.as_str(),
            json!({"name": {"en": "One"}}),
            json!({"name": {"en": "Two"}}),
        ),
        ("/api/v1/portals", other("one"), other("two")),
        (
            "/api/v1/tickets",
            json!({"system": "s", "id": "1"}),
            json!({"system": "s", "id": "2"}),
        ),
    ];
    for (n, (path, body, another)) in asked.iter().enumerate() {
        let name = format!("7d3f-{n}");
        let key = [("idempotency-key", name.as_str())];
        let first = admin.json("POST", path, &key, body).await;
        assert_eq!(first.status, 201, "{path}: {}", first.text);
        let again = admin.json("POST", path, &key, body).await;
        assert_eq!((again.status, &again.text), (201, &first.text), "{path}");
        for header in ["etag", "location", "content-type"] {
            assert_eq!(
                again.header(header),
                first.header(header),
                "{path}: {header}"
            );
        }
        let refused = admin.json("POST", path, &key, another).await;
        assert_eq!(refused.status, 422, "{path}");
        assert_eq!(refused.json()["type"], "/problems/key-reused");
        // It was really made, as it was answered.
        let made = admin.get(first.header("location")).await;
        assert_eq!(made.json(), first.json(), "{path}");
        // Another caller's key of the same name is another key.
        let stranger =
            client(&world).bearer(&world.key(&[KeyScope::Admin, KeyScope::Suggest]).await);
        let theirs = stranger.json("POST", path, &key, another).await;
        assert_eq!(theirs.status, 201, "{path}: {}", theirs.text);
    }
    let (path, body, _) = &asked[0];
    // A key belongs to its caller, whatever it was sent to.
    let first = [("idempotency-key", "7d3f-0")];
    let elsewhere = admin.json("POST", &sections, &first, body).await;
    assert_eq!(elsewhere.json()["type"], "/problems/key-reused");
    world.clock.advance(86_401);
    let anew = admin.json("POST", path, &first, body).await;
    assert_eq!(
        anew.status, 201,
        "a day later the key is free: {}",
        anew.text
    );
    let long = "x".repeat(201);
    for bad in ["", " ", long.as_str()] {
        let answer = admin
            .json("POST", path, &[("idempotency-key", bad)], body)
            .await;
        assert_eq!(answer.status, 400, "{bad:?}");
    }
    // A request that fails leaves its key free, and nobody gets another's answer by being nobody.
    let key = [("idempotency-key", "late")];
    assert_eq!(
        admin
            .json("POST", &sections, &key, &json!({"name": {}}))
            .await
            .status,
        422
    );
    assert_eq!(
        admin
            .json("POST", &sections, &key, &json!({"name": {"en": "Three"}}))
            .await
            .status,
        201
    );
    let three = json!({"name": {"en": "Three"}});
    let nobody = client(&world);
    let refused = nobody.json("POST", &sections, &key, &three).await;
    assert_eq!(refused.status, 401);
    end(world).await;
}

#[tokio::test]
async fn of_two_equal_requests_at_once_one_makes_it_and_both_are_told() {
    let (world, admin, [_, portal, _]) = begin(4).await;
    let path = format!("/api/v1/portals/{portal}/sections");
    let body = json!({"name": {"en": "Twin"}});
    let key = [("idempotency-key", "k")];
    let ask = || admin.json("POST", &path, &key, &body);
    let answers = tokio::join!(ask(), ask(), ask());
    let texts = BTreeSet::from([answers.0.text, answers.1.text, answers.2.text]);
    assert_eq!(texts.len(), 1, "{texts:?}");
    let tree = admin.get(&path).await.text;
    assert_eq!(tree.matches("Twin").count(), 1);
    end(world).await;
}

#[tokio::test]
async fn lists_have_one_form_and_their_cursors_are_their_own() {
    let (mut world, admin, [_, portal, section]) = begin(5).await;
    let found = admin.get(&format!("/api/v1/portals/{portal}")).await.json();
    assert_eq!(found["handle"], "help");
    for name in ["alpha", "beta", "gamma"] {
        world.portal(name, Audience::public()).await;
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    for _ in 0..2 {
        let page = admin
            .get(&format!("/api/v1/portals?limit=2{next}"))
            .await
            .json();
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        seen.extend(
            items
                .iter()
                .map(|p| p["handle"].as_str().unwrap().to_owned()),
        );
        next = page["next"]
            .as_str()
            .map_or(String::new(), |n| format!("&cursor={n}"));
    }
    assert_eq!(seen, ["alpha", "beta", "gamma", "help"]);
    assert!(next.is_empty());
    let list = format!("/api/v1/portals/{portal}/sections/{section}/articles");
    let (head, text) = (format!("{list}?limit=1"), "/api/v1/search?q=heron");
    let cursor = admin.get("/api/v1/portals?limit=1").await.json()["next"]
        .as_str()
        .unwrap()
        .to_owned();
    for (path, field) in [
        (format!("{list}?limit=0"), "/limit"),
        (format!("{list}?limit=101"), "/limit"),
        (format!("{list}?limit=many"), "/limit"),
        (format!("{list}?cursor={cursor}"), "/cursor"),
        (format!("{head}&locale=klingon-x"), "/locale"),
        (format!("{head}&colour=red"), "/colour"),
        (format!("{text}&limit=101"), "/limit"),
        (format!("{text}&offset=1001"), "/offset"),
    ] {
        let answer = admin.get(&path).await;
        assert_eq!(
            (answer.status, pointer(&answer).as_str()),
            (400, field),
            "{path}"
        );
    }
    let stranger = client(&world)
        .get(&format!("/api/v1/portals?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(
        (stranger.status, pointer(&stranger).as_str()),
        (400, "/cursor")
    );
    end(world).await;
}

/// What a request can be wrong in, from headers to body.
fn strange_requests() -> Vec<(Vec<(&'static str, &'static str)>, &'static str)> {
    vec![
        (vec![], ""),
        (vec![("content-type", "text/plain")], "{"),
        (vec![("content-type", "application/json")], "{"),
        (vec![("if-match", "x"), ("idempotency-key", "")], ""),
        (vec![("sec-fetch-site", "same-origin")], "author=king"),
    ]
}

#[tokio::test]
async fn who_may_not_call_is_told_so_before_anything_else_of_the_request_is_looked_at() {
    let (world, _, [article, portal, section]) = begin(8).await;
    let nobody = client(&world);
    let customer = nobody.session(&world.session(Persona::Customer, &[]).await);
    let mut guarded = 0;
    for operation in sidenote::commands::routes().operations() {
        let Policy::Holds(action) = operation.policy else {
            continue;
        };
        guarded += 1;
        let real = operation.path.replace("{article}", &article);
        let real = real
            .replace("{portal}", &portal)
            .replace("{section}", &section);
        for path in [real.as_str(), operation.path] {
            let path = path.replace(['{', '}'], "");
            for (headers, body) in strange_requests() {
                for (who, persona, status) in [
                    (&nobody, Persona::Anonymous, 401),
                    (&customer, Persona::Customer, 403),
                ] {
                    if access::holds(&persona.viewer(), action).is_ok() {
                        continue;
                    }
                    let method = operation.method.as_str();
                    let answer = who.send(method, &path, &headers, body).await;
                    let asked = format!("{method} {path} {headers:?}: {}", answer.text);
                    assert_eq!(answer.status, status, "{asked}");
                    let is_page = answer.header("content-type").starts_with("text/html");
                    assert_eq!(is_page, operation.kind == OperationKind::Page, "{asked}");
                }
            }
        }
    }
    assert!(guarded > 20, "{guarded} routes have a guard");
    end(world).await;
}
