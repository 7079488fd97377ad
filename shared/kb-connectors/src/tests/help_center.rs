//! The Help Center as a source: what comes in, what changes, what goes, on clear days and on bad ones.

use super::World;
use crate::client::Class;
use crate::fakes::zendesk::{Lie, NewArticle, NewText, Segment, Weather};
use crate::port::{Fault, Next, Since, State};
use crate::pull::{Reconciled, Step, Why};
use crate::vendors::{Refused, vendor};
use kb_domain::remote::{CounterpartState, Gone, ReaderLevel, RemoteArticle, RemoteId, Trait, Use};
use kb_domain::{Clock, Timestamp};
use kb_store::keys;
use kb_store::repo::Progress;

/// An article as a look sees it now.
async fn look(world: &World, id: &RemoteId) -> State<RemoteArticle> {
    let found = world.source().fetch(std::slice::from_ref(id)).await;
    found.unwrap().remove(0).state
}

async fn whole(world: &World, id: &RemoteId) -> RemoteArticle {
    match look(world, id).await {
        State::Whole(article) => *article,
        other => panic!("{other:?}"),
    }
}

async fn progress(world: &World) -> Progress {
    let key = keys::progress(world.connection, "articles");
    world
        .store
        .get::<Progress>(&key)
        .await
        .unwrap()
        .unwrap()
        .value
}

#[tokio::test]
async fn an_article_comes_with_its_texts_readers_labels_and_files() {
    let world = World::new();
    let segment = world.fake.create_segment(Segment {
        name: "VIP".to_owned(),
        user_type: "signed_in_users".to_owned(),
        or_tags: vec!["gold".to_owned(), "silver".to_owned()],
        tags: vec!["eu".to_owned()],
        group_ids: Vec::new(),
    });
    let draft = NewText {
        is_draft: true,
        ..NewText::published("fr", "Mot de passe", "")
    };
    let number = world.fake.create_article(NewArticle {
        section: world.section,
        texts: vec![NewText::published("en-us", "Password", "<p>one</p>"), draft],
        segment: Some(segment),
        labels: vec!["login".to_owned()],
    });
    let id = RemoteId(number.to_string());
    assert!(whole(&world, &id).await.files.is_empty());
    let address = world
        .fake
        .attach(number, "step.png", "image/png", 1_234)
        .unwrap();
    let body = format!("<p><img src=\"{address}\" alt=\"a step\"></p>");
    world
        .fake
        .edit_article(number, NewText::published("en-us", "Password", &body));
    let article = whole(&world, &id).await;
    assert_eq!(article.places, [RemoteId(world.section.to_string())]);
    assert_eq!(article.readers, [RemoteId(segment.to_string())]);
    assert_eq!(article.labels.into_iter().collect::<Vec<_>>(), ["login"]);
    assert_eq!(article.source_language, "en-us");
    let texts: Vec<_> = article
        .texts
        .iter()
        .map(|t| (t.language.as_str(), t.draft))
        .collect();
    assert_eq!(texts, [("en-us", false), ("fr", true)]);
    assert_eq!(
        article.texts[0].html, body,
        "the body is passed on as it is"
    );
    let file = &article.files[0];
    assert_eq!(
        (file.name.as_str(), file.bytes, &file.address),
        ("step.png", Some(1_234), &address)
    );
}

