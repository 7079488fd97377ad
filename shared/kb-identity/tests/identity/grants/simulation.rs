//! Workers that need access tokens of one connection, by seeds: paused for long and killed at any await, with a partner that fails,
//! answers late and kills a family of tokens when an older one is shown, and a person who consents anew. With every rule nothing good is
//! ever lost; without any one of them something is, within the same seeds.

use super::surroundings::{Line, Rule, Shared, Stepping};
use crate::desk::{Desk, store_on};
use kb_domain::Timestamp;
use kb_identity::grants::{ConnectError, Grants, Reconnect, ending};
use kb_store::repo::{GrantEnd, Sealed};
use kb_testkit::Weather;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// How long access tokens are good, in seconds.
const LIFE: i64 = 40;
const WORKERS: usize = 3;
const STEPS: usize = 300;
/// A function is ended after so many seconds.
const FUNCTION_SECONDS: i64 = 120;
/// What is late arrives within so many seconds.
const LATE_SECONDS: i64 = 150;

type Call = Pin<Box<dyn Future<Output = Result<SecretString, ConnectError>>>>;

/// What happens in a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Nobody dies and everything is answered.
    Calm,
    /// Workers die.
    Crashes,
    /// And the partner fails, and a person consents anew.
    Storm,
}

#[derive(Default)]
struct Worker {
    call: Option<(Call, Timestamp)>,
    /// The generation in the row when the call began.
    began_at: u64,
    token: Option<String>,
    holds: Arc<Mutex<Option<String>>>,
}

struct Sim {
    desk: Desk,
    shared: Arc<Shared>,
    rng: StdRng,
    mood: Mood,
    workers: Vec<Worker>,
    late: Vec<Timestamp>,
    /// The row as it was checked last, with the family of its pair.
    checked: (Sealed, usize),
    renewals: u64,
    reconnects: u64,
}

impl Sim {
    async fn new(seed: u64, rule: Rule) -> Self {
        let desk = Desk::with_life(seed, LIFE);
        desk.consent().await.unwrap();
        let shared = Arc::new(Shared {
            rule,
            paused: AtomicBool::default(),
            written: AtomicBool::default(),
            now: AtomicI64::default(),
        });
        let moods = [Mood::Storm, Mood::Crashes, Mood::Storm, Mood::Calm];
        Self {
            rng: StdRng::seed_from_u64(seed),
            mood: moods[seed as usize % moods.len()],
            workers: (0..WORKERS).map(|_| Worker::default()).collect(),
            late: Vec::new(),
            checked: (desk.row().await.tokens, 0),
            renewals: 0,
            reconnects: 0,
            desk,
            shared,
        }
    }

    fn now(&self) -> Timestamp {
        let now = self.desk.now();
        self.shared.now.store(now.0, Ordering::Relaxed);
        now
    }

    fn call(&self, n: usize) -> Call {
        let line = Line {
            server: self.desk.server.clone(),
            shared: self.shared.clone(),
            holds: self.workers[n].holds.clone(),
        };
        let table = Stepping {
            table: self.desk.table.clone(),
            shared: self.shared.clone(),
        };
        let store = store_on(Arc::new(table));
        let (ids, vault) = (self.desk.ids.clone(), self.desk.vault.clone());
        let grants = Grants::new(store, ids, vault, Arc::new(line));
        let (connection, client, now) =
            (self.desk.connection, self.desk.client.clone(), self.now());
        // A token that opens nothing was answered 401.
        let refused = self.workers[n]
            .token
            .clone()
            .filter(|t| !self.desk.server.opens(t));
        Box::pin(async move {
            match refused {
                Some(token) => {
                    grants
                        .refused(connection, &client, &SecretString::from(token), now)
                        .await
                }
                None => grants.bearer(connection, &client, now).await,
            }
        })
    }

    fn die(&mut self, n: usize) {
        self.workers[n].call = None;
        *self.workers[n].holds.lock().unwrap() = None;
    }

