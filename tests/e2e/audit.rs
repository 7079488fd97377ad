//! What events say afterwards: who it was, which text, and why.

use crate::harness::{client, indexer};
use kb_actions::import::{Folder, Item, Run, Undone, apply, runs, undo};
use kb_domain::{ArticleId, Audience, Body, BodyFormat, Kind, Locale, PortalId, RevisionId};
use kb_events::{Actor, Cause, Event, FirstText, Happened};
use kb_store::record::read;
use kb_store::repo::{Articles, ItemOutcome};
use kb_store::{IndexName, Query, Table, TableName, keys};
use kb_testkit::{Persona, Text, World};
use serde_json::json;

/// Every event, oldest first.
async fn events(world: &World) -> Vec<Event> {
    let page = world.store.walk(TableName::Main, 0, 1, 10_000, None).await;
    let rows = page.unwrap().rows.into_iter();
    let rows = rows.filter(|(key, _)| key.partition.starts_with("EVT#"));
    let mut events: Vec<Event> = rows
        .map(|(key, row)| read(&key, &row).unwrap().value)
        .collect();
    events.sort_by_key(|event| (event.at, event.id));
    events
}

#[tokio::test]
async fn two_people_of_one_name_are_two_actors_and_each_one_s_events_are_found() {
    let mut world = World::new(31);
    let mut people = Vec::new();
    for n in 0..2 {
        let person = Persona::Agent.person("Mia Chen", &[]);
        let subject = format!("mia-{n}");
        let person = world.identity.person("test", &subject, &person).await;
        let person = person.unwrap();
        let session = world.identity.open_session(person, false).await.unwrap();
        let agent = client(&world).session(&session.secret);
        let ticket = json!({"system": "demo", "id": subject, "subject": "Scanner"});
        assert_eq!(agent.post("/api/v1/tickets", &ticket).await.status, 201);
        people.push((person, subject));
    }
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    assert_ne!(people[0].0, people[1].0);
    for (person, subject) in people {
        let id = kb_domain::EventId::new(world.kb.ids().uuid());
        let (partition, _) = keys::event_by_actor(&person.to_string(), id);
        let asked = Query {
            index: Some(IndexName::Person),
            ..Query::partition(partition, world.kb.now().unix_seconds())
        };
        let found = world.store.query(TableName::Main, &asked).await.unwrap();
        let found = found.rows.iter();
        let found: Vec<Event> = found
            .map(|(key, row)| read(key, row).unwrap().value)
            .collect();
        assert!(
            found.iter().all(|e| e.actor == Actor::Person(person)),
            "{found:?}"
        );
        let put = found.iter().map(|e| e.what.subject());
        let put: Vec<String> = put.filter(|s| s.starts_with("ticket:")).collect();
        assert_eq!(put, [format!("ticket:demo:{subject}")]);
    }
}

#[tokio::test]
async fn a_publish_names_the_language_and_the_revision() {
    let mut world = World::new(32);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let texts = [
        Text::en("Heron", "The heron waits."),
        Text::of("zh-Hant", "鷺", "鷺在等。"),
    ];
    let public = Audience::public();
    let article = world
        .article((&portal, section), Kind::Explicit, "guide", public, &texts)
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let mut published = Vec::new();
    for event in events(&world).await {
        if matches!(event.what, Happened::TranslationPublished { .. }) {
            published.push(event.what);
        }
    }
    let mut wanted = Vec::new();
    for locale in ["en", "zh-Hant"] {
        let (locale, revision) = live(&world, article.id, locale).await;
        wanted.push(Happened::TranslationPublished {
            article: article.id,
            locale,
            revision: revision.unwrap(),
            cause: Cause::Edit,
        });
    }
    assert_eq!(published, wanted);
}

/// A language and its live revision.
async fn live(world: &World, article: ArticleId, locale: &str) -> (Locale, Option<RevisionId>) {
    let locale: Locale = locale.parse().unwrap();
    let whole = Articles::whole(world.kb.store(), article).await.unwrap();
    let text = whole.unwrap().translation(&locale).unwrap().value.live;
    (locale, text)
}

