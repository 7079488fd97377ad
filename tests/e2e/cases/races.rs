//! Cases 75 and 97: many at once.

use crate::harness::{client, indexer};
use kb_actions::RequestContext;
use kb_actions::portals;
use kb_domain::PortalDraft;
use kb_domain::{Audience, Comments, Kind, Locale, SuggestionId};
use kb_store::keys;
use kb_store::repo::{KeyScope, Suggestion};
use kb_testkit::{Answered, Client, Persona, Text, World};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::Future;

/// Runs them at once; the answers in no particular order.
async fn at_once<F>(all: impl IntoIterator<Item = F>) -> Vec<Answered>
where
    F: Future<Output = Answered> + Send + 'static,
{
    let mut running: tokio::task::JoinSet<Answered> = all.into_iter().collect();
    let mut answers = Vec::new();
    while let Some(answer) = running.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}

fn statuses(answers: &[Answered]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status).or_default() += 1;
    }
    counts
}

async fn with_article(seed: u64) -> (World, String, Client) {
    let mut world = World::new(seed);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en("Counter", "Nobody yet.");
    let id = world
        .article(
            (&portal, section),
            Kind::Explicit,
            "guide",
            Audience::public(),
            &[text],
        )
        .await
        .id;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let admin = client(&world).bearer(&world.key(&[KeyScope::Admin, KeyScope::Suggest]).await);
    (world, id.to_string(), admin)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_075_of_fifty_editors_at_once_one_wins_and_the_others_are_told_what_is_current() {
    let (mut world, id, admin) = with_article(75).await;
    let path = format!("/api/v1/articles/{id}/translations/en");
    let etag = admin.get(&path).await.header("etag").to_owned();
    let edits = (0..50).map(|n| {
        let (admin, path, etag) = (admin.clone(), path.clone(), etag.clone());
        let draft = json!({"title": "Counter", "body": {"format": "markdown", "source": format!("Editor {n}.")}});
        async move { admin.json("PUT", &path, &[("if-match", &etag)], &draft).await }
    });
    let answers = at_once(edits).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (412, 49)]));
    let now = admin.get(&path).await;
    for lost in answers.iter().filter(|a| a.status == 412) {
        assert_eq!(
            format!("\"{}\"", lost.json()["current_version"]),
            now.header("etag")
        );
    }
    let revisions = admin.get(&format!("{path}/revisions")).await.json();
    assert_eq!(revisions["items"].as_array().unwrap().len(), 2);

    // Those who begin again with what is current lose nothing.
    let adding = (0..8).map(|n| {
        let (admin, path) = (admin.clone(), path.clone());
        async move {
            loop {
                let now = admin.get(&path).await;
                let text = format!(
                    "{} Line {n}.",
                    now.json()["body"]["source"].as_str().unwrap()
                );
                let draft =
                    json!({"title": "Counter", "body": {"format": "markdown", "source": text}});
                let saved = admin
                    .json("PUT", &path, &[("if-match", now.header("etag"))], &draft)
                    .await;
                if saved.status != 412 {
                    return saved;
                }
            }
        }
    });
    assert_eq!(statuses(&at_once(adding).await), BTreeMap::from([(200, 8)]));
    let text = admin.get(&path).await.json()["body"]["source"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        (0..8).all(|n| text.contains(&format!("Line {n}."))),
        "{text}"
    );

    // Publishing, archiving and changing the head at once: each change stands on a state that somebody had read.
    let head = admin
        .get(&format!("/api/v1/articles/{id}"))
        .await
        .header("etag")
        .to_owned();
    let heads = (0..20).map(|n| {
        let (admin, id, head) = (admin.clone(), id.clone(), head.clone());
        async move {
            if n % 2 == 0 {
                admin
                    .send(
                        "POST",
                        &format!("/api/v1/articles/{id}/archive"),
                        &[("if-match", &head)],
                        "",
                    )
                    .await
            } else {
                admin
                    .json(
                        "PATCH",
                        &format!("/api/v1/articles/{id}"),
                        &[("if-match", &head)],
                        &json!({"labels": [format!("l{n}")]}),
                    )
                    .await
            }
        }
    });
    assert_eq!(
        statuses(&at_once(heads).await),
        BTreeMap::from([(200, 1), (412, 19)])
    );
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_075_a_first_translation_written_by_many_is_written_once() {
    let (mut world, id, admin) = with_article(76).await;
    let path = format!("/api/v1/articles/{id}/translations/zh-Hans");
    let firsts = (0..20).map(|n| {
        let (admin, path) = (admin.clone(), path.clone());
        let draft = json!({"title": format!("计数 {n}"), "body": {"format": "markdown", "source": "正文。"}});
        async move { admin.json("PUT", &path, &[], &draft).await }
    });
    let answers = at_once(firsts).await;
    let counts = statuses(&answers);
    assert_eq!(counts.get(&200), Some(&1), "{counts:?}");
    assert!(
        counts
            .keys()
            .all(|status| matches!(status, 200 | 412 | 428)),
        "{counts:?}"
    );
    let revisions = admin.get(&format!("{path}/revisions")).await.json();
    assert_eq!(revisions["items"].as_array().unwrap().len(), 1);
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_097_what_is_unique_is_made_once_however_many_ask() {
    let (mut world, _, admin) = with_article(98).await;
    let portals = (0..20).map(|n| {
        let admin = admin.clone();
        let portal = json!({"handle": "staff", "name": {"en": format!("Staff {n}")}, "locales": ["en"], "default_locale": "en", "entry": {"any": [{"level": "employee"}]}});
        async move { admin.post("/api/v1/portals", &portal).await }
    });
    assert_eq!(
        statuses(&at_once(portals).await),
        BTreeMap::from([(201, 1), (409, 19)])
    );
    let listed = admin.get("/api/v1/portals").await.json();
    let staff = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["handle"] == "staff");
    assert_eq!(staff.count(), 1);

    // A ticket that several webhooks bring is one ticket, and none of them is told to come again in vain.
    let ticket = json!({"system": "demo", "id": "77", "subject": "One ticket"});
    let tickets = (0..20).map(|_| {
        let (admin, ticket) = (admin.clone(), ticket.clone());
        async move { admin.post("/api/v1/tickets", &ticket).await }
    });
    assert_eq!(
        statuses(&at_once(tickets).await),
        BTreeMap::from([(200, 19), (201, 1)])
    );

    // What twenty agents do with one suggestion is all on record.
    let asked = json!({"ticket": {"system": "demo", "id": "78", "description": "The counter says nobody yet."}});
    let suggested = admin.post("/api/v1/suggestions", &asked).await.json();
    let id = suggested["id"].as_str().unwrap().to_owned();
    let acts = (0..20).map(|_| {
        let (admin, path) = (admin.clone(), format!("/api/v1/suggestions/{id}/actions"));
        let act = json!({"action": "opened", "article": suggested["suggestions"][0]["article"]});
        async move { admin.post(&path, &act).await }
    });
    assert_eq!(statuses(&at_once(acts).await), BTreeMap::from([(204, 20)]));
    let id: SuggestionId = id.parse().unwrap();
    let key = keys::suggestion(id.made_at().unwrap(), id);
    let record = world.kb.store().get::<Suggestion>(&key).await;
    let record = record.unwrap().unwrap();
    assert_eq!(record.value.actions.len(), 20);

    // A link signs in once, whoever of ten is first.
    let person = world
        .identity
        .person("test", "twin", &Persona::Agent.person("Twin", &[]))
        .await
        .unwrap();
    let link = world
        .identity
        .create_link(person, "/agent/inbox", kb_events::Actor::Operator)
        .await
        .unwrap()
        .secret;
    let people = (0..10).map(|_| {
        let identity = world.identity.clone();
        let link = link.clone();
        tokio::spawn(async move { identity.take_link(&link, "").await.unwrap().is_some() })
    });
    let people: Vec<_> = people.collect();
    let mut taken = 0;
    for one in people {
        taken += usize::from(one.await.unwrap());
    }
    assert_eq!(taken, 1);

    // One subject of an issuer is one person.
    let persons: Vec<_> = (0..10)
        .map(|_| {
            let identity = world.identity.clone();
            tokio::spawn(async move {
                identity
                    .person("issuer", "subject", &Persona::Customer.person("Same", &[]))
                    .await
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for one in persons {
        ids.insert(one.await.unwrap().unwrap());
    }
    assert_eq!(ids.len(), 1);
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test]
async fn case_097_two_portals_of_one_handle_cannot_be_made_from_one_state() {
    let mut world = World::new(99);
    let ctx: RequestContext = world.ctx(Persona::Admin).await;
    let draft = || PortalDraft {
        name: BTreeMap::from([(Locale::en(), "Twin".to_owned())]),
        locales: vec![Locale::en()],
        default_locale: Locale::en(),
        entry: Audience::public(),
        comments: Comments::Off,
    };
    let create = async || {
        let made = portals::create(&world.kb, &ctx, "twin".to_owned(), draft()).await;
        made.unwrap().commit(world.kb.store()).await
    };
    create().await.unwrap();
    let error = create().await.unwrap_err();
    assert_eq!(error.kind(), kb_domain::ErrorKind::Conflict, "{error}");
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_097_a_key_of_its_own_turns_no_race_into_a_refusal() {
    let (mut world, _, admin) = with_article(97).await;
    let tickets = (0..50).map(|n| {
        let (admin, key) = (admin.clone(), format!("ticket-{n}"));
        let ticket = json!({"system": "demo", "id": "7", "subject": format!("Post {n}")});
        async move {
            let headers = [("idempotency-key", key.as_str())];
            admin
                .json("POST", "/api/v1/tickets", &headers, &ticket)
                .await
        }
    });
    assert_eq!(
        statuses(&at_once(tickets).await),
        BTreeMap::from([(200, 49), (201, 1)])
    );

    // Every section changes the tree that the others have read.
    let portals = admin.get("/api/v1/portals").await.json();
    let path = format!(
        "/api/v1/portals/{}/sections",
        portals["items"][0]["id"].as_str().unwrap()
    );
    let before = admin.get(&path).await.json()["items"]
        .as_array()
        .unwrap()
        .len();
    let sections = (0..20).map(|n| {
        let (admin, path, key) = (admin.clone(), path.clone(), format!("section-{n}"));
        let category = json!({"name": {"en": format!("Category {n}")}});
        async move {
            let headers = [("idempotency-key", key.as_str())];
            admin.json("POST", &path, &headers, &category).await
        }
    });
    assert_eq!(
        statuses(&at_once(sections).await),
        BTreeMap::from([(201, 20)])
    );
    let after = admin.get(&path).await.json()["items"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(after, before + 20);
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}
