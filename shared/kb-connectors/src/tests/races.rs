//! Two who look at one thing at once.

use super::World;
use super::ledger::Ledger;
use crate::port::{Change, ChangeFeed, State};
use crate::pull::{Applied, Holds, Looked, Pull, Sink, Why, look};
use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_domain::remote::{RemoteArticle, RemoteId};
use kb_store::Error;
use std::sync::Mutex;

type Known = <Ledger as Sink<RemoteArticle>>::Known;

/// Ours, where somebody else is faster: right before each write they write what they saw, which is older.
struct Overtaken<'a> {
    ledger: &'a Ledger,
    seen_by_others: Mutex<Vec<Change<RemoteArticle>>>,
    looks: Mutex<u32>,
}

#[async_trait]
impl Sink<RemoteArticle> for Overtaken<'_> {
    type Known = Known;

    async fn known(&self, ids: &[RemoteId]) -> Result<Vec<Known>, Error> {
        *self.looks.lock().unwrap() += 1;
        Sink::<RemoteArticle>::known(self.ledger, ids).await
    }

    fn holds(&self, known: &Known) -> Holds {
        Sink::<RemoteArticle>::holds(self.ledger, known)
    }

    async fn apply(
        &self,
        known: &Known,
        change: &Change<RemoteArticle>,
        unlisted: bool,
    ) -> Result<Applied, Error> {
        let other = self.seen_by_others.lock().unwrap().pop();
        if let Some(other) = other {
            let ids = std::slice::from_ref(&other.id);
            let row = Sink::<RemoteArticle>::known(self.ledger, ids).await?;
            let written = self.ledger.apply(&row[0], &other, false).await?;
            assert_eq!(written, Applied::Written);
        }
        self.ledger.apply(known, change, unlisted).await
    }

    async fn later(&self, id: &RemoteId, why: Why, not_before: Timestamp) -> Result<(), Error> {
        Sink::<RemoteArticle>::later(self.ledger, id, why, not_before).await
    }

    async fn present(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<(RemoteId, Timestamp)>, Option<String>), Error> {
        Sink::<RemoteArticle>::present(self.ledger, cursor).await
    }
}

/// A look while others write what they saw of some earlier states; answers how often our row was read.
async fn look_beside(world: &World, id: &RemoteId, others: Vec<Change<RemoteArticle>>) -> u32 {
    let sink = Overtaken {
        ledger: &world.ledger,
        seen_by_others: Mutex::new(others),
        looks: Mutex::new(0),
    };
    let pull = Pull {
        store: &world.store,
        clock: &*world.clock,
        connection: world.connection,
        stream: "articles",
        floor: Timestamp(0),
        limit: 10,
    };
    let feed: &dyn ChangeFeed<RemoteArticle> = &*world.source();
    let looked = look(&pull, feed, &sink, std::slice::from_ref(id)).await;
    assert_eq!(looked.unwrap(), Looked::Done);

    *sink.looks.lock().unwrap()
}

/// States of an article, the newest last, each a minute after the one before.
async fn states(world: &World, number: u64, id: &RemoteId, n: usize) -> Vec<Change<RemoteArticle>> {
    let mut states = Vec::new();
    for n in 0..n {
        world.clock.advance(61);
        world.edit(number, &format!("State {n}"));
        let found = world.source().fetch(std::slice::from_ref(id)).await;
        states.push(found.unwrap().remove(0));
    }
    world.clock.advance(61);
    states
}

#[tokio::test]
async fn whoever_loses_looks_again_and_the_newest_state_stays() {
    let world = World::new();
    let (number, id) = world.article("One");
    let mut others = states(&world, number, &id, 2).await;
    world.edit(number, "Newest");
    others.reverse();
    let looks = look_beside(&world, &id, others).await;
    assert_eq!(looks, 3, "twice somebody else was faster");
    let says = world.ledger.says(&id, "en-us").await.unwrap();
    assert!(says.contains("Newest"), "{says}");
}

#[tokio::test]
async fn whoever_always_loses_leaves_the_thing_to_be_looked_at_by_itself() {
    let world = World::new();
    let (number, id) = world.article("One");
    let mut others = states(&world, number, &id, 8).await;
    others.reverse();
    world.ledger.later().clear();
    look_beside(&world, &id, others).await;
    let later = world.ledger.later();
    let is_put_off = |(_, why, _): &(RemoteId, Why, Timestamp)| matches!(why, Why::Failed(_));
    assert!(later.iter().any(is_put_off), "{later:?}");
}

#[tokio::test]
async fn what_two_see_alike_is_written_once() {
    let world = World::new();
    let (number, id) = world.article("One");
    let mut others = states(&world, number, &id, 1).await;
    let State::Whole(_) = &others[0].state else {
        panic!("it is there")
    };
    let looks = look_beside(&world, &id, std::mem::take(&mut others)).await;
    assert_eq!(looks, 2);
    let row = world.ledger.of(&id).await.unwrap();
    assert!(row.texts["en-us"].digest.contains("State 0"));
}
