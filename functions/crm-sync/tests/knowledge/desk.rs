//! A world with a help desk beside it.

use crate::trouble::Theirs;
use fn_crm_sync::FEATURE;
use kb_actions::connections::{self, NewConnection, Step};
use kb_actions::sync::Report;
use kb_actions::{Kb, RequestContext};
use kb_connectors::fakes::zendesk::{FakeZendesk, NewArticle, NewText, Segment};
use kb_domain::remote::{Connection, OAuthClient, RemoteId};
use kb_domain::{Audience, ConnectionId, ExternalId, PortalId};
use kb_events::{Event, Job};
use kb_fetch::Local;
use kb_runtime::feature::{self, Works};
use kb_store::record::read;
use kb_store::repo::{ArticleWithTexts, Articles, Stored};
use kb_store::{Key, Table, TableName};
use kb_testkit::{Persona, World};
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct Desk {
    pub world: World,
    pub fake: Arc<FakeZendesk>,
    /// Its clock.
    pub theirs: Arc<Theirs>,
    pub id: ConnectionId,
    pub portal: PortalId,
    pub category: u64,
    pub section: u64,
    /// The articles there, in the order in which they were written.
    pub numbers: Vec<u64>,
}

impl Desk {
    /// A help desk with so many articles in two languages, to which somebody has consented.
    pub async fn new(seed: u64, articles: usize) -> Self {
        let mut world = World::new(seed);
        let ids = world.kb.ids().clone();
        let languages = ["en-us", "zh-cn", "zh-tw"];
        let theirs = Theirs::like(world.clock.clone());
        let fake = FakeZendesk::new("acme", &languages, theirs.clone(), ids);
        world.fetch = Arc::new(Local::new(fake.host(), fake.router()));
        let category = fake.create_category(&[("en-us", "Help"), ("zh-cn", "帮助")]);
        let section = fake.create_section(category, None, &[("en-us", "Invoices")]);
        let numbers = (0..articles).map(|n| {
            fake.create_article(NewArticle {
                section,
                texts: vec![
                    NewText::published("en-us", &format!("Invoice {n}"), &body(n)),
                    NewText::published("zh-cn", &format!("发票 {n}"), "<p>在设置里打开。</p>"),
                ],
                segment: None,
                labels: vec!["billing".to_owned()],
            })
        });
        let numbers = numbers.collect();
        let (portal, _) = world.portal("help", Audience::public()).await;
        // What was written there is older than any look.
        world.advance(60);
        let mut desk = Self {
            id: connect(&world, &fake).await,
            portal: portal.id,
            world,
            fake,
            theirs,
            category,
            section,
            numbers,
        };
        desk.map(|connection| {
            let everywhere = &mut connection.mapping.everywhere;
            everywhere.portal = Some(portal.id);
            everywhere.audience = Some(Audience::public());
        })
        .await;
        desk
    }

    /// One that works and has brought everything in.
    pub async fn working(seed: u64, articles: usize) -> Self {
        let mut desk = Self::new(seed, articles).await;
        desk.step(Step::Try).await;
        desk.step(Step::Start).await;
        desk.minute().await;
        desk.minute().await;
        desk
    }

    /// Articles whose readers are said by a word that nobody knows.
    pub fn unknown_readers(&mut self, articles: usize) {
        let segment = self.fake.create_segment(Segment {
            name: "Partners".to_owned(),
            user_type: "partners".to_owned(),
            ..Segment::default()
        });
        for n in 0..articles {
            let number = self.fake.create_article(NewArticle {
                section: self.section,
                texts: vec![NewText::published(
                    "en-us",
                    &format!("Partner {n}"),
                    "<p>Ours.</p>",
                )],
                segment: Some(segment),
                labels: Vec::new(),
            });
            self.numbers.push(number);
        }
        self.world.advance(60);
    }

    pub async fn ctx(&self) -> RequestContext {
        self.world.ctx(Persona::Admin).await
    }

    pub fn kb(&self) -> &Kb {
        &self.world.kb
    }

    pub async fn connection(&self) -> Stored<Connection> {
        let ctx = self.ctx().await;
        let id = self.id.to_string();
        connections::read(self.kb(), &ctx, &id).await.unwrap()
    }

    pub async fn map(&mut self, change: impl FnOnce(&mut Connection)) {
        let before = self.connection().await;
        let mut after = before.value.clone();
        change(&mut after);
        let ctx = self.ctx().await;
        let mapped = connections::map(self.kb(), &ctx, &before, after.mapping).await;
        mapped.unwrap();
        self.drain().await;
    }

    pub async fn step(&mut self, step: Step) {
        let before = self.connection().await;
        let ctx = self.ctx().await;
        let stepped = connections::step(self.kb(), &ctx, &before, step).await;
        stepped.unwrap();
        self.drain().await;
    }

    /// Runs what is due until nothing is.
    pub async fn run(&mut self) {
        let jobs = self.jobs();
        while self.world.run_due(jobs.clone()).await > 0 {}
        self.drain().await;
    }

