//! A help desk is connected: the form that makes the connection, the consent at the fake's page, the way back, the trial run, and what
//! comes in. Every function works on what it says it needs.

mod api;
mod callback;
mod knowledge;
mod pages;

use crate::harness::{client, follower, form, indexer, jobs};
use api::CONNECTIONS;
use axum::Router;
use axum::body::Bytes;
use axum::http::Request;
use kb_connectors::fakes::zendesk::{self, FakeZendesk, NewArticle, NewText};
use kb_domain::{Audience, Portal};
use kb_fetch::{Fetch, Limits, Local};
use kb_testkit::{Answered, Client, Persona, World};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const BACK: &str = "http://localhost:8600/connect/callback/zendesk";
const COOKIE: &str = "sidenote_connect";
const CONSOLE: &str = "/console/connections";

/// A base with a help desk beside it.
struct Desk {
    world: World,
    fake: Arc<FakeZendesk>,
    /// The way from a browser to the help desk.
    web: Local<Router>,
    portal: Portal,
    section: u64,
    numbers: Vec<u64>,
    nobody: Client,
    admin: Client,
    agent: Client,
    /// The cookie of the admin's session.
    session: String,
}

/// A consent that has begun: where the browser is sent, and what its cookie holds.
struct Begun {
    url: Url,
    cookie: String,
}

impl Desk {
    /// With so many articles there, in two languages, and one section.
    async fn new(seed: u64, articles: usize) -> Self {
        let mut world = World::new(seed);
        let (clock, ids) = (world.clock.clone(), world.kb.ids().clone());
        let fake = FakeZendesk::new("acme", &["en-us", "zh-cn"], clock, ids);
        fake.register(zendesk::Client {
            id: "sidenote".to_owned(),
            redirects: vec![BACK.to_owned()],
        });
        world.fetch = Arc::new(Local::new(fake.host(), fake.router()));
        let category = fake.create_category(&[("en-us", "Help"), ("zh-cn", "帮助")]);
        let section = fake.create_section(category, None, &[("en-us", "Invoices")]);
        let (portal, _) = world.portal("help", Audience::public()).await;
        let nobody = client(&world);
        let session = world.session(Persona::Admin, &[]).await;
        let mut desk = Self {
            agent: nobody.session(&world.session(Persona::Agent, &[]).await),
            admin: nobody.session(&session),
            web: Local::new(fake.host(), fake.router()),
            numbers: Vec::new(),
            nobody,
            session,
            fake,
            portal,
            section,
            world,
        };
        for n in 0..articles {
            let english = format!("Heron invoice {n}");
            desk.write(&english, &format!("发票 {n}"), None);
        }
        // What was written there is older than any look.
        desk.world.advance(60);
        desk
    }

    /// An article there, for everybody or a segment of users.
    fn write(&mut self, english: &str, chinese: &str, segment: Option<u64>) -> u64 {
        let number = self.fake.create_article(NewArticle {
            section: self.section,
            texts: vec![
                NewText::published("en-us", english, "<p>It is below the account.</p>"),
                NewText::published("zh-cn", chinese, "<p>在设置里打开。</p>"),
            ],
            segment,
            labels: Vec::new(),
        });
        self.numbers.push(number);
        number
    }

