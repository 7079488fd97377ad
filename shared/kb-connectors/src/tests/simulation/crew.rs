//! Those who work on one connection at once, and what becomes of it.

use super::super::ledger::Ledger;
use super::store::{Seen, Watched, pause};
use super::theirs::{Feed, THINGS, Theirs, Thing};
use super::{Rule, Wrong};
use crate::port::Change;
use crate::pull::{
    Applied, Holds, Looked, Pull, Reconciled, Sink, Step, Why, look, reconcile, step,
};
use async_trait::async_trait;
use kb_domain::remote::RemoteId;
use kb_domain::{Clock, ConnectionId, Timestamp};
use kb_store::{Embedded, Error, MemoryBlobs, Store, keys};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

const WORKERS: usize = 3;
/// Turns of the unquiet part.
const TURNS: u32 = 500;
/// Turns at the end of which no hint tells.
const UNTOLD: u32 = 150;
/// Turns after which whatever is under way should have ended.
const PATIENCE: u32 = 5_000;

/// A clock that is apart from all others by so much, and may jump.
struct OwnClock {
    base_ms: Arc<AtomicI64>,
    apart_ms: AtomicI64,
    looks: AtomicU64,
}

impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        let ms = self.base_ms.load(Ordering::Relaxed) + self.apart_ms.load(Ordering::Relaxed);
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        Timestamp(ms * 1_000 + looks.cast_signed() % 1_000)
    }
}

/// Something that is to be looked at, not before a moment.
type Hint = (u64, RemoteId, Timestamp);

/// Hints; what is put there outlives whoever put it.
#[derive(Default)]
struct Hints {
    all: Vec<Hint>,
    next: u64,
}

impl Hints {
    fn put(&mut self, id: RemoteId, not_before: Timestamp) {
        self.next += 1;
        self.all.push((self.next, id, not_before));
    }
}

/// Ours, with hints that last.
#[derive(Clone)]
struct Desk {
    ledger: Arc<Ledger>,
    hints: Arc<Mutex<Hints>>,
    rule: Rule,
}

#[async_trait]
impl Sink<Thing> for Desk {
    type Known = <Ledger as Sink<Thing>>::Known;

    async fn known(&self, ids: &[RemoteId]) -> Result<Vec<Self::Known>, Error> {
        Sink::<Thing>::known(&*self.ledger, ids).await
    }

    fn holds(&self, known: &Self::Known) -> Holds {
        Sink::<Thing>::holds(&*self.ledger, known)
    }

    async fn apply(
        &self,
        known: &Self::Known,
        change: &Change<Thing>,
        unlisted: bool,
    ) -> Result<Applied, Error> {
        self.ledger.apply(known, change, unlisted).await
    }

    async fn later(&self, id: &RemoteId, why: Why, not_before: Timestamp) -> Result<(), Error> {
        pause().await;
        if self.rule != Rule::NoSecondLook || why != Why::Young {
            self.hints.lock().unwrap().put(id.clone(), not_before);
        }
        pause().await;
        Ok(())
    }

    async fn present(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<(RemoteId, Timestamp)>, Option<String>), Error> {
        Sink::<Thing>::present(&*self.ledger, cursor).await
    }
}

/// What a piece of work came to.
#[derive(Debug, PartialEq)]
enum Done {
    Step(Step),
    Listed(Reconciled),
    Looked,
}

type Work = Pin<Box<dyn Future<Output = Done>>>;

struct Worker {
    clock: Arc<OwnClock>,
    work: Option<Work>,
    is_listing: bool,
}

pub(super) struct Crew {
    rule: Rule,
    rng: StdRng,
    base_ms: Arc<AtomicI64>,
    feed: Feed,
    table: Arc<Watched>,
    store: Store,
    desk: Vec<Desk>,
    hints: Arc<Mutex<Hints>>,
    workers: Vec<Worker>,
    connection: ConnectionId,
    /// Hints from them that are on their way.
    hooks: Vec<u32>,
    runs: u64,
    /// An admin has said that what is missing may go.
    all_may_go: bool,
}

impl Crew {
    pub(super) fn new(seed: u64, rule: Rule, engine: Arc<Embedded>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let table = Arc::new(Watched {
            engine,
            rule,
            seen: Mutex::new(Seen::default()),
        });
        let store = Store::new(table.clone(), Arc::new(MemoryBlobs::default()));
        let connection = ConnectionId::new(Uuid::from_u128(u128::from(seed) + 1));
        let base_ms = Arc::new(AtomicI64::new(1_795_507_200_000));
        let hints: Arc<Mutex<Hints>> = Arc::default();
        let worker = |apart: i64| Worker {
            clock: Arc::new(OwnClock {
                base_ms: base_ms.clone(),
                apart_ms: AtomicI64::new(apart),
                looks: AtomicU64::new(0),
            }),
            work: None,
            is_listing: false,
        };
        let workers: Vec<Worker> = (0..WORKERS).map(|_| worker(apart(&mut rng))).collect();
        let desk = workers.iter().map(|worker| Desk {
            ledger: Arc::new(Ledger::new(store.clone(), connection, worker.clock.clone())),
            hints: hints.clone(),
            rule,
        });
        Self {
            desk: desk.collect(),
            feed: Feed {
                theirs: Arc::new(Mutex::new(Theirs::new(seed))),
                whole: rng.random_bool(0.5),
                rule,
                unlisted: Arc::default(),
            },
            rule,
            rng,
            base_ms,
            table,
            store,
            hints,
            workers,
            connection,
            hooks: Vec::new(),
            runs: 0,
            all_may_go: false,
        }
    }

