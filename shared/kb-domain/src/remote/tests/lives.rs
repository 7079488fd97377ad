//! A connection from state to state, and its maps of languages and places.

use super::*;
use crate::locale::Locale;
use proptest::prelude::*;

fn made() -> Connection {
    Connection::made(ConnectionId::of_nothing(), "zendesk", "zendesk:acme", None)
}

fn working() -> Connection {
    let tried = made().granted().tried(Use::KnowledgeIn).unwrap();
    tried.started(Use::KnowledgeIn).unwrap()
}

#[test]
fn a_connection_is_made_granted_tried_and_started_in_this_order() {
    let new = made();
    assert!(new.tried(Use::KnowledgeIn).is_err() && new.started(Use::KnowledgeIn).is_err());
    let granted = new.granted();
    assert!(
        granted.started(Use::KnowledgeIn).is_err(),
        "nobody has seen what comes"
    );
    let tried = granted.tried(Use::KnowledgeIn).unwrap();
    assert!(tried.asks(Use::KnowledgeIn) && !tried.writes(Use::KnowledgeIn));
    assert!(
        tried.tried(Use::KnowledgeIn).is_ok(),
        "as often as one likes"
    );
    let started = tried.started(Use::KnowledgeIn).unwrap();
    assert!(started.writes(Use::KnowledgeIn));
    assert!(started.started(Use::KnowledgeIn).is_err() && started.tried(Use::KnowledgeIn).is_err());
}

#[test]
fn a_pause_outlives_a_grant_that_ends_and_comes_back() {
    let paused = working().paused(NOW).unwrap();
    assert!(!paused.asks(Use::KnowledgeIn) && paused.paused(NOW).is_err());
    let over = paused.needs_consent(Dying::Refused, NOW).unwrap();
    let again = over
        .needs_consent(Dying::Lost, NOW.plus_seconds(5))
        .unwrap();
    assert_eq!(again, over, "the first reason stays");
    let back = over.granted();
    assert_eq!(
        (back.state, back.asks(Use::KnowledgeIn)),
        (ConnectionState::Granted, false)
    );
    let resumed = back.resumed().unwrap();
    assert!(resumed.writes(Use::KnowledgeIn) && resumed.resumed().is_err());
}

#[test]
fn without_a_grant_nothing_is_asked() {
    let over = working().needs_consent(Dying::Refused, NOW).unwrap();
    let revoked = working().revoked(NOW).unwrap();
    for silent in [made(), over, revoked.clone()] {
        assert!(!silent.asks(Use::KnowledgeIn), "{:?}", silent.state);
    }
    assert!(made().needs_consent(Dying::Refused, NOW).is_err());
    for refused in [revoked.paused(NOW), revoked.resumed(), revoked.revoked(NOW)] {
        assert!(refused.is_err());
    }
    let again = revoked.granted();
    assert!(
        again.asks(Use::KnowledgeIn) && !again.writes(Use::KnowledgeIn),
        "dry first"
    );
}

#[test]
fn more_than_a_fifth_and_more_than_fifty_hold_until_an_admin_says_so_once() {
    let on = working();
    assert_eq!(on.may_vanish(Use::KnowledgeIn, 100), 50);
    assert_eq!(on.may_vanish(Use::KnowledgeIn, 2_000), 400);
    let held = on.held(Use::KnowledgeIn, 500, 2_000, NOW).unwrap();
    assert!(
        held.writes(Use::KnowledgeIn),
        "what changes comes in all the same"
    );
    assert_eq!(held.may_vanish(Use::KnowledgeIn, 2_000), 400);
    let allowed = held.allowed(Use::KnowledgeIn).unwrap();
    assert_eq!(allowed.may_vanish(Use::KnowledgeIn, 2_000), 500);
    assert_eq!(allowed.listed(Use::KnowledgeIn), on, "the word is spent");
    assert_eq!(
        held.listed(Use::KnowledgeIn),
        on,
        "a plausible listing needs no admin"
    );
    assert!(on.allowed(Use::KnowledgeIn).is_err());
    let dry = made().granted().tried(Use::KnowledgeIn).unwrap();
    assert!(dry.held(Use::KnowledgeIn, 500, 2_000, NOW).is_err());
    assert_eq!(
        (
            dry.may_vanish(Use::KnowledgeIn, 100),
            dry.listed(Use::KnowledgeIn)
        ),
        (0, dry)
    );
}

