//! What time does: tombstones leave the index after seven days, expired rows the disk.

use crate::harness::{client, follower, indexer, jobs};
use async_trait::async_trait;
use fn_indexer::Indexer;
use kb_actions::articles;
use kb_actions::tree::{self, NodeChange};
use kb_domain::{Article, Audience, Kind, NodeId, Portal, SectionId};
use kb_runtime::feature::Works;
use kb_search::Part;
use kb_store::repo::{KeyScope, Portals};
use kb_store::{Consumer, FeedRecord, Outcome, Table, TableName};
use kb_testkit::{Client, Persona, Text, World};

const DAY: i64 = 86_400;

/// A text of so many words that it is cut into several parts.
fn long(title: &str) -> Text {
    let section = format!(
        "## More\n\n{}\n\n",
        "the heron plan in many words ".repeat(120)
    );
    Text::en(title, &section.repeat(4))
}

async fn article(world: &mut World, place: (&Portal, SectionId), text: Text) -> Article {
    world
        .article(place, Kind::Explicit, "faq", Audience::public(), &[text])
        .await
}

/// The parts of an article that are in the index, text and tombstones.
async fn parts(world: &World, article: &Article) -> (Vec<Part>, usize) {
    let found = world.kb.index().parts(&[article.id]).await.unwrap();
    let ids: Vec<_> = found.into_iter().map(|(id, _)| id).collect();
    let loaded = world.kb.index().load(&ids).await.unwrap();
    let (gone, live): (Vec<Part>, Vec<Part>) =
        loaded.into_iter().flatten().partition(Part::is_tombstone);
    (live, gone.len())
}

async fn late_write(world: &World, parts: &[Part]) {
    world.kb.index().write(parts.to_vec()).await.unwrap();
    world.kb.index().refresh().await.unwrap();
}

async fn found(world: &World) -> u64 {
    let answer = client(world).get("/api/v1/search?q=heron").await.json();
    answer["total"]["value"].as_u64().unwrap()
}

#[tokio::test]
async fn an_archived_article_leaves_the_index_after_seven_days_and_no_late_write_brings_it_back() {
    let mut world = World::new(11);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let made = article(&mut world, (&portal, section), long("Heron plan")).await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let (before, _) = parts(&world, &made).await;
    assert!(before.len() > 1);
    assert_eq!(found(&world).await, 1);

    let ctx = world.ctx(Persona::Admin).await;
    let whole = articles::read(&world.kb, &ctx, made.id).await.unwrap();
    articles::archive(&world.kb, &ctx, whole).await.unwrap();
    world.touched();
    world.settle(&indexer).await;
    assert_eq!(parts(&world, &made).await, (Vec::new(), before.len()));

    world.advance(7 * DAY - 1);
    world.run_due(jobs(&world)).await;
    late_write(&world, &before).await;
    assert_eq!(parts(&world, &made).await, (Vec::new(), before.len()));
    assert_eq!(found(&world).await, 0);

    world.advance(1);
    assert_eq!(world.run_due(jobs(&world)).await, 1);
    assert_eq!(parts(&world, &made).await, (Vec::new(), 0));
    world.settle(&indexer).await;
}

#[tokio::test]
async fn a_shorter_article_keeps_its_text_and_tombstones_that_were_renewed_stand_longer() {
    let mut world = World::new(12);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let made = article(&mut world, (&portal, section), long("Heron plan")).await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let (before, _) = parts(&world, &made).await;
    let short = |body: &str| Text::en("Heron plan", body);
    world.publish(made.id, &short("42 crowns.")).await.unwrap();
    world.settle(&indexer).await;
    assert_eq!(parts(&world, &made).await.1, before.len() - 1);

    world.advance(3 * DAY);
    world.publish(made.id, &short("43 crowns.")).await.unwrap();
    world.settle(&indexer).await;
    world.advance(4 * DAY);
    world.run_due(jobs(&world)).await;
    late_write(&world, &before).await;
    assert_eq!(parts(&world, &made).await.1, before.len() - 1);

    world.advance(3 * DAY);
    world.run_due(jobs(&world)).await;
    let (live, tombstones) = parts(&world, &made).await;
    assert_eq!((live.len(), tombstones), (1, 0));
    assert_eq!(found(&world).await, 1);
    world.settle(&indexer).await;
}

#[tokio::test]
async fn an_article_that_came_back_before_its_tombstones_went_stays() {
    let mut world = World::new(13);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let made = article(&mut world, (&portal, section), long("Heron plan")).await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let (before, _) = parts(&world, &made).await;
    let ctx = world.ctx(Persona::Admin).await;
    let whole = articles::read(&world.kb, &ctx, made.id).await.unwrap();
    let archived = articles::archive(&world.kb, &ctx, whole).await.unwrap();
    world.touched();
    world.settle(&indexer).await;
    world.advance(DAY);
    let ctx = world.ctx(Persona::Admin).await;
    articles::restore(&world.kb, &ctx, archived).await.unwrap();
    world.touched();
    world.settle(&indexer).await;
    world.advance(30 * DAY);
    assert!(world.run_due(jobs(&world)).await > 0);
    let (live, tombstones) = parts(&world, &made).await;
    assert_eq!((live.len(), tombstones), (before.len(), 0));
    assert_eq!(found(&world).await, 1);
    world.settle(&indexer).await;
}