    /// How it goes wrong.
    pub(super) fn run(mut self) -> Wrong {
        for turn in 0..TURNS {
            self.pass(30);
            self.mislead(turn);
            match self.rng.random_range(0..20) {
                0..2 => self.change(turn),
                2 => self.deliver(),
                3 if self.rng.random_bool(0.2) => self.jump(),
                4 if self.rng.random_bool(0.3) => self.cut_off(),
                _ => {
                    let n = self.rng.random_range(0..WORKERS);
                    self.work(n);
                }
            }
        }
        self.calm();
        self.settle().or_else(|| self.compare())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.table.seen.lock().unwrap()
    }

    fn pass(&mut self, at_most_ms: i64) {
        let ms = self.rng.random_range(0..at_most_ms);
        self.base_ms.fetch_add(ms, Ordering::Relaxed);
        self.feed.theirs().now_ms += ms;
    }

    /// For two stretches of a seed they say what is not so.
    fn mislead(&mut self, turn: u32) {
        let mut theirs = self.feed.theirs();
        theirs.lists_half = (150..250).contains(&turn);
        // What a listing that goes on misses of a sudden may be too little to be noticed.
        let key = keys::listing(self.connection, "things");
        let is_listing = self.workers.iter().any(|w| w.is_listing) || self.table.has(&key);
        let may_begin = theirs.hides_all || !is_listing;
        theirs.hides_all = (300..400).contains(&turn) && may_begin;
    }

    fn change(&mut self, turn: u32) {
        let thing = self.feed.theirs().change();
        // Lost, once, or twice; in the end all are lost.
        let told = [0, 1, 1, 2][self.rng.random_range(0..4)];
        for _ in 0..told {
            if turn < TURNS - UNTOLD {
                self.hooks.push(thing);
            }
        }
    }

    /// A hint of theirs arrives, in whatever order.
    fn deliver(&mut self) {
        if self.hooks.is_empty() {
            return;
        }
        let n = self.rng.random_range(0..self.hooks.len());
        let id = RemoteId(self.hooks.swap_remove(n).to_string());
        self.hints.lock().unwrap().put(id, Timestamp(0));
    }

    /// A clock is set.
    fn jump(&mut self) {
        let n = self.rng.random_range(0..WORKERS);
        let apart = apart(&mut self.rng);
        self.workers[n]
            .clock
            .apart_ms
            .store(apart, Ordering::Relaxed);
    }

    /// A worker ends where it is.
    fn cut_off(&mut self) {
        let n = self.rng.random_range(0..WORKERS);
        self.workers[n].work = None;
        self.workers[n].is_listing = false;
    }

