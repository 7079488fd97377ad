//! A knowledge base on embedded engines in memory, with people and content made through the verbs.

use crate::client::Client;
use crate::persona::Persona;
use crate::seeded::{MockClock, SeededIds};
use kb_actions::articles::{self, NewArticle};
use kb_actions::structure::{self, NewNode, NewPortal};
use kb_actions::{Error, Kb, RequestContext, translations};
use kb_domain::{
    Article, ArticleId, Audience, Body, BodyFormat, Kind, Locale, Node, NodeId, Portal, SectionId,
    TranslationDraft, Viewer,
};
use kb_events::{Job, Jobs};
use kb_http::{Api, Cursors, Deps, Settings};
use kb_identity::Identity;
use kb_search::TantivyIndex;
use kb_store::repo::KeyScope;
use kb_store::{Chaos, Consumer, Embedded, Feed, MemoryBlobs};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Events that a consumer takes at once.
const BATCH: usize = 100;

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
    settled: bool,
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
        Self {
            identity: Identity::new(store.clone(), clock.clone(), ids),
            kb,
            store,
            clock,
            settings: Settings {
                secure_cookies: false,
                frame_ancestors: vec!["'self'".to_owned()],
                demo: true,
            },
            settled: true,
        }
    }

    /// What the HTTP functions work on.
    pub fn deps(&self) -> Deps {
        Deps {
            kb: self.kb.clone(),
            identity: self.identity.clone(),
            cursors: Cursors::new(Arc::new([7; 32])),
            settings: Arc::new(self.settings.clone()),
        }
    }

    /// Drains the feed into `consumer` and ends the lag of the indexes.
    pub async fn settle(&mut self, consumer: &dyn Consumer) {
        while self.kb_pending(consumer) > 0 {
            self.store
                .pump(consumer, BATCH, self.kb.clock.now())
                .await
                .expect("the feed can be read");
        }
        self.store.settle().expect("the engine can be read");
        self.settled = true;
    }

    fn kb_pending(&self, consumer: &dyn Consumer) -> u64 {
        self.store
            .pending(consumer.name())
            .expect("the feed can be read")
    }

    /// Turns the clock forward.
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

    /// A portal that is open to `entry`, with one category and one section in it.
    pub async fn portal(&mut self, handle: &str, entry: Audience) -> (Portal, SectionId) {
        self.settled = false;
        let locale = Locale::en;
        let new = NewPortal {
            handle: handle.to_owned(),
            name: BTreeMap::from([(locale(), format!("Portal {handle}"))]),
            locales: vec![locale(), tag("zh-Hans"), tag("zh-Hant")],
            default_locale: locale(),
            entry,
        };
        let ctx = self.ctx(Persona::Admin).await;
        let portal = structure::create_portal(&self.kb, &ctx, new)
            .await
            .expect("a portal is made")
            .value;
        let category = self.node(&portal, None, "Category").await;
        let section = self.node(&portal, Some(category.id), "Section").await;
        let ctx = self.ctx(Persona::Admin).await;
        let portal = structure::activate(&self.kb, &ctx, portal.id)
            .await
            .expect("it has a category")
            .value;
        let NodeId::Section(section) = section.id else {
            unreachable!("what stands in a category is a section")
        };
        (portal, section)
    }

    /// A category, or a section below `parent`.
    pub async fn node(&mut self, portal: &Portal, parent: Option<NodeId>, name: &str) -> Node {
        self.settled = false;
        let new = NewNode {
            parent,
            name: BTreeMap::from([(portal.default_locale.clone(), name.to_owned())]),
            description: BTreeMap::new(),
            position: None,
            external: None,
        };
        let ctx = self.ctx(Persona::Admin).await;
        structure::create_node(&self.kb, &ctx, portal.id, new)
            .await
            .expect("a node is made")
            .value
    }

    /// A new article of this kind and type in a section, with its texts published.
    pub async fn article(
        &mut self,
        (portal, section): (&Portal, SectionId),
        kind: Kind,
        article_type: &str,
        audience: Audience,
        texts: &[Text],
    ) -> Article {
        self.settled = false;
        let ctx = self.ctx(Persona::Admin).await;
        let new = NewArticle {
            kind,
            article_type: article_type.parse().expect("tests name well-formed types"),
            section,
            portal: portal.id,
            position: None,
            audience,
            labels: Vec::new(),
            owner: None,
            source_locale: tag(texts.first().map_or("en", |t| t.locale)),
            external: None,
        };
        let made = articles::create(&self.kb, &ctx, new)
            .await
            .expect("an article is made");
        for text in texts {
            self.publish(made.head.value.id, text)
                .await
                .expect("a text is published");
        }
        made.head.value
    }

    /// Saves a text of an article and makes it live.
    pub async fn publish(&mut self, article: ArticleId, text: &Text) -> Result<(), Error> {
        self.settled = false;
        let ctx = self.ctx(Persona::Admin).await;
        let locale = tag(text.locale);
        let before = articles::read(&self.kb, &ctx, article)
            .await?
            .translation(&locale)
            .map(|t| t.version);
        let saved =
            translations::save(&self.kb, &ctx, article, &locale, before, text.draft()).await?;
        let version = saved.translation.version;
        translations::publish(&self.kb, &ctx, article, &locale, version).await?;
        Ok(())
    }

    /// A client of these routes, asking as nobody.
    pub fn client(&self, routes: Api) -> Client {
        let router = routes.into_router().with_state(self.deps());
        Client::new(kb_http::finish(router, self.kb.ids.clone()))
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
            .create_key("test", scopes, 3_600, "operator")
            .await
            .expect("a key is made")
            .secret
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
            .open_session(person, false)
            .await
            .expect("a session is made")
            .secret
    }
}

impl Drop for World {
    fn drop(&mut self) {
        assert!(
            self.settled || std::thread::panicking(),
            "events are left over: call World::settle before the test ends"
        );
    }
}

/// A locale that a test spells.
fn tag(text: &str) -> Locale {
    text.parse().expect("tests name well-formed locales")
}