fn item(body: &str) -> Item {
    let folder = |name: &str| Folder {
        external: name.to_owned(),
        name: name.to_owned(),
        language: None,
        summary: None,
        others: Vec::new(),
        position: None,
    };
    Item {
        name: "heron.md".to_owned(),
        external_id: "heron".to_owned(),
        known_as: Vec::new(),
        locale: Some("zh-Hans".parse().unwrap()),
        folders: vec![folder("birds"), folder("waders")],
        title: "鹭".to_owned(),
        summary: String::new(),
        body: Body {
            format: BodyFormat::Markdown,
            source: body.to_owned(),
        },
        kind: None,
        article_type: None,
        labels: Vec::new(),
        audience: Some(Audience::public()),
        redirects: Vec::new(),
        position: None,
        order: None,
        draft: false,
        pictures: false,
        warnings: Vec::new(),
        notes: Vec::new(),
        portal: None,
        origin: None,
    }
}

/// Runs an import of one item; answers what it was, and the run.
async fn import(world: &World, portal: PortalId, body: &str) -> (ItemOutcome, Run) {
    let ctx = world.ctx(Persona::Admin).await;
    let import = runs::begin(&world.kb, &ctx, json!({})).await.unwrap();
    let run = Run {
        import: import.value,
        also: Vec::new(),
        portal,
        audience: None,
        locale: Locale::en(),
        draft: false,
    };
    let ctx = world.ctx(Persona::Admin).await;
    let outcome = apply(&world.kb, &ctx, &run, 0, &item(body)).await.unwrap();
    (outcome, run)
}

async fn take_back(world: &World, run: &Run) -> Undone {
    let ctx = world.ctx(Persona::Admin).await;
    let items = runs::items(&world.kb, &ctx, run.import.id).await.unwrap();
    let versions = items.iter().map(|i| i.version).collect();
    undo(&world.kb, &ctx, run.import.id, &items[0], &versions)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_import_and_its_undo_name_language_revision_and_cause() {
    let mut world = World::new(33);
    let (portal, _) = world.portal("help", Audience::public()).await;
    let (outcome, first) = import(&world, portal.id, "鹭在等。").await;
    assert_eq!(outcome, ItemOutcome::Created);
    let created = events(&world).await.into_iter().map(|e| e.what);
    let mut created = created.filter(|w| matches!(w, Happened::ArticleCreated { .. }));
    let Some(Happened::ArticleCreated {
        article,
        text,
        cause,
    }) = created.next_back()
    else {
        panic!("an article was made");
    };
    let (locale, revision) = live(&world, article, "zh-Hans").await;
    let wanted = FirstText {
        locale: locale.clone(),
        revision: revision.unwrap(),
        live: true,
    };
    assert_eq!(
        (text, cause),
        (Some(wanted), Cause::Import(first.import.id))
    );

    let (outcome, second) = import(&world, portal.id, "鹭在睡。").await;
    assert_eq!(outcome, ItemOutcome::Updated);
    let (_, revision) = live(&world, article, "zh-Hans").await;
    let last = async || events(&world).await.pop().unwrap().what;
    let updated = Happened::TranslationPublished {
        article,
        locale: locale.clone(),
        revision: revision.unwrap(),
        cause: Cause::Import(second.import.id),
    };
    assert_eq!(last().await, updated);

    assert_eq!(take_back(&world, &second).await, Undone::Done);
    let reverted = Happened::TranslationReverted {
        article,
        locale,
        cause: Cause::Undo(second.import.id),
    };
    assert_eq!(last().await, reverted);
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test]
async fn an_article_that_an_import_made_is_archived_by_its_undo_and_the_event_says_so() {
    let mut world = World::new(34);
    let (portal, _) = world.portal("help", Audience::public()).await;
    let (_, run) = import(&world, portal.id, "鹭在等。").await;
    assert_eq!(take_back(&world, &run).await, Undone::Done);
    let last = events(&world).await.pop().unwrap().what;
    let Happened::ArticleArchived { cause, .. } = last else {
        panic!("{last:?}");
    };
    assert_eq!(cause, Cause::Undo(run.import.id));
    world.touched();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}