    /// A worker goes on to the next place where it waits, or begins something.
    fn work(&mut self, n: usize) -> Option<Done> {
        if self.workers[n].work.is_none() {
            let what = self.rng.random_range(0..10);
            self.workers[n].is_listing = (4..7).contains(&what);
            self.workers[n].work = Some(match what {
                0..4 => self.stepping(n),
                4..7 => self.listing(n),
                _ => self.looking(n)?,
            });
        }
        let work = self.workers[n].work.as_mut()?;
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => None,
            Poll::Ready(done) => {
                self.workers[n].work = None;
                self.workers[n].is_listing = false;
                Some(done)
            }
        }
    }

    fn parts(&self, n: usize) -> (Store, Arc<OwnClock>, Feed, Desk, ConnectionId) {
        let worker = &self.workers[n];
        let desk = self.desk[n].clone();
        (
            self.store.clone(),
            worker.clock.clone(),
            self.feed.clone(),
            desk,
            self.connection,
        )
    }

    fn stepping(&self, n: usize) -> Work {
        let (store, clock, feed, desk, connection) = self.parts(n);
        Box::pin(async move {
            let pull = pull(&store, &*clock, connection);
            Done::Step(step(&pull, &feed, &desk).await.unwrap())
        })
    }

    fn listing(&mut self, n: usize) -> Work {
        let (store, clock, feed, desk, connection) = self.parts(n);
        self.runs += 1;
        let run = self.runs.to_string();
        let all_may_go = self.all_may_go || self.rule == Rule::NoBrake;
        Box::pin(async move {
            let pull = pull(&store, &*clock, connection);
            let may_vanish = |of: u64| if all_may_go { of } else { of / 5 };
            Done::Listed(
                reconcile(&pull, &feed, &desk, &run, may_vanish)
                    .await
                    .unwrap(),
            )
        })
    }

    /// Looks at one thing that is hinted at; `None` when nothing is due.
    fn looking(&mut self, n: usize) -> Option<Work> {
        let (store, clock, feed, desk, connection) = self.parts(n);
        let now = clock.now();
        let due: Vec<Hint> = {
            let hints = self.hints.lock().unwrap();
            hints
                .all
                .iter()
                .filter(|(_, _, at)| *at <= now)
                .cloned()
                .collect()
        };
        let id = due
            .get(self.rng.random_range(0..due.len().max(1)))?
            .1
            .clone();
        let together: BTreeSet<u64> = due
            .iter()
            .filter(|hint| hint.1 == id)
            .map(|hint| hint.0)
            .collect();
        let hints = self.hints.clone();
        Some(Box::pin(async move {
            let pull = pull(&store, &*clock, connection);
            let looked = look(&pull, &feed, &desk, &[id]).await.unwrap();
            if looked == Looked::Done {
                pause().await;
                hints
                    .lock()
                    .unwrap()
                    .all
                    .retain(|hint| !together.contains(&hint.0));
            }
            Done::Looked
        }))
    }

    /// Everybody says what is so, and nobody is cut off any more.
    fn calm(&mut self) {
        {
            let mut theirs = self.feed.theirs();
            theirs.is_stormy = false;
            theirs.lists_half = false;
            theirs.hides_all = false;
        }
        for worker in &self.workers {
            worker.clock.apart_ms.store(0, Ordering::Relaxed);
        }
        while !self.hooks.is_empty() {
            self.deliver();
        }
        self.all_may_go = true;
    }

    /// Two nights: whatever is under way ends, everything that is hinted at is looked at, and everything is listed.
    fn settle(&mut self) -> Wrong {
        for n in 0..WORKERS {
            let mut patience = PATIENCE;
            while self.workers[n].work.is_some() {
                self.work(n);
                patience -= 1;
                if patience == 0 {
                    return Some("a worker never ends".to_owned());
                }
            }
        }
        for _ in 0..2 {
            self.base_ms.fetch_add(7_200_000, Ordering::Relaxed);
            self.feed.theirs().now_ms += 7_200_000;
            let ended = self
                .until(
                    |crew| crew.stepping(0),
                    |d| *d == Done::Step(Step::CaughtUp),
                )
                .or_else(|| {
                    self.until(
                        |c| c.listing(0),
                        |d| matches!(d, Done::Listed(Reconciled::Done(_))),
                    )
                })
                .or_else(|| self.drain());
            if ended.is_some() {
                return ended;
            }
        }
        None
    }

    /// Does something again and again until it comes to an end.
    fn until(&mut self, begin: impl Fn(&mut Self) -> Work, ended: impl Fn(&Done) -> bool) -> Wrong {
        for _ in 0..100 {
            self.workers[0].work = Some(begin(self));
            let mut done = None;
            for _ in 0..PATIENCE {
                done = self.work(0);
                if done.is_some() {
                    break;
                }
            }
            match done {
                Some(done) if ended(&done) => return None,
                Some(_) => {}
                None => return Some("it waits for ever".to_owned()),
            }
        }
        Some("it never comes to its end".to_owned())
    }

    fn drain(&mut self) -> Wrong {
        for _ in 0..1_000 {
            self.base_ms.fetch_add(20_000, Ordering::Relaxed);
            self.feed.theirs().now_ms += 20_000;
            let work = self.looking(0)?;
            self.workers[0].work = Some(work);
            while self.workers[0].work.is_some() {
                self.work(0);
            }
        }
        Some("hints never end".to_owned())
    }

    /// Whether ours is theirs, and was never further from it than it may be.
    fn compare(&self) -> Wrong {
        let theirs = self.feed.theirs();
        if let Some(wrong) = self.seen().wrong.take() {
            return Some(wrong);
        }
        let gone = |id: &&String| theirs.were_gone.contains(&id.parse().unwrap());
        if let Some(id) = self.seen().taken_away.iter().find(|id| !gone(id)) {
            return Some(format!("{id} was taken away and was always there"));
        }
        for id in 0..THINGS {
            let wanted = theirs.things.get(&id).filter(|thing| !thing.is_gone);
            let wanted = wanted.map(|thing| thing.order.to_string());
            let ledger = self.desk[0].ledger.clone();
            let is = run(async move { ledger.says(&RemoteId(id.to_string()), "en").await });
            if is != wanted {
                return Some(format!("{id} is {is:?} and should be {wanted:?}"));
            }
        }
        None
    }
}

/// How far a clock may be from the others: ten minutes.
fn apart(rng: &mut StdRng) -> i64 {
    rng.random_range(-600_000..600_000)
}

fn pull<'a>(store: &'a Store, clock: &'a dyn Clock, connection: ConnectionId) -> Pull<'a> {
    Pull {
        store,
        clock,
        connection,
        stream: "things",
        floor: Timestamp(1_795_507_200_000_000),
        limit: 3,
    }
}

/// Runs what never waits for anybody else.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(done) = polled {
            return done;
        }
    }
}