#[tokio::test]
async fn the_shape_has_languages_places_in_places_and_rules() {
    let world = World::new();
    let fake = &world.fake;
    let category = fake.create_category(&[("en-us", "More")]);
    let inner = fake.create_section(category, Some(world.section), &[("en-us", "Inner")]);
    let rule = |user_type: &str, tags: &[&str]| Segment {
        name: user_type.to_owned(),
        user_type: user_type.to_owned(),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        ..Segment::default()
    };
    let staff = fake.create_segment(rule("staff", &["eu", "vip"]));
    let odd = fake.create_segment(rule("martians", &[]));
    let shape = world.source().shape().await.unwrap();
    assert_eq!(shape.languages, ["en-us", "fr", "zh-tw"]);
    let place = shape.place(&RemoteId(inner.to_string())).unwrap();
    assert_eq!(place.parent, Some(RemoteId(world.section.to_string())));
    let section = shape.place(&RemoteId(world.section.to_string())).unwrap();
    assert_eq!(section.names["zh-tw"], "開始");
    let path: Vec<_> = shape
        .path(&place.id)
        .iter()
        .map(|p| p.names["en-us"].as_str())
        .collect();
    assert_eq!(path, ["Inner", "Start", "Help"]);
    let rule = &shape.readers[&RemoteId(staff.to_string())];
    assert_eq!(rule.level, ReaderLevel::Staff);
    assert!(
        rule.parts.iter().all(|p| p.len() == 1) && rule.parts.len() == 2,
        "every tag"
    );
    assert!(rule.parts[0].contains(&Trait::new("tag", "eu")));
    assert_eq!(
        shape.readers[&RemoteId(odd.to_string())].level,
        ReaderLevel::Unknown
    );
}

#[tokio::test]
async fn everything_comes_by_a_listing_and_then_what_changes() {
    let world = World::new();
    let articles: Vec<_> = (0..120)
        .map(|n| world.article(&format!("Article {n}")))
        .collect();
    let Reconciled::Done(listing) = world.list().await else {
        panic!("it is plausible")
    };
    assert_eq!(
        (listing.listed, listing.written, listing.vanished),
        (120, 120, 0)
    );
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    let calls = world.fake.calls();
    assert!(calls < 30, "texts stand beside articles: {calls} calls");
    world.edit(articles[7].0, "New");
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    let says = world.ledger.says(&articles[7].1, "en-us").await.unwrap();
    assert!(says.contains("New"), "{says}");
    let again = world.list().await;
    let Reconciled::Done(listing) = again else {
        panic!("{again:?}")
    };
    assert_eq!(
        (listing.listed, listing.written),
        (120, 0),
        "a second run writes nothing"
    );
}

#[tokio::test]
async fn what_is_archived_or_deleted_there_is_archived_here_and_comes_back() {
    let world = World::new();
    let (kept, id) = world.article("Kept");
    let (deleted, gone) = world.article("Deleted");
    world.list().await;
    assert_eq!(world.source().count().await, Ok(Some(2)));
    world.fake.archive_article(kept);
    world.fake.delete_article(deleted);
    assert!(matches!(look(&world, &id).await, State::Gone(Gone::Unseen)));
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    assert!(
        world.ledger.says(&id, "en-us").await.is_some(),
        "no change tells of it"
    );
    assert_eq!(
        world.source().count().await,
        Ok(Some(0)),
        "but the number does"
    );
    let Reconciled::Done(listing) = world.list().await else {
        panic!("two may go")
    };
    assert_eq!(listing.vanished, 2);
    for id in [&id, &gone] {
        let state = world.ledger.of(id).await.unwrap().state;
        assert!(matches!(state, CounterpartState::Gone { .. }), "{state:?}");
    }
    world.fake.restore_article(kept);
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    assert!(
        world
            .ledger
            .says(&id, "en-us")
            .await
            .unwrap()
            .contains("Kept")
    );
}

