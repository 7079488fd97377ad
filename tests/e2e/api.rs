//! What the API promises of itself: one form of lists, versions, repeated requests, problems, and a document that is true.

use crate::harness::{client, indexer};
use kb_domain::{Audience, Kind};
use kb_http::OperationKind;
use kb_store::repo::KeyScope;
use kb_testkit::{Answered, Client, Text, World};
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

async fn with_version(
    client: &Client,
    method: &str,
    path: &str,
    etag: &str,
    body: &Value,
) -> Answered {
    client.json(method, path, &[("if-match", etag)], body).await
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
                !answer.text.contains("see /api/v1/openapi.json"),
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
    let asked: [Asked<'_>; 10] = [
        ("GET", "/api/v1/nope", &[], String::new(), 404),
        ("GET", "/api", &[], String::new(), 404),
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
        .create_key("week", scopes, week, "test")
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

#[tokio::test]
async fn a_translation_is_put_whole_patched_in_parts_and_its_history_read() {
    let (world, admin, [article, ..]) = begin(6).await;
    let path = format!("/api/v1/articles/{article}/translations/en");
    let read = admin.get(&path).await;
    let etag = read.header("etag").to_owned();
    // What was read can be sent back as it is, and writes nothing.
    let same = with_version(&admin, "PUT", &path, &etag, &read.json()).await;
    assert_eq!(
        (same.status, same.header("etag")),
        (200, etag.as_str()),
        "{}",
        same.text
    );
    let mut changed = read.json();
    changed["title"] = "Herons".into();
    changed["live"] = Value::Null;
    changed["number"] = 9.into();
    let refused = with_version(&admin, "PUT", &path, &etag, &changed).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2);
    changed["colour"] = "red".into();
    let unknown = with_version(&admin, "PUT", &path, &etag, &changed).await;
    assert_eq!(
        (unknown.status, pointer(&unknown).as_str()),
        (400, "/colour")
    );
    assert_eq!(
        admin.json("PUT", &path, &[], &read.json()).await.status,
        428
    );
    assert_eq!(
        admin
            .json("PUT", &path, &[("if-match", "x")], &read.json())
            .await
            .status,
        400
    );

    let patch = json!({"title": "Herons", "note": "more than one"});
    assert_eq!(admin.json("PATCH", &path, &[], &patch).await.status, 428);
    let merge = [
        ("if-match", etag.as_str()),
        ("content-type", "application/merge-patch+json"),
    ];
    let patched = admin.json("PATCH", &path, &merge, &patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    let body = patched.json();
    assert_eq!(
        (&body["title"], &body["number"]),
        (&json!("Herons"), &json!(2))
    );
    assert_eq!(body["body"], read.json()["body"]);
    let stale = with_version(&admin, "PATCH", &path, &etag, &patch).await;
    assert_eq!(stale.status, 412);
    assert_eq!(stale.json()["current_version"], body["version"]);
    let etag = patched.header("etag").to_owned();
    let next = with_version(
        &admin,
        "PATCH",
        &path,
        &etag,
        &json!({"body": {"source": "Two stand."}}),
    )
    .await;
    assert_eq!(
        (
            next.json()["body"]["format"].as_str(),
            next.json()["note"].as_str()
        ),
        (Some("markdown"), Some(""))
    );
    let gone = with_version(
        &admin,
        "PATCH",
        &path,
        next.header("etag"),
        &json!({"title": null}),
    )
    .await;
    assert_eq!((gone.status, pointer(&gone).as_str()), (400, "/title"));

    let revisions = format!("{path}/revisions");
    let page = admin.get(&format!("{revisions}?limit=2")).await.json();
    let numbers = |page: &Value| -> Vec<u64> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&page), [3, 2]);
    let last = admin
        .get(&format!(
            "{revisions}?limit=2&cursor={}",
            page["next"].as_str().unwrap()
        ))
        .await
        .json();
    assert_eq!(numbers(&last), [1]);
    let first = admin.get(&format!("{revisions}/1")).await.json();
    assert_eq!(
        (&first["title"], &first["body"]["source"]),
        (&json!("Heron"), &json!("The heron stands."))
    );
    assert_eq!(admin.get(&format!("{revisions}/9")).await.status, 404);
    assert_eq!(admin.get(&format!("{revisions}/x")).await.status, 404);
    let languages = admin
        .get(&format!("/api/v1/articles/{article}/translations"))
        .await
        .json();
    assert_eq!(languages["items"].as_array().unwrap().len(), 2);
    // Who has this version is not sent it again.
    let known = admin
        .send("GET", &path, &[("if-none-match", next.header("etag"))], "")
        .await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    end(world).await;
}

