//! What keys, people and frames may do.

use kb_domain::{Action, Actions, Grant, Role, Viewer, Who};
use kb_store::repo::{ApiKey, KeyScope, Person};
use std::collections::BTreeSet;

/// What a scope of a key allows at most.
fn ceiling_of(scope: KeyScope) -> Actions {
    const READ: Actions = Actions::of(&[Action::Read]);
    const WRITE: Actions = READ.and(Actions::of(&[
        Action::Edit,
        Action::SendToReview,
        Action::Propose,
        Action::Arrange,
        Action::Verify,
    ]));
    const PUBLISH: Actions = WRITE.and(Actions::of(&[Action::Publish, Action::Archive]));
    match scope {
        KeyScope::Read => READ,
        KeyScope::Suggest => READ.and(Actions::of(&[Action::SeeTickets, Action::Suggest])),
        KeyScope::Write => WRITE,
        KeyScope::Publish => PUBLISH,
        KeyScope::People => READ.and(Actions::of(&[Action::People])),
        KeyScope::Moderate => READ.and(Actions::of(&[Action::Moderate, Action::Comment])),
        KeyScope::Admin => PUBLISH.and(Actions::of(&[
            Action::Moderate,
            Action::Comment,
            Action::Analyze,
            Action::Configure,
            Action::Export,
            Action::People,
        ])),
    }
}

/// What keys with these scopes may do at most.
pub fn ceiling(scopes: &BTreeSet<KeyScope>) -> Actions {
    scopes
        .iter()
        .fold(Actions::NONE, |all, s| all.and(ceiling_of(*s)))
}

/// What a frame beside a ticket may do at most, whoever sits in front of it.
const FRAME: Actions = Actions::of(&[Action::Read, Action::SeeTickets, Action::Suggest]);

/// A key may what its scopes say, where it may. It stands where it was put when it was made.
pub(crate) fn viewer_of_key(key: &ApiKey) -> Viewer {
    let role = Role::Admin;
    let grants = key.areas.iter().map(|area| Grant { role, area: *area });
    let who = Who::Key(key.id);
    let mut viewer = Viewer::new(who, &key.name, key.level, grants.collect());
    viewer.ceiling = Some(ceiling(&key.scopes));
    viewer
}

/// By which door a person comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// A browser on our own pages.
    Browser,
    /// A frame beside a ticket.
    Frame,
}

pub(crate) fn viewer_of_person(person: &Person, door: Door) -> Viewer {
    let who = match door {
        Door::Browser => Who::Person(person.id),
        Door::Frame => Who::Frame(person.id),
    };
    let mut viewer = Viewer::new(who, &person.name, person.level, person.grants.clone());
    viewer.segments.clone_from(&person.segments);
    viewer.ceiling = (door == Door::Frame).then_some(FRAME);
    viewer
}

#[cfg(test)]
mod tests;
