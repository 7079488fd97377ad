//! A knowledge base on embedded engines in memory, with people and content made through the verbs.

mod content;

use crate::client::Client;
use crate::guard::{Guarded, Refusals};
use crate::mount::mount;
use crate::persona::Persona;
use crate::seeded::{MockClock, SeededIds};
use axum::Router;
use kb_actions::{Kb, Needs, RequestContext};
use kb_domain::{Body, BodyFormat, EventId, Level, Locale, Role, TranslationDraft, Viewer};
use kb_events::{Actor, Author, Happened, Job, Jobs, Prepared, Work};
use kb_fetch::{Fetch, Nowhere};
use kb_http::{Api, CursorSecret, Cursors, Deps, Limiter, Limits, Settings};
use kb_identity::secret_keys::BareKeys;
use kb_identity::vault::Vault;
use kb_identity::{Identity, NewKey, NewPerson};
use kb_search::{SearchIndex, TantivyIndex};
use kb_store::repo::KeyScope;
use kb_store::{Blobs, Chaos, Consumer, Embedded, Feed, MemoryBlobs, Table};
use std::sync::Arc;

/// Events that a consumer takes at once.
const BATCH: usize = 100;
/// Under which cursors are sealed.
const SECRET: [u8; 32] = [7; 32];

/// One text of an article.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its language.
    pub locale: &'static str,
    /// The title.
    pub title: String,
    /// The body, in Markdown.
    pub markdown: String,
}

impl Text {
    /// An English text.
    pub fn en(title: &str, markdown: &str) -> Self {
        Self::of("en", title, markdown)
    }

    /// A text in a language.
    pub fn of(locale: &'static str, title: &str, markdown: &str) -> Self {
        Self {
            locale,
            title: title.to_owned(),
            markdown: markdown.to_owned(),
        }
    }

    /// The draft that a save takes.
    pub fn draft(&self) -> TranslationDraft {
        TranslationDraft {
            title: self.title.clone(),
            summary: String::new(),
            body: Body {
                format: BodyFormat::Markdown,
                source: self.markdown.clone(),
            },
            note: String::new(),
        }
    }
}

/// A knowledge base in memory. Its indexes lag and its feed is unruly, by the seed, until [`World::settle`].
pub struct World {
    /// The base.
    pub kb: Kb,
    /// The engine under it.
    pub store: Arc<Embedded>,
    /// Keys, people and sessions.
    pub identity: Identity,
    /// The clock.
    pub clock: Arc<MockClock>,
    /// What the HTTP functions are told.
    pub settings: Settings,
    /// How often somebody may do something; without end unless a test says so.
    pub limits: Limits,
    /// The way to partners outside; nobody is there unless a test says so.
    pub fetch: Arc<dyn Fetch>,
    /// What keeps their secrets.
    pub vault: Vault,
    settled: bool,
    refusals: Refusals,
}

impl World {
    /// An empty world of this seed.
    pub fn new(seed: u64) -> Self {
        let store = Embedded::in_memory(Some(Chaos { seed })).expect("memory opens");
        let index = TantivyIndex::open(None).expect("memory opens");
        let (clock, ids) = (
            Arc::new(MockClock::default()),
            Arc::new(SeededIds::new(seed)),
        );
        let kb = Kb::new(
            store.clone(),
            Arc::new(MemoryBlobs::default()),
            index,
            clock.clone(),
            ids.clone(),
        );
        let keys = BareKeys::new(Arc::new(MemoryBlobs::default()), ids.clone());
        Self {
            vault: Vault::new(Arc::new(keys), clock.clone(), ids.clone()),
            identity: Identity::new(kb.store().clone(), clock.clone(), ids).noting_use(true),
            kb,
            store,
            clock,
            settings: Settings {
                public_url: None,
                secure_cookies: false,
                frame_ancestors: vec!["'self'".to_owned()],
                demo: true,
            },
            limits: Limits::default(),
            fetch: Arc::new(Nowhere),
            settled: true,
            refusals: Refusals::default(),
        }
    }

    /// What the HTTP functions work on where one program is all of them.
    pub fn deps(&self) -> Deps {
        Deps {
            kb: self.kb.clone(),
            identity: self.identity.clone(),
            cursors: Cursors::new(Arc::new(SECRET)),
            health: Arc::new(()),
            limits: self.limiter(&self.kb),
            fetch: self.fetch.clone(),
            vault: self.vault.clone(),
            settings: Arc::new(self.settings.clone()),
        }
    }