#[tokio::test]
async fn heads_nodes_and_portals_are_patched_moved_and_closed() {
    let (world, admin, [article, portal, section]) = begin(7).await;
    let head = format!("/api/v1/articles/{article}");
    let read = admin.get(&head).await;
    let reader = client(&world).get(&head).await.json();
    assert_eq!(
        (&reader["kind"], &reader["audience"]),
        (&json!("explicit"), &Value::Null)
    );
    assert!(read.json()["audience"].is_object() && reader["translations"][0]["working"].is_null());
    let patch = json!({"labels": ["a:b"], "kind": "tacit", "version": read.json()["version"]});
    let changed = with_version(&admin, "PATCH", &head, read.header("etag"), &patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(
        (
            &changed.json()["labels"],
            &changed.json()["kind"],
            &changed.json()["type"]
        ),
        (&json!(["a:b"]), &json!("tacit"), &json!("guide"))
    );
    let refused = with_version(
        &admin,
        "PATCH",
        &head,
        changed.header("etag"),
        &json!({"state": "archived"}),
    )
    .await;
    assert_eq!(
        (refused.status, pointer(&refused).as_str()),
        (422, "/state")
    );
    let wrong = with_version(
        &admin,
        "PATCH",
        &head,
        changed.header("etag"),
        &json!({"kind": "vague"}),
    )
    .await;
    assert_eq!(wrong.status, 400);

    let nodes = format!("/api/v1/portals/{portal}/sections");
    let category = admin.get(&format!("{nodes}/{section}")).await.json()["parent"].clone();
    let made = admin
        .post(&nodes, &json!({"name": {"en": "New"}, "parent": category}))
        .await;
    let (node, new) = (
        format!("{nodes}/{}", made.json()["id"].as_str().unwrap()),
        made.json()["id"].clone(),
    );
    let named = with_version(
        &admin,
        "PATCH",
        &node,
        made.header("etag"),
        &json!({"name": {"zh-Hans": "新的"}}),
    )
    .await;
    assert_eq!(
        named.json()["name"],
        json!({"en": "New", "zh-Hans": "新的"})
    );
    let one = with_version(
        &admin,
        "PATCH",
        &node,
        named.header("etag"),
        &json!({"name": {"en": null}}),
    )
    .await;
    assert_eq!(one.json()["name"], json!({"zh-Hans": "新的"}));
    let orphan = with_version(
        &admin,
        "PATCH",
        &node,
        one.header("etag"),
        &json!({"parent": null}),
    )
    .await;
    assert_eq!((orphan.status, pointer(&orphan).as_str()), (422, "/parent"));

    let target = json!({"home": {"portal": portal, "section": new}});
    let moved = with_version(
        &admin,
        "POST",
        &format!("{head}/move"),
        changed.header("etag"),
        &target,
    )
    .await;
    assert_eq!(
        (moved.status, &moved.json()["home"]["section"]),
        (200, &new),
        "{}",
        moved.text
    );
    let full = admin
        .send("DELETE", &node, &[("if-match", one.header("etag"))], "")
        .await;
    assert_eq!(full.status, 409);
    let empty = format!("{nodes}/{section}");
    assert_eq!(admin.send("DELETE", &empty, &[], "").await.status, 428);
    let removed = admin
        .send("DELETE", &empty, &[("if-match", one.header("etag"))], "")
        .await;
    assert_eq!(removed.status, 204, "{}", removed.text);

    let path = format!("/api/v1/portals/{portal}");
    let read = admin.get(&path).await;
    let renamed = with_version(
        &admin,
        "PATCH",
        &path,
        read.header("etag"),
        &json!({"name": {"zh-Hans": "帮助"}, "entry": {"any": [{"level": "employee"}]}}),
    )
    .await;
    assert_eq!(
        (renamed.status, &renamed.json()["name"]["zh-Hans"]),
        (200, &json!("帮助")),
        "{}",
        renamed.text
    );
    let fixed = with_version(
        &admin,
        "PATCH",
        &path,
        renamed.header("etag"),
        &json!({"handle": "other"}),
    )
    .await;
    assert_eq!((fixed.status, pointer(&fixed).as_str()), (422, "/handle"));
    let closed = with_version(
        &admin,
        "POST",
        &format!("{path}/close"),
        renamed.header("etag"),
        &json!({}),
    )
    .await;
    assert_eq!(
        (closed.status, &closed.json()["state"]),
        (200, &json!("closed"))
    );
    assert_eq!(client(&world).get(&path).await.status, 404);
    assert_eq!(
        admin
            .post(&format!("{path}/activate"), &json!({}))
            .await
            .json()["state"],
        "active"
    );
    end(world).await;
}

#[test]
fn tmp_dump_document() {
    let document = sidenote::commands::routes().document();
    std::fs::write(
        "/tmp/openapi-out.json",
        serde_json::to_string_pretty(&document).unwrap(),
    )
    .unwrap();
}
