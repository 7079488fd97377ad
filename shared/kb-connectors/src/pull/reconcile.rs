//! Everything they have, beside everything we have of it: what no change told of is found, and what is gone goes.

use super::take::{Stopped, Taken, Taker};
use super::{Pull, Sink};
use crate::port::{ChangeFeed, Fault, Next, Page};
use kb_domain::Timestamp;
use kb_domain::remote::RemoteId;
use kb_events::{Attempts, Work};
use kb_store::repo::{Listing, Progress};
use kb_store::{Error, Stored, keys};
use std::collections::BTreeSet;

/// A listing that takes longer is none: what it saw at first is too old.
const LISTING_MAX_SECONDS: i64 = 86_400;
/// No listing has so many pages, but for one that never ends.
const PAGES_MAX: u32 = 20_000;
/// How many of the missing are looked at between two notes of how far that has come.
const LOOKS: usize = 20;

/// What a step of a listing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// There is more now.
    More,
    /// It is whole, and everything is as they have it.
    Done(Listing),
    /// It is whole and misses more than is plausible: nothing is taken away.
    Held {
        /// So many are missing.
        missing: u64,
        /// Of so many.
        of: u64,
    },
    /// Somebody else has moved it on: their run goes on.
    Overtaken,
    /// They repeat themselves, so it is not whole and counts for nothing.
    Stuck,
    /// As the fault says; it goes on where it is.
    Stopped(Fault),
}

/// Takes one step of a listing, which begins as `run` where none goes on. It is complete or counts for nothing. `may_vanish` says of
/// how many of so many it is plausible that they are gone. Errors: our store does not answer.
pub async fn reconcile<T, S>(
    pull: &Pull<'_>,
    feed: &dyn ChangeFeed<T>,
    sink: &S,
    run: &str,
    may_vanish: impl Fn(u64) -> u64,
) -> Result<Reconciled, Error>
where
    T: Send + Sync + 'static,
    S: Sink<T>,
{
    let reconciler = Reconciler { pull, feed, sink };
    let key = keys::listing(pull.connection, pull.stream);
    let Some(listing) = pull.store.get::<Listing>(&key).await? else {
        return reconciler.begin(run).await;
    };
    let over = listing.value.begun_at.plus_seconds(LISTING_MAX_SECONDS);
    if pull.clock.now() > over || listing.value.pages > PAGES_MAX {
        return reconciler.end(&listing, Reconciled::Stuck).await;
    }
    if listing.value.is_whole {
        reconciler.compare(listing, may_vanish).await
    } else {
        reconciler.page(&listing).await
    }
}

/// What a whole listing does not have.
#[derive(Default)]
struct Absent {
    /// Of so many in use here.
    present: u64,
    /// So many. What came in since it began counts as well: a listing without much that was seen meanwhile is no good one.
    unlisted: u64,
    /// These of them came in before it began.
    missing: BTreeSet<RemoteId>,
}

struct Reconciler<'a, T, S> {
    pull: &'a Pull<'a>,
    feed: &'a dyn ChangeFeed<T>,
    sink: &'a S,
}

impl<T: Send + Sync + 'static, S: Sink<T>> Reconciler<'_, T, S> {
    async fn begin(&self, run: &str) -> Result<Reconciled, Error> {
        let pull = self.pull;
        let key = keys::progress(pull.connection, pull.stream);
        let progress: Option<Stored<Progress>> = pull.store.get(&key).await?;
        let now = pull.clock.now();
        let listing = Listing {
            connection: pull.connection,
            stream: pull.stream.to_owned(),
            run: run.to_owned(),
            begun_at: now,
            cursor: None,
            pages: 0,
            listed: 0,
            written: 0,
            is_whole: false,
            looked_at: None,
            vanished: 0,
            gaps: progress.map(|p| p.value.gaps).unwrap_or_default(),
        };
        let mut work = Work::begin(now);
        work.insert(&listing);
        self.commit(work, Reconciled::More).await
    }

    /// Reads a page: takes what is news, and keeps the ids.
    async fn page(&self, listing: &Stored<Listing>) -> Result<Reconciled, Error> {
        let before = &listing.value;
        let page = self.feed.listed(before.cursor.as_ref(), self.pull.limit);
        let page: Page<T> = match page.await {
            Ok(page) => page,
            Err(Fault::CursorExpired) => return self.end(listing, Reconciled::Stuck).await,
            Err(fault) => return Ok(Reconciled::Stopped(fault)),
        };
        let (cursor, is_whole) = match page.next {
            Next::More(cursor) | Next::Overflow(cursor, _) => (cursor, false),
            Next::CaughtUp(cursor) => (cursor, true),
        };
        if !is_whole && before.cursor.as_ref() == Some(&cursor) {
            return self.end(listing, Reconciled::Stuck).await;
        }
        let ids: Vec<RemoteId> = page.items.iter().map(|change| change.id.clone()).collect();
        let taken = match self.taker(false).page(page.items).await {
            Ok(taken) => taken,
            Err(Stopped::Fault(fault)) => return Ok(Reconciled::Stopped(fault)),
            Err(Stopped::Error(error)) => return Err(error),
        };
        let name = keys::listing_page(before.connection, &before.run, before.pages);
        let bytes = serde_json::to_vec(&ids).expect("ids are plain data");
        self.pull.store.blobs().put(&name, bytes).await?;
        let mut after = before.clone();
        after.cursor = Some(cursor);
        after.pages += 1;
        after.listed += ids.len() as u64;
        after.written += taken.written;
        after.is_whole = is_whole;
        self.replace(listing, &after, Reconciled::More).await
    }

