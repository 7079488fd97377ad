//! Beside a ticket: signing in by a link, the frame's bearer, the sidebar's page, the demo's inbox, a passage to quote.

use crate::harness::{client, form, indexer};
use kb_actions::tickets;
use kb_domain::{Audience, Kind};
use kb_testkit::{Client, Persona, Text, World};
use serde_json::json;

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");

async fn link(world: &World, persona: Persona) -> String {
    let person = world
        .identity
        .person("test", "linked", &persona.person("Mia", &[]))
        .await
        .unwrap();
    world
        .identity
        .create_link(person, "/agent/inbox", kb_events::Actor::Operator)
        .await
        .unwrap()
        .secret
}

/// The secret in a `Set-Cookie`.
fn session(answer: &kb_testkit::Answered) -> String {
    let cookie = answer.header("set-cookie");
    let (_, rest) = cookie.split_once('=').unwrap();
    rest.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_signs_in_once_from_our_own_page_and_signing_out_ends_it() {
    let world = World::new(2);
    let client = client(&world);
    let code = link(&world, Persona::Agent).await;
    let elsewhere = form(
        &client,
        "/sign-in",
        &[("sec-fetch-site", "cross-site")],
        &[("code", &code)],
    )
    .await;
    assert_eq!(
        (elsewhere.status, elsewhere.header("set-cookie")),
        (403, "")
    );
    let nowhere = form(&client, "/sign-in", &[], &[("code", &code)]).await;
    assert_eq!(nowhere.status, 403);

    let taken = form(&client, "/sign-in", &[OWN], &[("code", &code)]).await;
    assert_eq!(
        (taken.status, taken.header("location")),
        (303, "/agent/inbox")
    );
    let cookie = taken.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let again = form(&client, "/sign-in", &[OWN], &[("code", &code)]).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, ""));
    assert!(again.text.contains("used already"), "{}", again.text);

    let agent = client.session(&session(&taken));
    assert!(agent.get("/sign-in").await.text.contains("Mia"));
    let out = form(&agent, "/sign-out", &[OWN], &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/"));
    assert!(!agent.get("/sign-in").await.text.contains("Mia"));
}

#[tokio::test]
async fn a_link_is_over_after_an_hour() {
    let world = World::new(3);
    let code = link(&world, Persona::Agent).await;
    world.clock.advance(kb_identity::LINK_SECONDS + 1);
    let late = form(&client(&world), "/sign-in", &[OWN], &[("code", &code)]).await;
    assert_eq!((late.status, late.header("set-cookie")), (200, ""));
}

async fn bearer(client: &Client) -> kb_testkit::Answered {
    client.post("/api/v1/frame-bearers", &json!({})).await
}

