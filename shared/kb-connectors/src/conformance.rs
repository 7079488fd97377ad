//! The suite that every source passes on its fake: what sources differ in, behind one port. A check panics where a source does not do
//! what the port promises. Each works with a peer of its own.

use crate::port::{ChangeFeed, Fault, Next, Page, Since, State};
use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_domain::remote::{Cursor, Gone, RemoteId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How a peer misleads whoever lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mislead {
    /// The next page is the same page.
    SamePage,
    /// The next page lies on another host.
    Elsewhere,
    /// The first page is empty, and there is more.
    EmptyPage,
    /// Things cannot be understood.
    Illegible,
}

/// A system under test: a source, and hands that change what it shows.
#[async_trait]
pub trait Peer: Send + Sync {
    /// What it holds.
    type Thing: Send + Sync + 'static;

    /// The source, which may call so often.
    fn feed(&self, calls: u32) -> Arc<dyn ChangeFeed<Self::Thing>>;

    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Lets time pass.
    fn pass(&self, seconds: i64);

    /// Makes a thing.
    fn create(&self) -> RemoteId;

    /// Changes a thing.
    fn change(&self, id: &RemoteId);

    /// Takes a thing out of use.
    fn take_away(&self, id: &RemoteId);

    /// Brings it back into use.
    fn bring_back(&self, id: &RemoteId);

    /// From now on it misleads so; not at all, for `None`.
    fn mislead(&self, how: Option<Mislead>);

    /// An id that nothing has.
    fn no_such(&self) -> RemoteId;

    /// How many things one page of changes holds.
    fn page_of_changes(&self) -> usize;

    /// The hosts that the grant went to.
    fn hosts(&self) -> BTreeSet<String>;

    /// How often it was called.
    fn calls(&self) -> u64;
}

/// What a source promises.
pub async fn source<P: Peer>(make: impl Fn() -> P) {
    pages_end_and_name_everything(&make()).await;
    what_changed_is_named_behind_the_cursor(&make()).await;
    an_empty_page_may_have_more(&make()).await;
    a_page_that_comes_again_has_the_cursor_it_was_asked_with(&make()).await;
    more_than_a_page_of_one_moment_is_owned_up_to(&make()).await;
    an_old_cursor_is_over(&make()).await;
    what_goes_is_gone_and_comes_back(&make()).await;
    what_never_was_is_unseen(&make()).await;
    what_cannot_be_understood_holds_up_nothing(&make()).await;
    the_grant_goes_to_no_other_host(&make()).await;
    a_budget_is_kept(&make()).await;
}

/// Calls enough for anything.
const PLENTY: u32 = 100_000;
/// Pages after which a listing should have ended.
const PAGES: usize = 200;

/// Every page of a listing.
async fn listed<T: Send + 'static>(feed: &dyn ChangeFeed<T>) -> Vec<RemoteId> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = feed.listed(cursor.as_ref(), 10).await.expect("it lists");
        ids.extend(page.items.into_iter().map(|change| change.id));
        match page.next {
            Next::More(next) | Next::Overflow(next, _) => cursor = Some(next),
            Next::CaughtUp(_) => return ids,
        }
    }
    panic!("a listing ends")
}

/// Every page of changes from here on, a minute apart, and where it rests.
async fn changed<P: Peer>(peer: &P, from: Option<Cursor>) -> (Vec<RemoteId>, Cursor) {
    let feed = peer.feed(PLENTY);
    let (mut ids, mut cursor) = (Vec::new(), from);
    let floor = peer.now().plus_seconds(-3_600);
    for _ in 0..PAGES {
        peer.pass(61);
        let since = cursor.as_ref().map_or(Since::Floor(floor), Since::Cursor);
        let page = feed.changed(since, 10).await.expect("it tells of changes");
        ids.extend(page.items.into_iter().map(|change| change.id));
        match page.next {
            Next::More(next) | Next::Overflow(next, _) => cursor = Some(next),
            Next::CaughtUp(next) => return (ids, next),
        }
    }
    panic!("changes end")
}

async fn look<P: Peer>(peer: &P, id: &RemoteId) -> State<P::Thing> {
    let found = peer.feed(PLENTY).fetch(std::slice::from_ref(id)).await;
    let found = found.expect("it answers").pop().expect("one for each");
    assert_eq!(found.id, *id);
    found.state
}

async fn pages_end_and_name_everything<P: Peer>(peer: &P) {
    let mut made = BTreeSet::new();
    for _ in 0..25 {
        peer.pass(5);
        made.insert(peer.create());
    }
    let found = listed(&*peer.feed(PLENTY)).await;
    assert_eq!(found.len(), made.len(), "each is listed once");
    assert_eq!(BTreeSet::from_iter(found), made);
    assert_eq!(BTreeSet::from_iter(changed(peer, None).await.0), made);
    let count = peer.feed(PLENTY).count().await.expect("it counts");
    assert!(count.is_none_or(|n| n == made.len() as u64), "{count:?}");
}