#[tokio::test]
async fn moved_narrowed_and_labelled_articles_change_here_with_the_next_step() {
    let world = World::new();
    let (number, id) = world.article("One");
    world.list().await;
    let other = world
        .fake
        .create_section(world.section, None, &[("en-us", "Other")]);
    let segment = world.fake.create_segment(Segment::default());
    for change in 0..3 {
        let before = world.ledger.says(&id, "").await.unwrap();
        world.clock.advance(61);
        match change {
            0 => world.fake.move_article(number, other),
            1 => world.fake.set_readers(number, Some(segment)),
            _ => world.fake.set_labels(number, &["new"]),
        };
        assert_eq!(world.catch_up().await, Step::CaughtUp);
        assert_ne!(world.ledger.says(&id, "").await.unwrap(), before);
    }
    world.fake.rename_section(other, "en-us", "Renamed");
    world
        .fake
        .move_section(other, world.section, Some(world.section));
    let shape = world.source().shape().await.unwrap();
    let place = shape.place(&RemoteId(other.to_string())).unwrap();
    assert_eq!(place.names["en-us"], "Renamed");
    assert_eq!(place.parent, Some(RemoteId(world.section.to_string())));
}

#[tokio::test]
async fn more_than_a_page_of_one_second_is_left_to_a_listing() {
    let world = World::new();
    world.catch_up().await;
    for n in 0..1_050 {
        world.article(&format!("Article {n}"));
    }
    assert_eq!(
        world.catch_up().await,
        Step::CaughtUp,
        "it goes on behind the second"
    );
    assert_eq!(world.ledger.in_use().await, 1_000);
    assert_eq!(progress(&world).await.gaps.len(), 1);
    let Reconciled::Done(listing) = world.list().await else {
        panic!("nothing is gone")
    };
    assert_eq!(listing.listed, 1_050);
    assert_eq!(world.ledger.in_use().await, 1_050);
    assert_eq!(progress(&world).await.gaps.len(), 0, "the gap is closed");
}

#[tokio::test]
async fn half_of_the_articles_missing_in_a_listing_takes_nothing_away() {
    let world = World::new();
    for n in 0..120 {
        world.article(&format!("Article {n}"));
    }
    world.list().await;
    world.fake.lie(Lie::HalfListed);
    let held = world.list().await;
    assert_eq!(
        held,
        Reconciled::Held {
            missing: 60,
            of: 120
        }
    );
    assert_eq!(world.ledger.in_use().await, 120);
    world.fake.tell_the_truth();
    assert!(matches!(world.list().await, Reconciled::Done(l) if l.vanished == 0));
}

#[tokio::test]
async fn what_a_listing_misses_is_looked_at_before_it_goes() {
    let world = World::new();
    for n in 0..40 {
        world.article(&format!("Article {n}"));
    }
    world.list().await;
    world.fake.lie(Lie::HalfListed);
    let done = world.list().await;
    assert!(
        matches!(&done, Reconciled::Done(l) if l.vanished == 0),
        "{done:?}"
    );
    assert_eq!(
        world.ledger.in_use().await,
        40,
        "twenty were missing and are there"
    );
}

#[tokio::test]
async fn a_listing_that_never_ends_or_leads_elsewhere_counts_for_nothing() {
    let world = World::new();
    let (number, _) = world.article("One");
    world.list().await;
    world.fake.archive_article(number);
    world.wire.seen().is_lax = true;
    world.fake.lie(Lie::SamePageAgain);
    assert_eq!(world.list().await, Reconciled::Stuck);
    world.fake.tell_the_truth();
    world.fake.lie(Lie::PageElsewhere);
    for n in 0..60 {
        world.article(&format!("Article {n}"));
    }
    let stopped = world.list().await;
    assert!(
        matches!(&stopped, Reconciled::Stopped(Fault::Refused { code, .. }) if code == "elsewhere"),
        "{stopped:?}"
    );
    let hosts: Vec<_> = world.wire.seen().hosts.iter().cloned().collect();
    assert_eq!(
        hosts,
        [("acme.zendesk.com".to_owned(), true)],
        "no grant goes to another host"
    );
    assert_eq!(
        world
            .ledger
            .of(&RemoteId(number.to_string()))
            .await
            .unwrap()
            .state,
        CounterpartState::Current
    );
}