    fn weather(&mut self) {
        let weather = match self.rng.random_range(0..40) {
            0 => Weather::Answers(503, ""),
            1 => Weather::DoneAndAnswers(500),
            2 => Weather::NotReached,
            3 => Weather::Lost,
            4 => Weather::DoneAndLost,
            5 => Weather::Garbage,
            6..=9 => Weather::Late,
            10 => Weather::Answers(400, r#"{"error":"temporarily_unavailable"}"#),
            _ => Weather::Fine,
        };
        self.desk.server.forecast([weather]);
    }

    /// One moment of one worker.
    async fn step(&mut self, n: usize) -> Result<(), String> {
        let now = self.now();
        if self.workers[n].call.is_none() {
            self.workers[n].began_at = self.desk.row().await.generation;
            self.workers[n].call = Some((self.call(n), now));
        }
        let called = self.desk.server.called();
        let (call, _) = self.workers[n].call.as_mut().unwrap();
        let paused = &self.shared.paused;
        let done = poll_fn(|cx| match call.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if paused.swap(false, Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await;
        if self.desk.server.called() > called && self.mood == Mood::Storm {
            self.weather();
        }
        self.late.resize(self.desk.server.late(), now);
        let Some(done) = done else {
            return Ok(());
        };
        self.die(n);
        match done {
            Ok(token) => self.workers[n].token = Some(token.expose_secret().to_owned()),
            Err(ConnectError::Reconnect(why)) => {
                self.reconnects += 1;
                // What was stored while it asked, it may not have seen.
                if self.workers[n].began_at == self.desk.row().await.generation {
                    self.is_justly_over(why).await?;
                }
                if self.rng.random_bool(0.5) {
                    self.desk.consent_later().await;
                }
            }
            Err(
                ConnectError::Busy(_) | ConnectError::Unreachable(_) | ConnectError::Partner(_),
            ) => {}
            Err(error) => return Err(format!("a worker is told: {error}")),
        }
        Ok(())
    }

    /// A person is asked for only where the pair in the row is worth nothing.
    async fn is_justly_over(&self, why: Reconnect) -> Result<(), String> {
        let stored = self.desk.stored().await;
        // Two who died before they had shown it leave a pair that nobody dares to show a third time.
        if why != Reconnect::Lost && self.desk.server.opens(&stored) {
            return Err(format!("{why:?} is told of a grant that is good"));
        }
        Ok(())
    }

    /// After every moment.
    async fn check(&mut self, killed: usize) -> Result<usize, String> {
        let reused = self.desk.server.reused();
        for family in &reused[killed..] {
            let stored = self.desk.stored().await;
            let held = self
                .workers
                .iter()
                .filter_map(|w| w.holds.lock().unwrap().clone());
            let mut newest = held.chain([stored]);
            let of = |token: &String| self.desk.server.family(token) == Some(*family);
            if newest.any(|token| of(&token) && self.desk.server.is_newest(&token)) {
                return Err("a family was killed whose newest pair somebody had".to_owned());
            }
        }
        let is_new = self.shared.written.swap(false, Ordering::Relaxed);
        if !is_new && killed == reused.len() {
            return Ok(killed);
        }
        let row = self.desk.row().await;
        if row.tokens != self.checked.0 {
            let family = self.desk.server.family(&self.desk.stored().await);
            let family = family.ok_or("a pair of nobody is stored")?;
            if family < self.checked.1 {
                return Err("a pair of a consent is stored over one of a later consent".to_owned());
            }
            self.checked = (row.tokens, family);
        }
        if row.end == Some(GrantEnd::Refused) && self.desk.server.opens(&self.desk.stored().await) {
            return Err("a grant that is good was ended".to_owned());
        }
        Ok(reused.len())
    }

    /// How often each refresh token was shown.
    fn shown(&self) -> BTreeMap<String, u64> {
        let mut shown = BTreeMap::new();
        for call in self.desk.server.calls() {
            if let Some(token) = call.fields.get("refresh_token") {
                *shown.entry(token.clone()).or_default() += 1;
            }
        }
        shown
    }

    async fn run(&mut self) -> Result<(), String> {
        let mut killed = 0;
        for _ in 0..STEPS {
            let seconds = match self.rng.random_range(0..100) {
                0..3 if self.mood != Mood::Calm => self.rng.random_range(10..200),
                _ => self.rng.random_range(0..3),
            };
            self.desk.clock.advance(seconds);
            let now = self.now();
            let n = self.rng.random_range(0..WORKERS);
            for n in 0..WORKERS {
                let began = self.workers[n].call.as_ref().map(|(_, began)| *began);
                if began.is_some_and(|began| now > began.plus_seconds(FUNCTION_SECONDS)) {
                    self.die(n);
                }
            }
            if self
                .late
                .first()
                .is_some_and(|sent| now > sent.plus_seconds(LATE_SECONDS))
                || self.rng.random_bool(0.05)
            {
                self.arrive();
            }
            if self.mood != Mood::Calm && self.rng.random_bool(0.02) {
                self.die(n);
            } else {
                self.step(n).await?;
            }
            if self.mood == Mood::Storm && self.rng.random_bool(0.01) {
                self.desk.consent_later().await;
            }
            killed = self.check(killed).await?;
        }
        let shown = self.shown();
        self.renewals += shown.len() as u64;
        match self.mood {
            Mood::Calm if shown.values().any(|n| *n > 1) => {
                return Err("one was shown twice".to_owned());
            }
            Mood::Crashes if shown.values().any(|n| *n > 2) => {
                return Err("one was shown without end".to_owned());
            }
            _ => {}
        }
        self.end().await
    }

    fn arrive(&mut self) {
        if !self.late.is_empty() {
            self.late.remove(0);
        }
        self.desk.server.arrive();
    }

    /// Everybody is gone and the sky is clear: whoever comes now gets a token that opens something, or a person is asked for.
    async fn end(&mut self) -> Result<(), String> {
        for n in 0..WORKERS {
            self.die(n);
        }
        self.desk.server.clear();
        while !self.late.is_empty() {
            self.arrive();
        }
        self.desk.clock.advance(400);
        let told = match self.desk.bearer().await {
            Ok(token) if !self.desk.server.opens(&token) => {
                self.desk.clock.advance(60);
                self.desk.refused(&token).await
            }
            told => told,
        };
        let row = self.desk.row().await;
        match told {
            Ok(token) if self.desk.server.opens(&token) => Ok(()),
            Ok(_) => Err("a token that opens nothing is given out".to_owned()),
            Err(ConnectError::Reconnect(why)) => {
                assert_eq!(ending(&row, self.now()), Some(why));
                self.is_justly_over(why).await
            }
            Err(error) => Err(format!("in the end: {error}")),
        }
    }
}

impl Desk {
    /// A person consents, at a partner that answers.
    async fn consent_later(&self) {
        self.server.clear();
        self.consent().await.unwrap();
    }

    /// The access token in the row.
    async fn stored(&self) -> String {
        let row = kb_store::keys::grant(self.connection);
        let grant = self.row().await;
        let place = kb_identity::vault::Place {
            what: "tokens",
            row: &row,
            generation: grant.generation,
        };
        let opened = self.vault.open(place, &grant.tokens).await.unwrap();
        let pair: serde_json::Value = serde_json::from_str(opened.expose_secret()).unwrap();
        pair["access"].as_str().unwrap().to_owned()
    }
}

/// Seeds: as many as `SIDENOTE_TEST_ROUNDS` says, or 300.
#[expect(
    clippy::disallowed_methods,
    reason = "the crate of the environment stands above this one"
)]
fn seeds() -> u64 {
    let rounds = std::env::var("SIDENOTE_TEST_ROUNDS").ok();
    rounds.map_or(300, |n| n.parse().unwrap())
}

#[tokio::test]
async fn nothing_good_is_lost_however_workers_die_and_partners_fail() {
    let (mut renewals, mut reconnects) = (0, 0);
    for seed in 0..seeds() {
        let mut sim = Sim::new(seed, Rule::Whole).await;
        if let Err(wrong) = sim.run().await {
            panic!("seed {seed}, {:?}: {wrong}", sim.mood);
        }
        renewals += sim.renewals;
        reconnects += sim.reconnects;
    }
    println!(
        "{} seeds, {renewals} renewals, a person is asked for {reconnects} times",
        seeds()
    );
    assert!(renewals > 4 * seeds(), "{renewals}");
}

#[tokio::test]
async fn without_any_one_rule_something_good_is_lost() {
    let rules = [
        Rule::Announced,
        Rule::AnnouncedOnce,
        Rule::Patience,
        Rule::Finality,
        Rule::NewestStays,
        Rule::OwnVerdict,
        Rule::FaultsEndNothing,
        Rule::SilenceIsUnsure,
    ];
    for rule in rules {
        let mut wrong = None;
        for seed in 0..300 {
            if let Err(how) = Sim::new(seed, rule).await.run().await {
                wrong = Some((seed, how));
                break;
            }
        }
        println!("without {rule:?}: {wrong:?}");
        assert!(
            wrong.is_some(),
            "the simulation cannot tell whether {rule:?} is there"
        );
    }
}