async fn what_changed_is_named_behind_the_cursor<P: Peer>(peer: &P) {
    let (one, other) = (peer.create(), peer.create());
    let (_, cursor) = changed(peer, None).await;
    peer.pass(600);
    let (_, cursor) = changed(peer, Some(cursor)).await;
    peer.change(&other);
    let (found, cursor) = changed(peer, Some(cursor)).await;
    assert!(found.contains(&other), "{found:?} without {other}");
    peer.pass(600);
    peer.change(&one);
    let (found, _) = changed(peer, Some(cursor)).await;
    assert!(found.contains(&one), "{found:?} without {one}");
}

async fn an_empty_page_may_have_more<P: Peer>(peer: &P) {
    let made = peer.create();
    peer.mislead(Some(Mislead::EmptyPage));
    let feed = peer.feed(PLENTY);
    let first: Page<P::Thing> = feed.listed(None, 10).await.expect("it lists");
    assert!(first.items.is_empty() && matches!(first.next, Next::More(_)));
    assert_eq!(listed(&*feed).await, [made]);
}

async fn a_page_that_comes_again_has_the_cursor_it_was_asked_with<P: Peer>(peer: &P) {
    peer.create();
    peer.mislead(Some(Mislead::SamePage));
    let feed = peer.feed(PLENTY);
    let mut cursor: Option<Cursor> = None;
    for _ in 0..5 {
        let page = feed.listed(cursor.as_ref(), 10).await.expect("it lists");
        let Next::More(next) = page.next else {
            panic!("it says that there is more")
        };
        if cursor.as_ref() == Some(&next) {
            return;
        }
        cursor = Some(next);
    }
    panic!("nobody could tell that it is the same page")
}

async fn more_than_a_page_of_one_moment_is_owned_up_to<P: Peer>(peer: &P) {
    let made: BTreeSet<RemoteId> = (0..=peer.page_of_changes())
        .map(|_| peer.create())
        .collect();
    let feed = peer.feed(PLENTY);
    let floor = peer.now().plus_seconds(-3_600);
    let (mut cursor, mut overflows) = (None, 0);
    for _ in 0..10 {
        peer.pass(61);
        let since = cursor.as_ref().map_or(Since::Floor(floor), Since::Cursor);
        match feed
            .changed(since, 10)
            .await
            .expect("it tells of changes")
            .next
        {
            Next::More(next) => cursor = Some(next),
            Next::Overflow(next, _) => {
                overflows += 1;
                cursor = Some(next);
            }
            Next::CaughtUp(_) => break,
        }
    }
    assert_eq!(overflows, 1, "once, and then it goes on");
    assert_eq!(BTreeSet::from_iter(listed(&*feed).await), made);
}

async fn an_old_cursor_is_over<P: Peer>(peer: &P) {
    let cursor = Cursor("a cursor of another time".to_owned());
    let told = peer.feed(PLENTY).changed(Since::Cursor(&cursor), 10).await;
    assert_eq!(told.err(), Some(Fault::CursorExpired));
}

async fn what_goes_is_gone_and_comes_back<P: Peer>(peer: &P) {
    let id = peer.create();
    assert!(matches!(look(peer, &id).await, State::Whole(_)));
    let (_, cursor) = changed(peer, None).await;
    peer.take_away(&id);
    assert!(matches!(look(peer, &id).await, State::Gone(_)));
    assert_eq!(listed(&*peer.feed(PLENTY)).await, []);
    peer.pass(600);
    peer.bring_back(&id);
    assert!(matches!(look(peer, &id).await, State::Whole(_)));
    assert!(changed(peer, Some(cursor)).await.0.contains(&id));
}

async fn what_never_was_is_unseen<P: Peer>(peer: &P) {
    let never = look(peer, &peer.no_such()).await;
    assert!(matches!(never, State::Gone(Gone::Unseen)));
}

async fn what_cannot_be_understood_holds_up_nothing<P: Peer>(peer: &P) {
    let id = peer.create();
    peer.mislead(Some(Mislead::Illegible));
    assert!(matches!(look(peer, &id).await, State::Unreadable(_)));
    assert_eq!(listed(&*peer.feed(PLENTY)).await, std::slice::from_ref(&id));
    peer.mislead(None);
    assert!(matches!(look(peer, &id).await, State::Whole(_)));
}

async fn the_grant_goes_to_no_other_host<P: Peer>(peer: &P) {
    for _ in 0..25 {
        peer.create();
    }
    peer.mislead(Some(Mislead::Elsewhere));
    let feed = peer.feed(PLENTY);
    let first = feed.listed(None, 10).await.expect("it lists");
    let Next::More(elsewhere) = first.next else {
        panic!("there is more")
    };
    let told = feed.listed(Some(&elsewhere), 10).await;
    assert!(matches!(told, Err(Fault::Refused { .. })));
    assert_eq!(peer.hosts().len(), 1, "{:?}", peer.hosts());
}

async fn a_budget_is_kept<P: Peer>(peer: &P) {
    for _ in 0..25 {
        peer.create();
    }
    let (feed, before) = (peer.feed(2), peer.calls());
    let mut cursor = None;
    let told = loop {
        match feed.listed(cursor.as_ref(), 5).await {
            Ok(page) => match page.next {
                Next::More(next) => cursor = Some(next),
                other => panic!("a listing within its budget: {other:?}"),
            },
            Err(fault) => break fault,
        }
    };
    assert!(matches!(told, Fault::Busy(_)), "{told}");
    assert_eq!(peer.calls() - before, 2);
}
