use super::*;
use kb_domain::{KeyId, Timestamp, UserId};
use std::collections::BTreeSet;
use uuid::Uuid;

fn key(scopes: &[KeyScope]) -> Viewer {
    viewer_of_key(&ApiKey {
        id: KeyId::new(Uuid::from_u128(1)),
        name: "crm".to_owned(),
        scopes: scopes.iter().copied().collect(),
        hash: String::new(),
        systems: BTreeSet::new(),
        created_at: Timestamp(0),
        expires_at: None,
    })
}

fn person(level: Level, roles: &[Role]) -> Person {
    Person {
        id: UserId::new(Uuid::from_u128(2)),
        name: "Mia".to_owned(),
        level,
        grants: roles.iter().map(|r| Grant::everywhere(*r)).collect(),
        segments: BTreeSet::from(["hr".to_owned()]),
    }
}

#[test]
fn a_key_may_what_its_scopes_say_and_stands_with_the_public_unless_it_suggests() {
    let read = key(&[KeyScope::Read]);
    assert_eq!(read.actions().iter().collect::<Vec<_>>(), [Action::Read]);
    assert_eq!((read.level, read.oversees()), (Level::Public, false));
    let suggest = key(&[KeyScope::Suggest]);
    assert_eq!((suggest.level, suggest.oversees()), (Level::Agent, false));
    let both = key(&[KeyScope::Suggest, KeyScope::Publish]);
    assert!(both.may(Action::Publish) && both.may(Action::Suggest) && both.oversees());
    assert!(!both.may(Action::Configure) && !both.may(Action::Moderate));
    let moderate = key(&[KeyScope::Moderate]);
    assert!(moderate.may(Action::Moderate) && !moderate.may(Action::Edit));
    assert!(key(&[]).actions().iter().next().is_none());
}

#[test]
fn a_frame_may_less_than_the_person_in_front_of_it() {
    let editor = person(Level::Agent, &[Role::Agent, Role::Publisher]);
    let (page, frame) = (
        viewer_of_person(&editor, false),
        viewer_of_person(&editor, true),
    );
    assert!(page.may(Action::Publish) && page.may(Action::Comment) && page.oversees());
    assert!(frame.may(Action::Suggest) && frame.may(Action::SeeTickets));
    assert!(!frame.may(Action::Edit) && !frame.may(Action::Comment) && !frame.oversees());
    assert_eq!(page.user(), frame.user());
    assert!(frame.segments.contains("hr"));
}