#[tokio::test]
async fn shapes_that_never_end_are_no_shapes() {
    let world = World::new();
    world.wire.seen().is_lax = true;
    world.fake.lie(Lie::SamePageAgain);
    let shape = world.source().shape().await;
    assert!(matches!(shape, Err(Fault::Unreachable(_))), "{shape:?}");
}

#[tokio::test]
async fn an_end_that_is_a_lie_neither_skips_nor_repeats() {
    for lie in [Lie::EndAhead, Lie::EndBack] {
        let world = World::new();
        world.catch_up().await;
        world.wire.seen().is_lax = true;
        world.fake.lie(lie);
        let (_, first) = world.article("First");
        assert_eq!(world.step().await, Step::CaughtUp, "{lie:?}");
        let (_, second) = world.article("Second");
        world.step().await;
        world.fake.tell_the_truth();
        let (_, third) = world.article("Third");
        world.catch_up().await;
        for id in [first, second, third] {
            assert!(world.ledger.of(&id).await.is_some(), "{lie:?}: {id}");
        }
    }
}

#[tokio::test]
async fn times_that_are_lies_do_not_keep_later_changes_out() {
    let world = World::new();
    let (number, id) = world.article("One");
    world.wire.seen().is_lax = true;
    world.fake.lie(Lie::TimesAhead);
    world.list().await;
    world.fake.tell_the_truth();
    world.clock.advance(61);
    world.edit(number, "Two");
    world.catch_up().await;
    assert!(
        world
            .ledger
            .says(&id, "en-us")
            .await
            .unwrap()
            .contains("Two")
    );
    world.fake.lie(Lie::NoTimes);
    world.edit(number, "Three");
    world.ledger.later().clear();
    world.list().await;
    let put_off = world
        .ledger
        .later()
        .iter()
        .any(|(_, why, _)| matches!(why, Why::Unreadable(_)));
    assert!(
        put_off,
        "what cannot be understood is tried again by itself"
    );
    assert!(
        world
            .ledger
            .says(&id, "en-us")
            .await
            .unwrap()
            .contains("Two")
    );
}

#[tokio::test]
async fn case_071_an_article_that_cannot_be_understood_holds_up_none_of_a_hundred() {
    let world = World::new();
    for n in 0..100 {
        world.article(&format!("Article {n}"));
    }
    world.wire.seen().is_lax = true;
    world.fake.lie(Lie::OneIllegible);
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    assert_eq!(world.ledger.in_use().await, 99);
    let put_off: Vec<Why> = world.ledger.later().iter().map(|l| l.1.clone()).collect();
    assert!(matches!(&put_off[..], [Why::Unreadable(_)]), "{put_off:?}");
    world.fake.tell_the_truth();
    assert!(matches!(world.list().await, Reconciled::Done(l) if l.written == 1));
    assert_eq!(world.ledger.in_use().await, 100);
}

#[tokio::test]
async fn a_good_answer_without_its_list_is_a_fault_and_not_an_empty_help_center() {
    let world = World::new();
    world.article("One");
    world.list().await;
    world.wire.seen().is_lax = true;
    world.fake.lie(Lie::GoodError);
    let source = world.source();
    let floor = Since::Floor(world.clock.now());
    for fault in [
        source.changed(floor, 10).await.err(),
        source.listed(None, 10).await.err(),
        source.shape().await.err(),
    ] {
        assert!(matches!(fault, Some(Fault::Unreachable(_))), "{fault:?}");
    }
    assert_eq!(source.count().await, Ok(None));
    assert!(matches!(world.list().await, Reconciled::Stopped(_)));
    assert_eq!(world.ledger.in_use().await, 1);
}