    /// Looks at each thing of ours that a whole listing does not have.
    async fn compare(
        &self,
        mut listing: Stored<Listing>,
        may_vanish: impl Fn(u64) -> u64,
    ) -> Result<Reconciled, Error> {
        let Some(listed) = self.listed(&listing.value).await? else {
            return self.end(&listing, Reconciled::Stuck).await;
        };
        let absent = self.absent(&listed, listing.value.begun_at).await?;
        let gone = listing.value.vanished;
        let (of, missing) = (absent.present + gone, absent.unlisted + gone);
        if missing > may_vanish(of) {
            return self.end(&listing, Reconciled::Held { missing, of }).await;
        }
        let looked_at = listing.value.looked_at.clone();
        let is_left = |id: &RemoteId| looked_at.as_ref().is_none_or(|last| id > last);
        let left: Vec<RemoteId> = absent.missing.into_iter().filter(is_left).collect();
        for ids in left.chunks(LOOKS) {
            let mut taken = Taken::default();
            let looks = ids.iter().map(|id| (id.clone(), None)).collect();
            match self.taker(true).looks(looks, &mut taken).await {
                Ok(()) => {}
                Err(Stopped::Fault(fault)) => return Ok(Reconciled::Stopped(fault)),
                Err(Stopped::Error(error)) => return Err(error),
            }
            let mut after = listing.value.clone();
            after.looked_at = ids.last().cloned();
            after.vanished += taken.written;
            let done = self.replace(&listing, &after, Reconciled::More).await?;
            let key = keys::listing(after.connection, &after.stream);
            match self.pull.store.get::<Listing>(&key).await? {
                Some(row) if done == Reconciled::More && row.value == after => listing = row,
                _ => return Ok(Reconciled::Overtaken),
            }
        }
        self.finish(&listing).await
    }

    /// The ids of every page; `None` when a page is not there any more.
    async fn listed(&self, listing: &Listing) -> Result<Option<BTreeSet<RemoteId>>, Error> {
        let mut listed = BTreeSet::new();
        for page in 0..listing.pages {
            let name = keys::listing_page(listing.connection, &listing.run, page);
            let Some(bytes) = self.pull.store.blobs().get(&name).await? else {
                return Ok(None);
            };
            let Ok(ids) = serde_json::from_slice::<Vec<RemoteId>>(&bytes) else {
                return Ok(None);
            };
            listed.extend(ids);
        }
        Ok(Some(listed))
    }

    /// What is in use here and not in the listing.
    async fn absent(
        &self,
        listed: &BTreeSet<RemoteId>,
        begun_at: Timestamp,
    ) -> Result<Absent, Error> {
        let mut absent = Absent::default();
        let mut cursor = None;
        loop {
            let (page, next) = self.sink.present(cursor).await?;
            absent.present += page.len() as u64;
            for (id, seen_at) in page.into_iter().filter(|(id, _)| !listed.contains(id)) {
                absent.unlisted += 1;
                if seen_at < begun_at {
                    absent.missing.insert(id);
                }
            }
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(absent),
            }
        }
    }

    /// Ends a listing that is done. The stream counts what it had and wrote, and need not know any more of gaps that it has closed.
    async fn finish(&self, listing: &Stored<Listing>) -> Result<Reconciled, Error> {
        let done = &listing.value;
        let key = keys::progress(done.connection, &done.stream);
        let mut attempts = Attempts::default();
        loop {
            let mut work = Work::begin(self.pull.clock.now());
            work.remove(listing);
            if let Some(before) = self.pull.store.get::<Progress>(&key).await? {
                let mut after = before.value.clone();
                after.gaps.retain(|gap| !done.gaps.contains(gap));
                after.seen += done.listed;
                after.written += done.written + done.vanished;
                work.replace(&before, &after);
            }
            match work.silently(()).commit(self.pull.store).await {
                Ok(()) => break,
                // The stream has just moved on, or somebody else has ended the listing.
                Err(error) => {
                    let is_stale = matches!(error, Error::Condition { .. });
                    if attempts.again(is_stale) {
                        continue;
                    }
                    return if is_stale {
                        Ok(Reconciled::Overtaken)
                    } else {
                        Err(error)
                    };
                }
            }
        }
        self.forget_pages(done).await?;
        Ok(Reconciled::Done(done.clone()))
    }

    /// Takes the listing away with its pages.
    async fn end(
        &self,
        listing: &Stored<Listing>,
        as_what: Reconciled,
    ) -> Result<Reconciled, Error> {
        let mut work = Work::begin(self.pull.clock.now());
        work.remove(listing);
        let ended = self.commit(work, as_what).await?;
        if ended != Reconciled::Overtaken {
            self.forget_pages(&listing.value).await?;
        }
        Ok(ended)
    }

    async fn forget_pages(&self, listing: &Listing) -> Result<(), Error> {
        for page in 0..listing.pages {
            let name = keys::listing_page(listing.connection, &listing.run, page);
            self.pull.store.blobs().delete(&name).await?;
        }
        Ok(())
    }

    async fn replace(
        &self,
        before: &Stored<Listing>,
        after: &Listing,
        as_what: Reconciled,
    ) -> Result<Reconciled, Error> {
        let mut work = Work::begin(self.pull.clock.now());
        work.replace(before, after);
        self.commit(work, as_what).await
    }

    async fn commit(&self, work: Work, as_what: Reconciled) -> Result<Reconciled, Error> {
        match work.silently(as_what).commit(self.pull.store).await {
            Err(Error::Condition { .. }) => Ok(Reconciled::Overtaken),
            done => done,
        }
    }

    fn taker(&self, unlisted: bool) -> Taker<'_, T, S> {
        Taker {
            feed: self.feed,
            sink: self.sink,
            clock: self.pull.clock,
            unlisted,
        }
    }
}