    /// What a function works on that is a program of its own and needs this. A touch of anything else panics and fails the test.
    pub fn deps_for(&self, needs: Needs) -> Deps {
        let (clock, ids) = (self.kb.clock().clone(), self.kb.ids().clone());
        let store = self.kb.store();
        let table = Guarded::<dyn Table>::new(store.table().clone(), needs, &self.refusals);
        let blobs = Guarded::<dyn Blobs>::new(store.blobs().clone(), needs, &self.refusals);
        let index = Guarded::<dyn SearchIndex>::new(self.kb.index().clone(), needs, &self.refusals);
        let secret = Guarded::<dyn CursorSecret>::new(Arc::new(SECRET), needs, &self.refusals);
        let kb = Kb::new(table, blobs, index, clock.clone(), ids.clone());
        Deps {
            identity: Identity::new(kb.store().clone(), clock, ids).noting_use(needs.people),
            health: Arc::new(()),
            limits: self.limiter(&kb),
            fetch: self.fetch.clone(),
            vault: self.vault.clone(),
            kb,
            cursors: Cursors::new(secret),
            settings: Arc::new(self.settings.clone()),
        }
    }

    /// What counts for one program.
    fn limiter(&self, kb: &Kb) -> Limiter {
        let table = kb.store().table().clone();
        Limiter::new(table, self.clock.clone(), self.limits.clone())
    }

    /// The base as [`World::deps_for`] gives it, for functions that answer no requests.
    pub fn kb_for(&self, needs: Needs) -> Kb {
        self.deps_for(needs).kb
    }

    /// The routes of these functions at one address, each on its own [`World::deps_for`]. What no route fits goes to the last one.
    pub fn router(&self, functions: Vec<(Api, Needs)>) -> Router {
        let with_deps = functions.into_iter();
        let with_deps = with_deps.map(|(api, needs)| (api, self.deps_for(needs)));
        mount(with_deps.collect())
    }

    /// Takes out what was refused to functions that did not say they need it. What is left fails the test.
    pub fn take_refusals(&self) -> Vec<String> {
        self.refusals.take()
    }

    /// Drains the feed into `consumer` and ends the lag of the indexes.
    pub async fn settle(&mut self, consumer: &dyn Consumer) {
        while self.kb_pending(consumer) > 0 {
            self.store
                .pump(consumer, BATCH, self.kb.now())
                .await
                .expect("the feed can be read");
        }
        self.catch_up();
        self.settled = true;
    }

    /// Ends the lag of the table's indexes; the feed goes on as before.
    pub fn catch_up(&self) {
        self.store.settle().expect("the engine can be read");
    }

    fn kb_pending(&self, consumer: &dyn Consumer) -> u64 {
        self.store
            .pending(consumer.name())
            .expect("the feed can be read")
    }

    /// Turns the clock forward, or back.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    /// Runs what is due of these jobs, once, as the clock does; answers how many ran. What they write must be settled.
    pub async fn run_due(&mut self, jobs: Vec<Arc<dyn Job>>) -> usize {
        let jobs = Jobs::new(self.store.clone(), self.clock.clone(), jobs);
        jobs.start().await.expect("the engine can be written");
        let ran = jobs
            .run_due(&|| true)
            .await
            .expect("the engine can be written");
        self.settled &= ran == 0;
        ran
    }

    /// The context of a caller of this kind; an admin's writes everything.
    pub async fn ctx(&self, persona: Persona) -> RequestContext {
        self.ctx_of(persona.viewer()).await
    }

    /// The context of a caller.
    pub async fn ctx_of(&self, viewer: Viewer) -> RequestContext {
        RequestContext::load(&self.kb, viewer)
            .await
            .expect("the gate can be read")
    }

    /// Commits what a verb has prepared.
    pub async fn commit<T>(&self, prepared: Prepared<T>) -> T {
        let committed = prepared.commit(self.kb.store()).await;
        committed.expect("what a test prepares can be written")
    }

    /// Writes what no verb writes, with an event.
    pub async fn write(&mut self, what: Happened, add: impl FnOnce(&mut Work)) {
        self.settled = false;
        let at = self.kb.now();
        let mut work = Work::begin(at);
        add(&mut work);
        let by = Author {
            actor: Actor::Operator,
            at,
            event: EventId::new(self.kb.ids().uuid()),
        };
        self.commit(work.happened(by, what, |_| ())).await;
    }

    /// A client of these routes, asking as nobody.
    pub fn client(&self, routes: Api) -> Client {
        Client::new(kb_http::finish(routes.into_router(), self.deps()))
    }