#[test]
fn of_languages_that_fold_alike_the_default_one_has_the_locale() {
    let theirs = ["zh-tw", "en-us", "zh-hk", "en-gb", "x-pirate"].map(str::to_owned);
    let (languages, left_out) = Languages::default().with(&theirs);
    let locale = |text: &str| text.parse::<Locale>().unwrap();
    assert_eq!(languages.ours("zh-tw"), Some(&locale("zh-Hant")));
    assert_eq!(languages.ours("en-gb"), Some(&locale("en-GB")));
    assert_eq!(languages.theirs(&Locale::en()), Some("en-us"));
    assert_eq!(
        left_out.into_iter().collect::<Vec<_>>(),
        ["x-pirate", "zh-hk"]
    );
    let said = languages.saying("zh-hk", locale("zh-Hant"));
    assert_eq!(
        (said.ours("zh-tw"), said.theirs(&locale("zh-Hant"))),
        (None, Some("zh-hk"))
    );
}

proptest! {
    #[test]
    fn a_language_comes_back_as_it_went(
        theirs in proptest::collection::vec("(en|zh|fr|pt)([-_](us|gb|cn|tw|hk|br|Hant))?", 0..12),
        more in proptest::collection::vec("(en|zh|de)([-_](us|at|tw|sg))?", 0..6),
        by_hand in proptest::option::of(("(zh|de)-(hk|ch)", "(zh-Hant|de|en)")),
    ) {
        let (mut languages, _) = Languages::default().with(&theirs);
        if let Some((there, here)) = by_hand {
            languages = languages.saying(&there, here.parse().unwrap());
        }
        let (after, left_out) = languages.with(&more);
        for (there, here) in languages.all() {
            prop_assert_eq!(after.ours(there), Some(here), "what is mapped stays");
        }
        for (there, here) in after.all() {
            prop_assert_eq!(after.theirs(here), Some(there));
        }
        for language in &more {
            prop_assert!(after.ours(language).is_some() != left_out.contains(language));
        }
    }
}

fn shape(parents: &[(&str, Option<&str>)]) -> Shape {
    let place = |(name, parent): &(&str, Option<&str>)| RemotePlace {
        id: id(name),
        parent: parent.map(id),
        names: BTreeMap::new(),
        position: 0,
    };
    Shape {
        places: parents.iter().map(place).collect(),
        ..Shape::default()
    }
}

#[test]
fn a_place_is_as_the_place_around_it_until_it_says_otherwise() {
    let shape = shape(&[("top", None), ("in", Some("top")), ("deep", Some("in"))]);
    let portal = PortalId::new(Uuid::from_u128(7));
    let section = SectionId::new(Uuid::from_u128(8));
    let top = PlaceRule {
        way: Some(Way::Off),
        audience: Some(Audience::public()),
        portal: Some(portal),
        section: Some(section),
    };
    let inside = PlaceRule {
        way: Some(Way::In),
        ..PlaceRule::default()
    };
    let mapping = Mapping {
        places: BTreeMap::from([(id("top"), top), (id("in"), inside)]),
        ..Mapping::default()
    };
    let deep = mapping.settings(&id("deep"), &shape);
    assert_eq!(
        (deep.way, deep.portal, deep.section),
        (Way::In, Some(portal), None)
    );
    assert_eq!(deep.readers(), Audience::public());
    assert_eq!(mapping.settings(&id("top"), &shape).section, Some(section));
    let nowhere = mapping.settings(&id("elsewhere"), &shape);
    assert_eq!(
        nowhere.readers(),
        Audience::level(Level::Agent),
        "nobody has said"
    );
}

#[test]
fn places_that_stand_in_each_other_end() {
    let shape = shape(&[("a", Some("b")), ("b", Some("a")), ("c", Some("gone"))]);
    let ids = |of: &str| {
        shape
            .path(&id(of))
            .iter()
            .map(|p| p.id.0.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("a"), ["a", "b"]);
    assert_eq!(ids("c"), ["c"]);
}
