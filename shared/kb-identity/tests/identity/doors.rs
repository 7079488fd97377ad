//! Links, sessions, bearers of frames and keys: who they stand for, how often and how long.

use kb_domain::{Action, UserId};
use kb_events::Actor;
use kb_store::repo::KeyScope;
use kb_store::{Condition, Key, Row, Table, TableName, Transaction};
use kb_testkit::{Persona, World};

async fn person(world: &World, persona: Persona) -> UserId {
    let person = persona.person("Mia Chen", &[]);
    world.identity.person("test", "mia", &person).await.unwrap()
}

#[tokio::test]
async fn of_two_who_take_a_link_at_once_one_is_signed_in() {
    let world = World::new(61);
    let mia = person(&world, Persona::Agent).await;
    let link = world
        .identity
        .create_link(mia, "/help/en/", Actor::Operator)
        .await
        .unwrap();
    let take = || world.identity.take_link(&link.secret, "");
    let (one, other) = tokio::join!(take(), take());
    let taken: Vec<_> = [one.unwrap(), other.unwrap()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(taken.len(), 1);
    let (session, target) = &taken[0];
    assert_eq!(target, "/help/en/");
    let viewer = world.identity.session(&session.secret).await.unwrap();
    assert_eq!(viewer.unwrap().user(), Some(mia));
    assert!(take().await.unwrap().is_none());
    world.leave_unindexed();
}

/// The rows of links that were not taken.
async fn links(world: &World) -> Vec<(Key, Row)> {
    let page = world.store.walk(TableName::Main, 0, 1, 1_000, None).await;
    let rows = page.unwrap().rows.into_iter();
    rows.filter(|(_, row)| row.kind.starts_with("sign-in-link"))
        .collect()
}

#[tokio::test]
async fn case_055_a_newer_link_takes_the_older_one_away_and_one_that_comes_back_opens_nothing() {
    let world = World::new(66);
    let mia = person(&world, Persona::Agent).await;
    let make = async || {
        let link = world.identity.create_link(mia, "/", Actor::Operator);
        link.await.unwrap().secret
    };
    let older = make().await;
    let (key, row) = links(&world).await.pop().unwrap();
    let newer = make().await;
    let left = links(&world).await;
    assert!(left.len() == 1 && left[0].0 != key, "{left:?}");
    // As out of a backup.
    let mut back = Transaction::new(TableName::Main, world.kb.now().0.unsigned_abs());
    back.put(key, row, Condition::Absent);
    world.store.commit(back).await.unwrap();
    let take = async |secret: &str| world.identity.take_link(secret, "").await.unwrap();
    assert!(take(&older).await.is_none());
    assert!(take(&newer).await.is_some());
    world.leave_unindexed();
}

#[tokio::test]
async fn a_session_ends_when_it_is_closed_and_when_its_time_is_over() {
    let world = World::new(62);
    let mia = person(&world, Persona::Customer).await;
    let identity = &world.identity;
    let closed = identity.open_session(mia).await.unwrap();
    let left = identity.open_session(mia).await.unwrap();
    identity.close_session(&closed.secret).await.unwrap();
    assert!(identity.session(&closed.secret).await.unwrap().is_none());
    assert!(identity.session(&left.secret).await.unwrap().is_some());
    world.advance(400 * 86_400);
    assert!(identity.session(&left.secret).await.unwrap().is_none());
    world.leave_unindexed();
}

#[tokio::test]
async fn a_frame_may_do_less_than_the_person_in_front_of_it_and_is_no_session() {
    let world = World::new(63);
    let mia = person(&world, Persona::Publisher).await;
    let identity = &world.identity;
    let session = identity.open_session(mia).await.unwrap();
    let frame = identity.open_frame(&session.secret).await.unwrap().unwrap();
    let [renewal, cookie] = [frame.renewal.unwrap(), frame.cookie.unwrap()];
    for secret in [&frame.token, &renewal, &cookie] {
        assert!(identity.session(secret).await.unwrap().is_none());
    }
    for secret in [&renewal, &cookie] {
        assert!(identity.bearer(secret).await.unwrap().is_none());
    }
    let viewer = identity.bearer(&frame.token).await.unwrap().unwrap();
    assert!(viewer.may(Action::Suggest) && !viewer.may(Action::Publish));
    world.leave_unindexed();
}

#[tokio::test]
async fn one_who_signs_in_twice_is_one_person() {
    let world = World::new(64);
    let first = person(&world, Persona::Agent).await;
    assert_eq!(person(&world, Persona::Agent).await, first);
    world.leave_unindexed();
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_its_time_is_over() {
    let world = World::new(65);
    let key = world.key(&[KeyScope::Moderate]).await;
    let viewer = world.identity.bearer(&key).await.unwrap().unwrap();
    assert!(viewer.may(Action::Moderate) && viewer.may(Action::Comment));
    assert!(!viewer.may(Action::Edit) && !viewer.may(Action::Publish));
    assert!(world.identity.bearer("sk_unknown").await.unwrap().is_none());
    world.advance(400 * 86_400);
    assert!(world.identity.bearer(&key).await.unwrap().is_none());
    world.leave_unindexed();
}