    /// Ends a test of a crate that knows no indexer: its events are of no interest.
    pub fn leave_unindexed(mut self) {
        self.settled = true;
    }

    /// Marks that a test wrote past the builders, so that it must settle before it ends.
    pub fn touched(&mut self) {
        self.settled = false;
    }

    /// The secret of a fresh API key.
    pub async fn key(&self, scopes: &[KeyScope]) -> String {
        let scopes = scopes.iter().copied().collect();
        self.identity
            .create_key(&NewKey::of("test", scopes, 3_600), Actor::Operator)
            .await
            .expect("a key is made")
            .secret
    }

    /// The session of an employee with these roles over the whole base.
    pub async fn person_with(&self, roles: &[Role]) -> String {
        let subject = format!("{roles:?}");
        let new = NewPerson {
            name: &subject,
            level: Level::Employee,
            roles,
            segments: &[],
        };
        let person = self.identity.person("test", &subject, &new);
        let person = person.await.expect("a person is made");
        let session = self.identity.open_session(person);
        session.await.expect("a session is made").secret
    }

    /// The session of a person of this kind, in these segments.
    pub async fn session(&self, persona: Persona, segments: &[&str]) -> String {
        let subject = format!("{persona:?}{segments:?}");
        let person = self
            .identity
            .person("test", &subject, &persona.person(&subject, segments))
            .await
            .expect("a person is made");
        self.identity
            .open_session(person)
            .await
            .expect("a session is made")
            .secret
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let refused = self.refusals.take();
        assert!(
            refused.is_empty(),
            "a function touched what it does not say it needs: {refused:#?}"
        );
        assert!(
            self.settled,
            "events are left over: call World::settle before the test ends"
        );
    }
}

/// A locale that a test spells.
fn tag(text: &str) -> Locale {
    text.parse().expect("tests name well-formed locales")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kb_actions::{IndexAccess, TableAccess};
    use kb_store::keys;
    use kb_store::repo::Suggestion;

    const READS: Needs = Needs {
        main: TableAccess::Read,
        rows: &[],
        log: TableAccess::Nothing,
        counts: false,
        index: IndexAccess::Nothing,
        blobs: &["body/"],
        keys: false,
        people: false,
        stream: false,
    };

    #[tokio::test]
    async fn what_is_needed_is_done() {
        let world = World::new(1);
        let kb = world.kb_for(READS);
        kb.gate().await.unwrap();
        let (blobs, all) = (kb.store().blobs(), world.kb.store().blobs());
        blobs.put("body/a", vec![1]).await.unwrap();
        assert_eq!(all.get("body/a").await.unwrap(), Some(vec![1]));
    }

    #[tokio::test]
    #[should_panic(expected = "a function touched what it does not say it needs")]
    async fn what_is_not_needed_fails_the_world_though_its_panic_was_caught() {
        let world = World::new(1);
        let kb = world.kb_for(READS);
        let refused = tokio::spawn(async move { kb.index().size().await });
        assert!(refused.await.unwrap_err().is_panic());
    }

    #[tokio::test]
    async fn every_engine_is_guarded() {
        let world = World::new(1);
        let deps = world.deps_for(READS);
        let id = kb_domain::SuggestionId::new(world.kb.ids().uuid());
        let (kb, log) = (deps.kb, keys::suggestion(world.kb.now(), id));
        let touches: Vec<tokio::task::JoinHandle<bool>> = vec![
            tokio::spawn({
                let kb = kb.clone();
                let nothing = Prepared::nothing(());
                async move { nothing.commit(kb.store()).await.is_ok() }
            }),
            tokio::spawn({
                let kb = kb.clone();
                async move { kb.store().get::<Suggestion>(&log).await.is_ok() }
            }),
            tokio::spawn({
                let kb = kb.clone();
                async move {
                    kb.store()
                        .blobs()
                        .put("lexicon/a", Vec::new())
                        .await
                        .is_ok()
                }
            }),
            tokio::spawn(async move { kb.store().blobs().delete("body/a").await.is_ok() }),
            tokio::spawn(async move { deps.cursors.seal("list", "a").await.is_ok() }),
            tokio::spawn(async move { deps.identity.close_session("se_1").await.is_ok() }),
        ];
        for (n, touch) in touches.into_iter().enumerate() {
            // The first one writes nothing, and so touches nothing.
            assert_eq!(touch.await.is_err(), n > 0, "{n}");
        }
        let refused = world.take_refusals();
        assert_eq!(refused.len(), 5, "{refused:#?}");
    }
}
