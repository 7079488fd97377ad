use super::*;
use crate::access::{Actions, Grant, Role};
use crate::id::{KeyId, UserId};
use uuid::Uuid;

fn person(level: Level, roles: &[Role]) -> Viewer {
    let who = Who::Person(UserId::new(Uuid::from_u128(7)));
    let grants = roles.iter().map(|r| Grant::everywhere(*r)).collect();
    Viewer::new(who, "Ada", level, grants)
}

fn audience(text: &str) -> Audience {
    text.parse().unwrap()
}

fn portal(n: u128) -> PortalId {
    PortalId::new(Uuid::from_u128(n))
}

#[test]
fn levels_admit_those_at_least_that_far_inside() {
    let levels = [
        Level::Public,
        Level::Customer,
        Level::Employee,
        Level::Agent,
    ];
    let words = ["public", "customers", "employees", "agents"];
    for (n, word) in words.into_iter().enumerate() {
        let viewers = levels.map(|level| person(level, &[]));
        let admitted: Vec<bool> = viewers.iter().map(|v| admits(v, &audience(word))).collect();
        let expected: Vec<bool> = (0..4).map(|i| i >= n).collect();
        assert_eq!(admitted, expected, "{word}");
    }
}

#[test]
fn a_segment_admits_its_members_and_those_who_oversee() {
    let mut member = person(Level::Employee, &[]);
    member.segments.insert("hr".to_owned());
    assert!(admits(&member, &audience("segment:hr")));
    assert!(!admits(
        &person(Level::Agent, &[Role::Agent]),
        &audience("segment:hr")
    ));
    assert!(admits(
        &person(Level::Agent, &[Role::Admin]),
        &audience("segment:hr")
    ));
}

#[test]
fn none_of_excludes_and_all_of_narrows() {
    let expression = Audience {
        any: vec![],
        all: vec![Clause::Level(Level::Employee), Clause::Region("eu".into())],
        none: vec![Clause::Segment("contractors".into())],
    };
    let mut viewer = person(Level::Employee, &[]);
    assert!(!admits(&viewer, &expression));
    viewer.region = Some("eu".into());
    assert!(admits(&viewer, &expression));
    viewer.segments.insert("contractors".into());
    assert!(!admits(&viewer, &expression));
}

#[test]
fn an_expression_that_says_nothing_admits_nobody() {
    assert!(!admits(&person(Level::Agent, &[]), &Audience::default()));
}

#[test]
fn who_is_not_signed_in_is_told_to_sign_in_and_others_what_they_lack() {
    assert_eq!(
        holds(&Viewer::anonymous(), Action::Comment),
        Err(Denied::SignIn)
    );
    assert_eq!(holds(&Viewer::anonymous(), Action::Vote), Ok(()));
    let customer = person(Level::Customer, &[]);
    assert_eq!(holds(&customer, Action::Comment), Ok(()));
    assert_eq!(
        holds(&customer, Action::Edit),
        Err(Denied::Lacks(Action::Edit))
    );
}

#[test]
fn a_grant_over_a_portal_ends_at_its_border_and_gives_nothing_of_the_whole_base() {
    let grant = Grant {
        role: Role::Admin,
        area: Area::Portal(portal(1)),
    };
    let mut viewer = person(Level::Agent, &[]);
    viewer.grants.push(grant);
    assert_eq!(
        may(&viewer, Action::Publish, Area::Portal(portal(1))),
        Ok(())
    );
    assert_eq!(
        may(&viewer, Action::Publish, Area::Portal(portal(2))),
        Err(Denied::Lacks(Action::Publish))
    );
    assert!(!viewer.oversees() && !viewer.may(Action::Configure) && !viewer.may(Action::Grant));
}

#[test]
fn a_ceiling_cuts_whatever_was_granted() {
    let mut key = Viewer::new(
        Who::Key(KeyId::new(Uuid::from_u128(1))),
        "key",
        Level::Public,
        vec![Grant::everywhere(Role::Admin)],
    );
    key.ceiling = Some(Actions::of(&[Action::Read, Action::Edit]));
    let held: Vec<Action> = key.actions().iter().collect();
    assert_eq!(held, [Action::Read, Action::Edit]);
    let mut frame = person(Level::Customer, &[]);
    frame.ceiling = Some(Actions::of(&[Action::Read]));
    assert!(!frame.may(Action::Comment));
}

#[test]
fn each_role_holds_what_its_name_says() {
    let held = |role: Role| person(Level::Agent, &[role]);
    assert!(
        held(Role::Moderator).may(Action::Moderate) && !held(Role::Moderator).may(Action::Edit)
    );
    assert!(held(Role::Publisher).may(Action::Archive) && held(Role::Publisher).may(Action::Edit));
    assert!(!held(Role::Editor).may(Action::Publish) && !held(Role::Editor).may(Action::Moderate));
    assert!(
        Action::ALL
            .iter()
            .all(|action| held(Role::Admin).may(*action))
    );
}

#[test]
fn an_agent_is_told_which_readers_an_audience_reaches() {
    let of = |text: &str| Readers::of(&text.parse().unwrap());
    assert_eq!(of("public"), Readers::Public);
    assert_eq!(of("public,segment:hr"), Readers::Public);
    assert_eq!(of("customers"), Readers::Customers);
    for inside in ["employees", "agents", "segment:beta", "department:it"] {
        assert_eq!(of(inside), Readers::Internal, "{inside}");
    }
}
