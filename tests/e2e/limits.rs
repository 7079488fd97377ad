//! How often somebody may do something: counted together by all programs on one table, whatever the spelling of the address.

use crate::harness::client;
use kb_domain::{Audience, Kind};
use kb_http::Limits;
use kb_store::repo::KeyScope;
use kb_testkit::{Answered, Client, Persona, Text, World};
use serde_json::json;

const MINUTE: i64 = 60;

fn world(seed: u64, limits: &str) -> World {
    let mut world = World::new(seed);
    world.limits = Limits::parse(&format!(
        "guess=off write=off key=off export=off anonymous-write=off {limits}"
    ))
    .unwrap();
    world
}

/// A program of its own on the world's table.
fn program(world: &World) -> Client {
    Client::new(sidenote::commands::router(world.deps()))
}

fn is_throttled(answer: &Answered, seconds: i64) -> bool {
    if answer.status != 429 {
        return false;
    }
    assert_eq!(answer.header("retry-after"), seconds.to_string());
    assert!(answer.header("ratelimit").contains(";r=0;t="), "{answer:?}");
    assert!(!answer.header("ratelimit-policy").is_empty());
    true
}

#[tokio::test]
async fn case_095_two_programs_together_let_through_what_one_would() {
    let world = world(31, "key=60/min");
    let secret = world.key(&[KeyScope::Read]).await;
    let programs = [program(&world), program(&world)].map(|p| p.bearer(&secret));
    let other = program(&world).bearer(&world.key(&[KeyScope::Read]).await);
    for window in 0..2 {
        let mut passed = 0;
        for n in 0..90 {
            // They take turns, in runs of different length, so that leases of both are under way.
            let answer = programs[n / (1 + n % 7) % 2].get("/api/v1/portals").await;
            if is_throttled(&answer, MINUTE) {
                continue;
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.header("ratelimit-policy"), "\"key\";q=60;w=60");
            passed += 1;
        }
        assert_eq!(passed, 60, "window {window}");
        // Another key has a window of its own, and nobody counts those who read without one.
        assert_eq!(other.get("/api/v1/portals").await.status, 200);
        assert_eq!(program(&world).get("/api/v1/portals").await.status, 200);
        world.advance(MINUTE);
    }
}

#[tokio::test]
async fn case_095_guesses_are_counted_by_network_on_every_path_and_spelling() {
    let world = world(32, "guess=6/min");
    let (one, two) = (program(&world), program(&world));
    let near = |client: &Client, n: usize| client.at(&format!("2001:db8:1:2::{n}"));
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    for n in 0..6 {
        let client = near([&one, &two][n % 2], n);
        let answer = if n < 3 {
            client
                .send("POST", "/sign-in?locale=zh-Hans", &form, "code=x")
                .await
        } else {
            client
                .bearer("sk_nobody")
                .get("/api/v1//portals/../portals")
                .await;
            client.bearer("sk_nobody").get("/api/v1/portals").await
        };
        assert_ne!(answer.status, 429, "{n}: {answer:?}");
    }
    for path in ["/sign-in", "/sign-in?x", "/sign-in?locale=en"] {
        let answer = near(&one, 99).send("POST", path, &form, "code=x").await;
        assert!(is_throttled(&answer, MINUTE), "{path}: {answer:?}");
        assert!(answer.text.starts_with("<!doctype html>"), "told on a page");
    }
    assert_eq!(
        near(&two, 9)
            .bearer("sk_nobody")
            .get("/api/v1/portals")
            .await
            .status,
        429
    );
    // Whoever has a key is not shut out by others who guess, nor is another network.
    let key = world.key(&[KeyScope::Read]).await;
    assert_eq!(
        near(&two, 9)
            .bearer(&key)
            .get("/api/v1/portals")
            .await
            .status,
        200
    );
    let far = one
        .at("2001:db8:1:3::1")
        .send("POST", "/sign-in", &form, "code=x")
        .await;
    assert_eq!(far.status, 200);
    world.advance(MINUTE);
    let again = near(&one, 1)
        .send("POST", "/sign-in", &form, "code=x")
        .await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn changes_are_counted_by_person_and_by_the_address_of_those_who_are_not_signed_in() {
    let mut world = world(33, "write=4/min anonymous-write=2/h");
    let (portal, section) = world.portal("help", Audience::public()).await;
    let texts = [Text::en("Heron", "It stands.")];
    let place = (&portal, section);
    let article = world.article(place, Kind::Explicit, "guide", Audience::public(), &texts);
    let vote = format!("/api/v1/articles/{}/vote", article.await.id);
    let client = program(&world);
    let yes = json!({"value": "yes"});
    let cast = async |client: &Client| client.json("PUT", &vote, &[], &yes).await;
    for n in 0..3 {
        let answer = cast(&client.at("198.51.100.7")).await;
        assert_eq!(answer.status == 429, n == 2, "{n}: {answer:?}");
    }
    assert_eq!(cast(&client.at("198.51.100.8")).await.status, 200);
    let session = world.session(Persona::Employee, &[]).await;
    let person = client.session(&session).at("198.51.100.7");
    for n in 0..5 {
        let answer = cast(&person).await;
        assert_eq!(answer.status == 429, n == 4, "{n}: {answer:?}");
    }
    // What is not changed is not counted.
    for _ in 0..10 {
        assert_eq!(person.get("/api/v1/portals").await.status, 200);
    }
    world.leave_unindexed();
}

#[tokio::test]
async fn a_function_of_its_own_counts_with_what_it_needs() {
    let world = world(34, "key=1/min guess=1/min");
    let key = world.key(&[KeyScope::Admin, KeyScope::Suggest]).await;
    let gateway = client(&world);
    for path in ["/api/v1/portals", "/api/v1/search?q=a"] {
        assert!(
            is_throttled_at_last(&gateway.bearer(&key), path).await,
            "{path}"
        );
        world.advance(MINUTE);
    }
    let ticket = json!({"system": "crm", "id": "1", "subject": "heron"});
    let mut last = 0;
    for _ in 0..2 {
        last = gateway
            .bearer(&key)
            .post("/api/v1/tickets", &ticket)
            .await
            .status;
    }
    assert_eq!(last, 429);
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    for _ in 0..2 {
        last = gateway
            .send("POST", "/sign-in", &form, "code=x")
            .await
            .status;
    }
    assert_eq!(last, 429);
    world.leave_unindexed();
}

async fn is_throttled_at_last(client: &Client, path: &str) -> bool {
    assert_eq!(client.get(path).await.status, 200, "{path}");
    client.get(path).await.status == 429
}

#[tokio::test]
async fn frames_that_nobody_is_signed_in_to_are_counted_by_network() {
    let world = world(34, "write=4/min key=6/min");
    let own = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let here = program(&world).at("2001:db8:1:2::1");
    let next = program(&world).at("2001:db8:1:3::1");
    for (path, body, most, status) in [
        ("/api/v1/frame-pairings", "{}", 4, 200),
        (
            "/api/v1/frame-pairings/take",
            r#"{"pairing":"pr_x"}"#,
            6,
            401,
        ),
    ] {
        for n in 0..most {
            let answer = here.send("POST", path, &own, body).await;
            assert_ne!(answer.status, 429, "{path} {n}: {answer:?}");
        }
        let answer = here.send("POST", path, &own, body).await;
        assert!(is_throttled(&answer, MINUTE), "{path}: {answer:?}");
        let other = next.send("POST", path, &own, body).await;
        assert_eq!(other.status, status, "{path}: {other:?}");
    }
}