    /// Makes a connection by the API; its id.
    async fn make(&self) -> String {
        let made = self.admin.post(CONNECTIONS, &new_connection("acme")).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// The first half of a consent, in the admin's browser.
    async fn begin(&self, id: &str) -> Begun {
        let path = format!("{CONSOLE}/{id}/connect");
        let page = form(
            &self.admin,
            &path,
            &[("sec-fetch-site", "same-origin")],
            &[],
        )
        .await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.header("cache-control").contains("no-store"));
        let cookie = page.header("set-cookie");
        for part in ["; Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let held = cookie.strip_prefix(COOKIE).unwrap()[1..].split(';').next();
        Begun {
            url: consent_url(&page.text),
            cookie: held.unwrap().to_owned(),
        }
    }

    /// Presses a button of the help desk's page; the query that the browser is sent back with.
    async fn decide(&self, begun: &Begun, decision: &str) -> String {
        decided(&self.web, &begun.url, decision).await
    }

    /// The browser comes back, from the site of the help desk.
    async fn back(&self, vendor: &str, query: &str, cookie: &str) -> Answered {
        self.back_as(&self.session, vendor, query, cookie).await
    }

    async fn back_as(&self, session: &str, vendor: &str, query: &str, cookie: &str) -> Answered {
        let cookies = format!("{}={session}; {COOKIE}={cookie}", kb_http::SESSION_COOKIE);
        let headers = [
            ("cookie", cookies.as_str()),
            ("sec-fetch-site", "cross-site"),
        ];
        let path = format!("/connect/callback/{vendor}?{query}");
        self.nobody
            .send("GET", &path, &headers, String::new())
            .await
    }

    /// A connection with a grant; its id.
    async fn connected(&self) -> String {
        let id = self.make().await;
        self.consent(&id).await;
        id
    }

    /// Somebody consents.
    async fn consent(&self, id: &str) {
        let begun = self.begin(id).await;
        let query = self.decide(&begun, "allow").await;
        let back = self.back("zendesk", &query, &begun.cookie).await;
        assert_eq!(
            (back.status, back.header("location")),
            (303, format!("{CONSOLE}/{id}").as_str()),
            "{}",
            back.text
        );
        assert!(back.header("set-cookie").contains("Max-Age=0"));
    }

    /// A connection that has brought everything in; its id.
    async fn working(&mut self) -> String {
        let id = self.connected().await;
        self.step(&id, "try").await;
        self.minute().await;
        let everywhere = json!({"portal": self.portal.id, "audience": "public"});
        let path = format!("{CONNECTIONS}/{id}/mapping");
        let body = json!({"everywhere": everywhere});
        let mapped = self.admin.json("PUT", &path, &[], &body).await;
        assert_eq!(mapped.status, 200, "{}", mapped.text);
        self.step(&id, "start").await;
        self.minute().await;
        self.minute().await;
        assert_eq!(self.read(&id).await["health"], "working");
        id
    }

    async fn step(&self, id: &str, step: &str) -> Value {
        let path = format!("{CONNECTIONS}/{id}/steps");
        let done = self.admin.post(&path, &json!({"step": step})).await;
        assert_eq!(done.status, 200, "{step}: {}", done.text);
        done.json()
    }

    async fn read(&self, id: &str) -> Value {
        let found = self.admin.get(&format!("{CONNECTIONS}/{id}")).await;
        assert_eq!(found.status, 200, "{}", found.text);
        found.json()
    }

    /// A minute later: what is due has run, and what it wrote is in the index.
    async fn minute(&mut self) {
        self.world.advance(60);
        self.run().await;
    }

    /// Runs what is due until nothing is.
    async fn run(&mut self) {
        let (indexer, follower, jobs) = (
            indexer(&self.world),
            follower(&self.world),
            jobs(&self.world),
        );
        loop {
            self.world.settle(&indexer).await;
            self.world.settle(&follower).await;
            if self.world.run_due(jobs.clone()).await == 0 {
                break;
            }
        }
        self.world.settle(&indexer).await;
    }

    /// The titles that somebody finds.
    async fn found(&self, client: &Client, words: &str) -> Vec<String> {
        let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let answer = client.get(&format!("/api/v1/search?q={words}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let hits = answer.json()["hits"].as_array().unwrap().clone();
        let titles = hits
            .iter()
            .map(|hit| hit["title"].as_str().unwrap().to_owned());
        titles.collect()
    }

    /// Ends a test that has written and not looked.
    fn end(self) {
        self.world.leave_unindexed();
    }
}

/// Where the page of a consent leads.
pub(crate) fn consent_url(page: &str) -> Url {
    let (_, behind) = page.split_once("href=\"https://").unwrap();
    let address = behind.split('"').next().unwrap();
    let address = address.replace("&#38;", "&").replace("&amp;", "&");
    Url::parse(&format!("https://{address}")).unwrap()
}

/// Presses a button of the help desk's page; the query that the browser is sent back with.
pub(crate) async fn decided(web: &Local<Router>, url: &Url, decision: &str) -> String {
    let (status, page) = asked(web, Request::get(url.as_str()), String::new()).await;
    assert!(
        status == 200 && page.contains("Authorize sidenote"),
        "{page}"
    );
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs(url.query_pairs());
    fields.append_pair("decision", decision);
    let request = Request::post(url.join("/oauth/authorizations").unwrap().as_str())
        .header("content-type", "application/x-www-form-urlencoded");
    let (status, to) = asked(web, request, fields.finish()).await;
    assert_eq!(status, 302, "{to}");
    let (address, query) = to.split_once('?').unwrap();
    assert_eq!(address, BACK);
    query.to_owned()
}

/// The status of an answer of the help desk with its text, or where it leads.
async fn asked(
    web: &Local<Router>,
    request: axum::http::request::Builder,
    body: String,
) -> (u16, String) {
    let limits = Limits {
        total: Duration::from_secs(5),
        bytes: 1_000_000,
    };
    let request = request.body(Bytes::from(body)).unwrap();
    let answer = web.send(request, limits).await.unwrap();
    let text = match answer.headers().get("location") {
        Some(to) => to.to_str().unwrap().to_owned(),
        None => String::from_utf8(answer.body().to_vec()).unwrap(),
    };
    (answer.status().as_u16(), text)
}

fn new_connection(subdomain: &str) -> Value {
    json!({
        "vendor": "zendesk",
        "answers": {"subdomain": subdomain},
        "client": {"id": "sidenote"},
    })
}
