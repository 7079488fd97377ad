//! The source passes the suite of the port on its fake.

use super::World;
use crate::client::Class;
use crate::conformance::{Mislead, Peer, source};
use crate::fakes::zendesk::Lie;
use crate::port::ChangeFeed;
use crate::vendors::vendor;
use kb_domain::remote::{RemoteArticle, RemoteId};
use kb_domain::{Clock, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

fn number(id: &RemoteId) -> u64 {
    id.0.parse().unwrap()
}

impl Peer for World {
    type Thing = RemoteArticle;

    fn feed(&self, calls: u32) -> Arc<dyn ChangeFeed<RemoteArticle>> {
        let client = self.client(Class::Live, calls);
        vendor("zendesk").unwrap().knowledge(Arc::new(client))
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    fn create(&self) -> RemoteId {
        self.article("An article").1
    }

    fn change(&self, id: &RemoteId) {
        self.edit(number(id), "Another title");
    }

    fn take_away(&self, id: &RemoteId) {
        assert!(self.fake.archive_article(number(id)));
    }

    fn bring_back(&self, id: &RemoteId) {
        assert!(self.fake.restore_article(number(id)));
    }

    fn mislead(&self, how: Option<Mislead>) {
        self.fake.tell_the_truth();
        self.wire.seen().is_lax = how.is_some();
        let lie = how.map(|how| match how {
            Mislead::SamePage => Lie::SamePageAgain,
            Mislead::Elsewhere => Lie::PageElsewhere,
            Mislead::EmptyPage => Lie::EmptyPage,
            Mislead::Illegible => Lie::NoTimes,
        });
        if let Some(lie) = lie {
            self.fake.lie(lie);
        }
    }

    fn no_such(&self) -> RemoteId {
        RemoteId("4711".to_owned())
    }

    fn page_of_changes(&self) -> usize {
        1_000
    }

    fn hosts(&self) -> BTreeSet<String> {
        let seen = self.wire.seen();
        let granted = seen.hosts.iter().filter(|(_, granted)| *granted);
        granted.map(|(host, _)| host.clone()).collect()
    }

    fn calls(&self) -> u64 {
        self.fake.calls()
    }
}

#[tokio::test]
async fn the_help_center_keeps_what_the_port_promises() {
    source(World::new).await;
}