#[tokio::test]
async fn a_frame_gets_a_bearer_from_a_session_only_and_for_a_quarter_of_an_hour() {
    let world = World::new(4);
    let nobody = client(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    assert_eq!(bearer(&nobody).await.status, 401);
    let customer = nobody.session(&world.session(Persona::Customer, &[]).await);
    assert_eq!(bearer(&customer).await.status, 403);
    let key = world.key(&[kb_store::repo::KeyScope::Suggest]).await;
    assert_eq!(bearer(&nobody.bearer(&key)).await.status, 401);

    let token = bearer(&agent).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let frame = nobody.bearer(&token);
    let ticket = json!({"ticket": {"system": "s", "id": "1", "description": "hello"}});
    assert_eq!(frame.post("/api/v1/suggestions", &ticket).await.status, 200);
    // A bearer begets no other, so that a quarter of an hour is a quarter of an hour.
    assert_eq!(bearer(&frame).await.status, 401);
    world.clock.advance(kb_identity::FRAME_SECONDS + 1);
    assert_eq!(frame.post("/api/v1/suggestions", &ticket).await.status, 401);
}

#[tokio::test]
async fn only_the_sidebar_may_be_framed_and_only_by_the_configured_origins() {
    let mut world = World::new(5);
    world.settings.frame_ancestors = vec!["'self'".into(), "https://crm.example".into()];
    let client = client(&world);
    let policy =
        |answer: &kb_testkit::Answered| answer.header("content-security-policy").to_owned();
    let sidebar = client.get("/agent/ticket?system=a&id=1&locale=zh-TW").await;
    assert!(policy(&sidebar).ends_with("frame-ancestors 'self' https://crm.example"));
    assert!(sidebar.text.contains("<html lang=\"zh-Hant\""));
    for other in ["/sign-in", "/agent/start", "/agent/inbox", "/nowhere"] {
        let answer = client.get(other).await;
        assert!(
            policy(&answer).contains("frame-ancestors 'none'"),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_reply_in_the_inbox_changes_what_is_suggested() {
    let mut world = World::new(6);
    let (portal, section) = world.portal("help", Audience::public()).await;
    for (title, text) in [
        (
            "Pairing the scanner",
            "Hold the trigger of the scanner until it beeps twice.",
        ),
        (
            "Changing the invoice address",
            "Open billing and write the new invoice address.",
        ),
    ] {
        let place = (&portal, section);
        world
            .article(
                place,
                Kind::Implicit,
                "guide",
                Audience::public(),
                &[Text::en(title, text)],
            )
            .await;
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let ticket = serde_json::from_value(
        json!({"system": "demo", "id": "7", "subject": "scanner", "description": "The scanner does not beep."}),
    );
    let ctx = world.ctx(Persona::Admin).await;
    let kept = tickets::put(&world.kb, &ctx, ticket.unwrap()).await;
    world.commit(kept.unwrap()).await;
    let nobody = client(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    let customer = nobody.session(&world.session(Persona::Customer, &[]).await);
    for stranger in [&nobody, &customer] {
        for path in ["/agent/inbox", "/agent/inbox/7", "/agent/inbox/none"] {
            let answer = stranger.get(path).await;
            assert!(!answer.text.contains("beep"), "{}", answer.text);
        }
    }
    let page = agent.get("/agent/inbox/7").await;
    assert!(
        page.text.contains("The scanner does not beep."),
        "{}",
        page.text
    );
    assert_eq!(agent.get("/agent/inbox/none").await.status, 404);

    let first = |answer: kb_testkit::Answered| {
        answer.json()["suggestions"][0]["title"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let suggest = async || {
        let mut ticket = agent.get("/api/v1/tickets/demo/7").await.json();
        ticket.as_object_mut().unwrap().remove("version");
        first(
            agent
                .post("/api/v1/suggestions", &json!({"ticket": ticket}))
                .await,
        )
    };
    assert_eq!(suggest().await, "Pairing the scanner");
    let text = "Forget that, it works. The invoice address is wrong: where do I write the new invoice address?";
    let added = form(
        &agent,
        "/agent/inbox/7?locale=en",
        &[],
        &[("text", text), ("author", "customer")],
    )
    .await;
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/agent/inbox/7?locale=en")
    );
    assert_eq!(suggest().await, "Changing the invoice address");
    let said = async || {
        let ticket = agent.get("/api/v1/tickets/demo/7").await.json();
        ticket["messages"].as_array().unwrap().len()
    };
    let (before, both) = (said().await, [("text", "And thanks!"), ("author", "agent")]);
    tokio::join!(
        form(&agent, "/agent/inbox/7", &[], &both),
        form(&agent, "/agent/inbox/7", &[], &both)
    );
    assert_eq!(said().await, before + 2, "of two replies at once both stay");
    let refused = form(
        &customer,
        "/agent/inbox/7",
        &[],
        &[("text", text), ("author", "agent")],
    )
    .await;
    assert_eq!(refused.status, 403);
    world.touched();
    world.settle(&indexer).await;
}

#[tokio::test]
async fn a_passage_is_quoted_from_the_live_text_and_a_hidden_one_is_absent() {
    let mut world = World::new(8);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en(
        "Refunds",
        "Before all.\n\n## Who pays\n\nWe do.\n\n- at once\n- in full\n\n## Else\n\nNo.",
    );
    let open = world
        .article(
            (&portal, section),
            Kind::Explicit,
            "faq",
            Audience::public(),
            std::slice::from_ref(&text),
        )
        .await;
    let agents = "agents".parse().unwrap();
    let hidden = world
        .article((&portal, section), Kind::Explicit, "faq", agents, &[text])
        .await;
    world.settle(&indexer(&world)).await;
    let client = client(&world);
    let path =
        |id: &str, query: &str| format!("/api/v1/articles/{id}/translations/en/passage{query}");
    let found = client
        .get(&path(&open.id.to_string(), "?anchor=who-pays"))
        .await
        .json();
    assert_eq!(found["heading"], "Who pays");
    assert_eq!(found["text"], "We do.\nat once\nin full");
    assert!(
        found["url"]
            .as_str()
            .unwrap()
            .ends_with("-refunds#who-pays"),
        "{found}"
    );
    let start = client.get(&path(&open.id.to_string(), "")).await.json();
    assert_eq!(start["text"], "Before all.");
    let absent = client
        .get(&path("art_00000000000000000000000000", "?anchor=who-pays"))
        .await;
    let secret = client
        .get(&path(&hidden.id.to_string(), "?anchor=who-pays"))
        .await;
    assert_eq!((secret.status, secret.text), (404, absent.text));
    let nothing = client
        .get(&path(&open.id.to_string(), "?anchor=nothing"))
        .await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn an_agent_is_told_whose_each_article_is_wherever_it_was_found() {
    let mut world = World::new(9);
    let (portal, section) = world.portal("help", Audience::public()).await;
    for (audience, title) in [
        ("public", "Kestrel for anybody"),
        ("customers", "Kestrel for customers"),
        ("employees", "Kestrel for employees"),
        ("segment:beta", "Kestrel for some"),
    ] {
        let text = Text::en(title, "How the kestrel is paired.");
        let audience = audience.parse().unwrap();
        let place = (&portal, section);
        world
            .article(place, Kind::Implicit, "guide", audience, &[text])
            .await;
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let nobody = client(&world);
    let agent = nobody.session(&world.session(Persona::Agent, &["beta"]).await);

    let searched = agent.get("/api/v1/search?q=kestrel").await.json();
    // A ticket that lives nowhere yet is a ticket, too.
    let ticket = json!({"ticket": {"description": "How do I pair the kestrel?"}});
    let suggested = agent.post("/api/v1/suggestions", &ticket).await;
    assert_eq!(suggested.status, 200, "{}", suggested.text);
    let wanted = [
        ("Kestrel for anybody", "public", "public"),
        ("Kestrel for customers", "customers", "customers"),
        ("Kestrel for employees", "employees", "internal"),
        ("Kestrel for some", "segment:beta", "internal"),
    ];
    for hits in [&searched["hits"], &suggested.json()["suggestions"]] {
        let text = |hit: &serde_json::Value, field: &str| hit[field].as_str().unwrap().to_owned();
        let hits = hits.as_array().unwrap().iter();
        let mut told: Vec<_> = hits
            .map(|h| (text(h, "title"), text(h, "audience"), text(h, "readers")))
            .collect();
        told.sort();
        let wanted = wanted.map(|(t, a, r)| (t.to_owned(), a.to_owned(), r.to_owned()));
        assert_eq!(told, wanted);
    }
    let readers = nobody.get("/api/v1/search?q=kestrel").await.json();
    let hit = &readers["hits"][0];
    assert_eq!((hit.get("audience"), hit.get("readers")), (None, None));
}