#[tokio::test]
async fn bad_weather_stops_a_step_and_moves_nothing() {
    let world = World::new();
    world.catch_up().await;
    let (_, id) = world.article("One");
    let cursor = progress(&world).await.cursor;
    world.wire.seen().is_lax = true;
    for weather in [
        Weather::Busy(Some(30)),
        Weather::Busy(None),
        Weather::Down,
        Weather::Broken,
    ] {
        world.fake.set_weather(weather);
        let stopped = world.step().await;
        assert!(
            matches!(
                stopped,
                Step::Stopped(Fault::Busy(_) | Fault::Unreachable(_))
            ),
            "{weather:?}: {stopped:?}"
        );
        assert_eq!(progress(&world).await.cursor, cursor, "{weather:?}");
    }
    assert!(
        progress(&world).await.stumble.is_some(),
        "whoever looks is told"
    );
    world.fake.set_weather(Weather::Clear);
    world.clock.advance(3_600);
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    assert!(world.ledger.of(&id).await.is_some());
    assert!(progress(&world).await.stumble.is_none());
}

#[tokio::test]
async fn a_grant_that_is_revoked_stops_everything_until_somebody_consents() {
    let world = World::new();
    world.catch_up().await;
    world.article("One");
    world.fake.revoke_grants();
    *world.bearer.is_over.lock().unwrap() = true;
    assert!(matches!(world.step().await, Step::Stopped(Fault::Grant(_))));
    *world.bearer.is_over.lock().unwrap() = false;
    assert_eq!(world.catch_up().await, Step::CaughtUp);
    assert_eq!(world.ledger.in_use().await, 1);
}

#[tokio::test]
async fn young_states_are_looked_at_once_more_and_old_ones_are_not() {
    let world = World::new();
    let (_, id) = world.article("One");
    world.clock.advance(-61);
    world.list_step().await;
    world.clock.advance(-61);
    world.list_step().await;
    let later = world.ledger.later().clone();
    assert!(
        matches!(&later[..], [(young, Why::Young, until)] if *young == id && *until > world.clock.now()),
        "{later:?}"
    );
    world.list().await;
    world.article("Two");
    world.ledger.later().clear();
    world.list().await;
    assert_eq!(world.ledger.in_use().await, 2);
    assert!(world.ledger.later().is_empty(), "a minute is old enough");
}

#[tokio::test]
async fn a_probe_says_what_a_grant_does_not_reach() {
    let zendesk = vendor("zendesk").unwrap();
    let probe = async |scopes: &[&'static str]| {
        let world = World::with_scopes(scopes);
        let client = world.client(Class::Live, 100);
        zendesk.probe(&client, Use::KnowledgeIn).await
    };
    let good = probe(&["hc:read", "users:read"]).await.unwrap();
    assert_eq!(
        (good.who.as_str(), good.role.as_str(), good.refused.len()),
        ("Mia Chen", "admin", 0)
    );
    let less = probe(&["users:read"]).await.unwrap();
    assert_eq!(
        less.refused,
        [Refused::Structure, Refused::Articles, Refused::Readers]
    );
    assert!(matches!(
        probe(&["tickets:read"]).await,
        Err(Fault::Forbidden(_))
    ));
}

#[tokio::test]
async fn a_cursor_of_another_time_begins_the_stream_again() {
    let world = World::new();
    let cursor = kb_domain::remote::Cursor("a form of before".to_owned());
    let fault = world
        .source()
        .changed(Since::Cursor(&cursor), 10)
        .await
        .err();
    assert_eq!(fault, Some(Fault::CursorExpired));
}

#[tokio::test]
async fn an_id_that_leads_elsewhere_is_none() {
    let world = World::new();
    let page = world
        .source()
        .changed(Since::Floor(Timestamp(0)), 10)
        .await
        .unwrap();
    assert!(matches!(page.next, Next::CaughtUp(_)) && page.items.is_empty());
    for id in [
        "1/translations",
        "../../../oauth/tokens",
        "1?include=users",
        "..",
    ] {
        let odd = RemoteId(id.to_owned());
        let found = world.source().fetch(std::slice::from_ref(&odd)).await;
        assert!(
            matches!(found, Err(Fault::Refused { .. })),
            "{id}: {found:?}"
        );
    }
}