    /// A minute later.
    pub async fn minute(&mut self) {
        self.world.advance(60);
        self.run().await;
    }

    pub fn jobs(&self) -> Vec<Arc<dyn Job>> {
        feature::jobs(&[FEATURE], &self.works())
    }

    /// Takes the feed to its end. Nobody indexes here.
    pub async fn drain(&mut self) {
        let works = self.works();
        let follower = feature::follower(&[FEATURE], &works);
        self.world.settle(&follower).await;
    }

    fn works(&self) -> Works {
        let kb = self.world.kb_for(fn_crm_sync::NEEDS);
        Works::new(kb, self.world.fetch.clone(), self.world.vault.clone())
    }

    pub async fn report(&self) -> Report {
        connections::report(self.kb(), self.id)
            .await
            .unwrap()
            .unwrap()
    }

    /// Ours of an article there.
    pub async fn ours(&self, number: u64) -> Option<ArticleWithTexts> {
        let external = ExternalId {
            source: "zendesk:acme".to_owned(),
            id: number.to_string(),
        };
        let store = self.kb().store();
        let id = Articles::by_external(store, &external).await.unwrap()?;
        Articles::whole(store, id).await.unwrap()
    }

    /// The title of ours of an article there, in English.
    pub async fn title(&self, number: u64) -> Option<String> {
        let ours = self.ours(number).await?;
        let english = ours.translation(&kb_domain::Locale::en())?;
        english.value.live_title.clone()
    }

    /// Every article that came in.
    pub async fn articles(&self) -> Vec<ArticleWithTexts> {
        let mut found = Vec::new();
        for number in &self.numbers {
            found.extend(self.ours(*number).await);
        }
        found
    }

    /// Categories and sections of the portal.
    pub async fn nodes(&self) -> usize {
        let ctx = self.ctx().await;
        let tree = self.kb().tree(&ctx.gate, self.portal).await.unwrap();
        tree.value.nodes().count()
    }

    /// The ids of the places there, as the connection knows them, parents first.
    pub async fn place_ids(&mut self) -> Vec<RemoteId> {
        let kb = self.kb().clone();
        let works = Works::new(kb, self.world.fetch.clone(), self.world.vault.clone());
        let until = self.world.kb.now().plus_seconds(25);
        let budget = kb_connectors::Budget::new(20, until);
        let connection = self.connection().await.value;
        let class = kb_connectors::Class::Live;
        let source = works
            .partners
            .knowledge(&connection, class, budget)
            .unwrap();
        let shape = source.shape().await.unwrap();
        shape.places.into_iter().map(|place| place.id).collect()
    }

    /// Somebody consents again.
    pub async fn consent(&mut self) {
        let works = Works::new(
            self.kb().clone(),
            self.world.fetch.clone(),
            self.world.vault.clone(),
        );
        let ctx = self.ctx().await;
        let token = self.fake.consented(&["hc:read", "users:read"]).into();
        let pasted = works.partners.grants().paste(self.id, token, ctx.now);
        pasted.await.unwrap();
        let before = self.connection().await;
        connections::granted(self.kb(), &ctx, &before)
            .await
            .unwrap();
        self.drain().await;
    }

    /// Events so far.
    pub async fn events(&self) -> usize {
        self.events_by_subject().await.values().sum()
    }

    /// Events so far, by what they are about.
    pub async fn events_by_subject(&self) -> BTreeMap<String, usize> {
        let (mut events, mut cursor) = (BTreeMap::new(), None);
        loop {
            let page = self
                .world
                .store
                .walk(TableName::Main, 0, 1, 1_000, cursor)
                .await;
            let page = page.unwrap();
            let is_event = |key: &Key| key.partition.starts_with("EVT#");
            for (key, row) in page.rows.iter().filter(|(key, _)| is_event(key)) {
                let event: Event = read(key, row).unwrap().value;
                let about = event.what.subject();
                let about = about.split(':').next().unwrap_or_default();
                *events.entry(about.to_owned()).or_default() += 1;
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return events;
            }
        }
    }
}

pub fn body(n: usize) -> String {
    format!("<h2>Where</h2><p>Invoice {n} is below the account.</p>")
}

/// A connection with a grant.
async fn connect(world: &World, fake: &FakeZendesk) -> ConnectionId {
    let ctx = world.ctx(Persona::Admin).await;
    let new = NewConnection {
        vendor: "zendesk".to_owned(),
        system: "zendesk:acme".to_owned(),
        answers: BTreeMap::from([("subdomain".to_owned(), "acme".to_owned())]),
        client: Some(OAuthClient {
            id: "sidenote".to_owned(),
            confidential: false,
        }),
    };
    let made = connections::make(&world.kb, &ctx, new).await.unwrap();
    let works = Works::new(world.kb.clone(), world.fetch.clone(), world.vault.clone());
    let token = fake.consented(&["hc:read", "users:read"]).into();
    let pasted = works.partners.grants().paste(made.value.id, token, ctx.now);
    pasted.await.unwrap();
    let granted = connections::granted(&world.kb, &ctx, &made).await.unwrap();
    granted.value.id
}
