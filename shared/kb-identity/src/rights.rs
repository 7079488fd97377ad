//! What keys, people and frames may do.

use kb_domain::{Action, Actions, Grant, Level, Role, Viewer, Who};
use kb_store::repo::{ApiKey, KeyScope, Person};

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
        KeyScope::Moderate => READ.and(Actions::of(&[Action::Moderate, Action::Comment])),
        KeyScope::Admin => PUBLISH.and(Actions::of(&[
            Action::Moderate,
            Action::Comment,
            Action::Analyze,
            Action::Configure,
            Action::Export,
            Action::People,
            Action::Grant,
        ])),
    }
}

/// What a frame beside a ticket may do at most, whoever sits in front of it.
const FRAME: Actions = Actions::of(&[Action::Read, Action::SeeTickets, Action::Suggest]);

/// A key may what its scopes say. One that edits oversees every audience; one that suggests stands where an agent stands, any
/// other with the public.
pub(crate) fn viewer_of_key(key: &ApiKey) -> Viewer {
    let grants = vec![Grant::everywhere(Role::Admin)];
    let mut viewer = Viewer::new(Who::Key(key.id), &key.name, Level::Public, grants);
    let scopes = key.scopes.iter();
    viewer.systems = (!key.systems.is_empty()).then(|| key.systems.clone());
    viewer.ceiling = Some(scopes.fold(Actions::NONE, |all, s| all.and(ceiling_of(*s))));
    if viewer.may(Action::Suggest) {
        viewer.level = Level::Agent;
    }
    viewer
}

pub(crate) fn viewer_of_person(person: &Person, frame: bool) -> Viewer {
    let who = if frame {
        Who::Frame(person.id)
    } else {
        Who::Person(person.id)
    };
    let mut viewer = Viewer::new(who, &person.name, person.level, person.grants.clone());
    viewer.segments.clone_from(&person.segments);
    viewer.ceiling = frame.then_some(FRAME);
    viewer
}

#[cfg(test)]
mod tests;