#[tokio::test]
async fn a_repeated_event_writes_no_second_timer() {
    let mut world = World::new(14);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let made = article(&mut world, (&portal, section), long("Heron plan")).await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let short = Text::en("Heron plan", "42 crowns.");
    world.publish(made.id, &short).await.unwrap();
    world.settle(&indexer).await;
    // A consumer of this name that has seen nothing: it is given every event from the beginning, some of them twice.
    let again = Renamed(crate::harness::indexer(&world));
    world.settle(&again).await;
    world.advance(7 * DAY);
    assert_eq!(on_disk(&world, "timer.1").await, 1);
    assert_eq!(world.run_due(jobs(&world)).await, 1);
    assert_eq!(parts(&world, &made).await.1, 0);
    world.settle(&indexer).await;
}

/// The indexer under a name that the feed does not know yet.
struct Renamed(Indexer);

#[async_trait]
impl Consumer for Renamed {
    fn name(&self) -> &'static str {
        "indexer again"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        self.0.consume(batch).await
    }
}

/// Rows of one kind on the disk, expired or not.
async fn on_disk(world: &World, kind: &str) -> usize {
    let page = world.store.walk(TableName::Main, 0, 1, 100_000, None);
    let rows = page.await.unwrap().rows;
    rows.iter().filter(|(_, row)| row.kind == kind).count()
}

#[tokio::test]
async fn the_daily_sweep_takes_what_expired_off_the_disk_and_leaves_the_rest() {
    let mut world = World::new(15);
    world.key(&[KeyScope::Read]).await;
    world.session(Persona::Agent, &[]).await;
    let works = Works::new(world.kb.clone(), world.fetch.clone(), world.vault.clone());
    assert_eq!(world.run_due(sidenote::app::jobs(&works)).await, 0);
    assert_eq!(on_disk(&world, "session.2").await, 1);
    world.advance(DAY);
    let fresh = world.session(Persona::Employee, &["hr"]).await;
    assert_eq!(on_disk(&world, "session.2").await, 2);
    let before = world.store.walk(TableName::Main, 0, 1, 100_000, None);
    let before = before.await.unwrap().rows.len();
    // The sweep, and the merge of the index.
    assert_eq!(world.run_due(sidenote::app::jobs(&works)).await, 2);
    assert_eq!(on_disk(&world, "session.2").await, 1);
    let after = world.store.walk(TableName::Main, 0, 1, 100_000, None);
    assert_eq!(after.await.unwrap().rows.len(), before - 1);
    let signed_in = world.identity.session(&fresh).await.unwrap();
    assert!(signed_in.is_some());
    let indexer = indexer(&world);
    world.settle(&indexer).await;
}

#[tokio::test]
async fn a_program_that_runs_already_takes_the_lexicon_that_another_one_made() {
    let mut world = World::new(12);
    let (portal, section) = world.portal("help", Audience::public()).await;
    // Another program on the same engines, which has started before anything was indexed.
    let other = world.deps_for(fn_search::NEEDS);
    let lexicon = other.kb.lexicon().clone();
    let client = Client::new(sidenote::commands::router(other));
    client.get("/api/v1/search?q=heron").await;
    assert_eq!(lexicon.get().all.parts(), 0);
    article(
        &mut world,
        (&portal, section),
        Text::en("Heron plan", "Wait for the tide."),
    )
    .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    client.get("/api/v1/search?q=heron").await;
    assert_eq!(lexicon.get().all.parts(), 1);
}

#[tokio::test]
async fn a_renamed_section_is_found_by_its_new_name_and_no_longer_by_the_old_one() {
    let mut world = World::new(13);
    let (portal, _) = world.portal("help", Audience::public()).await;
    let tree = Portals::tree(world.kb.store(), portal.id).await;
    let tree = tree.unwrap().unwrap();
    let category = tree.value.children(None)[0].id;
    let node = world.node(&portal, Some(category), "Estuary").await;
    let NodeId::Section(section) = node.id else {
        panic!("{node:?}");
    };
    // More than one run of the job looks at.
    for n in 0..250 {
        let text = Text::en(&format!("Plan {n}"), "Wait for the tide.");
        article(&mut world, (&portal, section), text).await;
    }
    let (indexer, follower) = (indexer(&world), follower(&world));
    let found = async |world: &World, word: &str| {
        let answer = client(world)
            .get(&format!("/api/v1/search?q={word}"))
            .await
            .json();
        answer["total"]["value"].as_u64().unwrap()
    };
    world.settle(&indexer).await;
    world.settle(&follower).await;
    world.advance(60);
    while world.run_due(jobs(&world)).await > 0 {}
    assert_eq!(
        (
            found(&world, "estuary").await,
            found(&world, "lagoon").await
        ),
        (250, 0)
    );

    let ctx = world.ctx(Persona::Admin).await;
    let tree = Portals::tree(world.kb.store(), portal.id).await;
    let tree = tree.unwrap().unwrap();
    let name = [(portal.default_locale.clone(), "Lagoon".to_owned())];
    let change = NodeChange {
        name: Some(name.into()),
        ..NodeChange::default()
    };
    tree::update(&world.kb, &ctx, portal.id, &tree, node.id, change)
        .await
        .unwrap();
    world.touched();
    world.settle(&indexer).await;
    world.settle(&follower).await;
    world.advance(60);
    let mut runs = 0;
    while world.run_due(jobs(&world)).await > 0 {
        runs += 1;
    }
    assert_eq!(runs, 2);
    assert_eq!(
        (
            found(&world, "estuary").await,
            found(&world, "lagoon").await
        ),
        (0, 250)
    );
    world.settle(&indexer).await;
    world.settle(&follower).await;
}
