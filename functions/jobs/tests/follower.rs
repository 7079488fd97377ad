//! Events that call for a timer have one, once, and no other event has.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

use kb_domain::{Audience, Comments};
use kb_events::Follower;
use kb_runtime::feature::{self, Works};
use kb_store::{Table, TableName};
use kb_testkit::{Persona, World};

/// How many timers wait.
async fn timers(world: &World) -> usize {
    let page = world.store.walk(TableName::Main, 0, 1, 1_000, None).await;
    let rows = page.unwrap().rows.into_iter();
    rows.filter(|(_, row)| row.kind.starts_with("timer."))
        .count()
}

fn follower(world: &World) -> Follower {
    let kb = world.kb_for(fn_jobs::NEEDS);
    let works = Works::new(kb, world.fetch.clone(), world.vault.clone());
    feature::follower(&fn_jobs::FEATURES, &works)
}

#[tokio::test]
async fn changes_of_a_portal_lay_one_timer_however_many_they_are() {
    let mut world = World::new(51);
    let (portal, _) = world.portal("help", Audience::public()).await;
    let follower = follower(&world);
    world.settle(&follower).await;
    assert_eq!(timers(&world).await, 1);
    world.set_comments(portal.id, Comments::On).await;
    world.settle(&follower).await;
    assert_eq!(timers(&world).await, 1);
}

#[tokio::test]
async fn events_that_call_for_nothing_lay_no_timer() {
    let mut world = World::new(52);
    world.session(Persona::Customer, &[]).await;
    world.touched();
    let follower = follower(&world);
    world.settle(&follower).await;
    assert_eq!(timers(&world).await, 0);
}
