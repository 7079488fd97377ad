//! A fake, a client of it and a store, with one clock.

use super::contract::Watched;
use super::ledger::Ledger;
use crate::client::{BearerSource, Budget, Class, OutgoingClient, Pace};
use crate::fakes::zendesk::{FakeZendesk, NewArticle, NewText};
use crate::port::{Fault, KnowledgeSource};
use crate::pull::{Pull, Reconciled, Step, reconcile, step};
use crate::vendors::vendor;
use async_trait::async_trait;
use axum::Router;
use kb_domain::remote::RemoteId;
use kb_domain::{Clock, ConnectionId, Timestamp};
use kb_fetch::Local;
use kb_store::{Embedded, MemoryBlobs, Store};
use kb_testkit::{MockClock, SeededIds};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A grant that is renewed while the fake gives one.
pub(super) struct Bearer {
    fake: Arc<FakeZendesk>,
    scopes: Vec<&'static str>,
    token: Mutex<String>,
    pub is_over: Mutex<bool>,
    pub renewed: Mutex<u32>,
}

#[async_trait]
impl BearerSource for Bearer {
    async fn bearer(&self) -> Result<String, Fault> {
        Ok(self.token.lock().unwrap().clone())
    }

    async fn refused(&self, bearer: &str) -> Result<String, Fault> {
        let mut token = self.token.lock().unwrap();
        if *self.is_over.lock().unwrap() {
            return Err(Fault::Grant("somebody must consent again".to_owned()));
        }
        if *token == bearer {
            *token = self.fake.consented(&self.scopes);
            *self.renewed.lock().unwrap() += 1;
        }
        Ok(token.clone())
    }
}

/// All of it.
pub(super) struct World {
    pub clock: Arc<MockClock>,
    pub fake: Arc<FakeZendesk>,
    pub wire: Arc<Watched<Local<Router>>>,
    pub bearer: Arc<Bearer>,
    pub store: Store,
    pub connection: ConnectionId,
    pub pace: Arc<Pace>,
    pub ledger: Ledger,
    /// A section to write in.
    pub section: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with_scopes(&["hc:read", "users:read"])
    }

    pub(super) fn with_scopes(scopes: &[&'static str]) -> Self {
        let clock = Arc::new(MockClock::default());
        let ids = Arc::new(SeededIds::new(7));
        let fake = FakeZendesk::new("acme", &["en-us", "zh-tw", "fr"], clock.clone(), ids);
        let category = fake.create_category(&[("en-us", "Help"), ("fr", "Aide")]);
        let section = fake.create_section(category, None, &[("en-us", "Start"), ("zh-tw", "開始")]);
        fake.set_limit(100_000);
        clock.advance(3_600);
        let bearer = Bearer {
            token: Mutex::new(fake.consented(scopes)),
            fake: fake.clone(),
            scopes: scopes.to_vec(),
            is_over: Mutex::new(false),
            renewed: Mutex::new(0),
        };
        let store = Store::new(
            Embedded::in_memory(None).unwrap(),
            Arc::new(MemoryBlobs::default()),
        );
        let connection = ConnectionId::new(Uuid::from_u128(1));
        let profile = vendor("zendesk").unwrap().profile();
        let pace = Pace::new(
            store.clone(),
            connection,
            profile.allowances,
            profile.limits,
        );
        Self {
            wire: Arc::new(Watched::new(Local::new(fake.host(), fake.router()))),
            bearer: Arc::new(bearer),
            ledger: Ledger::new(store.clone(), connection, clock.clone()),
            pace: Arc::new(pace),
            clock,
            fake,
            store,
            connection,
            section,
        }
    }

    /// A client of the fake, with a budget of so many calls.
    pub(super) fn client(&self, class: Class, calls: u32) -> OutgoingClient {
        OutgoingClient {
            fetch: self.wire.clone(),
            bearer: self.bearer.clone(),
            pace: self.pace.clone(),
            clock: self.clock.clone(),
            base: "https://acme.zendesk.com".parse().unwrap(),
            class,
            budget: Budget::new(calls, self.clock.now().plus_seconds(100_000)),
        }
    }

    /// Its knowledge, to a client that nothing holds back.
    pub(super) fn source(&self) -> Arc<dyn KnowledgeSource> {
        let client = self.client(Class::Live, 100_000);
        vendor("zendesk").unwrap().knowledge(Arc::new(client))
    }

    /// An article in English.
    pub(super) fn article(&self, title: &str) -> (u64, RemoteId) {
        let number = self.fake.create_article(NewArticle {
            section: self.section,
            texts: vec![NewText::published("en-us", title, "<p>text</p>")],
            segment: None,
            labels: Vec::new(),
        });
        (number, RemoteId(number.to_string()))
    }

    pub(super) fn edit(&self, number: u64, title: &str) {
        let text = NewText::published("en-us", title, "<p>text</p>");
        assert!(self.fake.edit_article(number, text));
    }

    fn pull(&self, floor: Timestamp) -> Pull<'_> {
        Pull {
            store: &self.store,
            clock: &*self.clock,
            connection: self.connection,
            stream: "articles",
            floor,
            limit: 100,
        }
    }

    /// A step of the stream, a minute later.
    pub(super) async fn step(&self) -> Step {
        self.clock.advance(61);
        let source = self.source();
        let pull = self.pull(Timestamp(1_795_507_200_000_000));
        step(&pull, &*source, &self.ledger).await.unwrap()
    }

    /// Steps until there is nothing more.
    pub(super) async fn catch_up(&self) -> Step {
        for _ in 0..50 {
            let done = self.step().await;
            if done != Step::More {
                return done;
            }
        }
        panic!("there is always more");
    }

    /// A step of a listing, a minute later.
    pub(super) async fn list_step(&self) -> Reconciled {
        self.clock.advance(61);
        let source = self.source();
        let pull = self.pull(Timestamp(1_795_507_200_000_000));
        let plausible = |of: u64| (of / 5).max(50);
        reconcile(&pull, &*source, &self.ledger, "run", plausible)
            .await
            .unwrap()
    }

    /// A listing to its end.
    pub(super) async fn list(&self) -> Reconciled {
        for _ in 0..200 {
            let done = self.list_step().await;
            if done != Reconciled::More {
                return done;
            }
        }
        panic!("there is always more");
    }
}
