//! What each verb costs in read and write units, computed from the sizes of rows, on an emulator in process. The bars hold the
//! figures down; `--nocapture` prints the table.

use crate::harness::path_of;
use fn_indexer::Indexer;
use kb_actions::Kb;
use kb_domain::{ArticleId, Locale};
use kb_http::{Cursors, Deps, Limiter, Limits, Settings};
use kb_identity::Identity;
use kb_search::TantivyIndex;
use kb_store::repo::{Gate, KeyScope, Narrowing};
use kb_store::{Feed, MemoryBlobs, TableName, Transaction};
use kb_store_dynamodb::{DynamoTable, Stream, Units};
use kb_testkit::{Answered, Client, MockClock, SeededIds};
use serde_json::{Value, json};
use sidenote_tests::stack::{create_tables, fresh_settings, in_process};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A base on DynamoDB, and what was used of it.
struct Metered {
    table: DynamoTable,
    stream: Stream,
    kb: Kb,
    nobody: Client,
    admin: Client,
    rows: Vec<(String, Units)>,
}

impl Metered {
    async fn new() -> Self {
        let settings = fresh_settings(&in_process().await);
        create_tables(&settings).await;
        let (clock, ids) = (Arc::new(MockClock::default()), Arc::new(SeededIds::new(14)));
        let table = DynamoTable::new(settings.clone(), ids.clone());
        let store = Arc::new(table.clone());
        let index = TantivyIndex::open(None).unwrap();
        let blobs = Arc::new(MemoryBlobs::default());
        let kb = Kb::new(store, blobs, index, clock.clone(), ids.clone());
        let identity = Identity::new(kb.store().clone(), clock, ids);
        let scopes = BTreeSet::from([KeyScope::Admin, KeyScope::Suggest]);
        let key = identity
            .create_key(
                &kb_identity::NewKey::of("test", scopes, 3_600),
                kb_events::Actor::Operator,
            )
            .await
            .unwrap();
        let settings_of_pages = Settings {
            public_url: None,
            secure_cookies: false,
            frame_ancestors: vec!["'self'".to_owned()],
            demo: false,
        };
        let nobody = Client::new(sidenote::commands::router(Deps {
            kb: kb.clone(),
            identity,
            cursors: Cursors::new(Arc::new([7; 32])),
            health: Arc::new(()),
            limits: Limiter::new(
                kb.store().table().clone(),
                kb.clock().clone(),
                Limits::default(),
            ),
            fetch: Arc::new(kb_fetch::Nowhere),
            vault: kb_testkit::World::new(1).vault.clone(),
            settings: Arc::new(settings_of_pages),
        }));
        Self {
            stream: Stream::open(&settings, table.clone()).await.unwrap(),
            admin: nobody.bearer(&key.secret),
            table,
            kb,
            nobody,
            rows: Vec::new(),
        }
    }

    async fn index(&self) {
        let indexer = Indexer::new(self.kb.clone());
        while self
            .stream
            .pump(&indexer, 100, self.kb.now())
            .await
            .unwrap()
            > 0
        {}
    }

    /// Asks, and notes what it cost.
    async fn ask(
        &mut self,
        verb: &str,
        client: &Client,
        request: (&str, &str, &str, Option<&Value>),
    ) -> Answered {
        let (method, path, etag, body) = request;
        // The first request after the gate moved reads its other rows as well, whoever it is of; that is measured apart.
        self.kb.gate().await.unwrap();
        let before = self.table.units();
        let mut headers = vec![];
        if !etag.is_empty() {
            headers.push(("if-match", etag));
        }
        let answer = match body {
            Some(body) => client.json(method, path, &headers, body).await,
            None => client.send(method, path, &headers, "").await,
        };
        assert!(answer.status < 300, "{verb}: {}", answer.text);
        self.rows
            .push((verb.to_owned(), self.table.units().since(&before)));
        answer
    }

    async fn post(&mut self, verb: &str, path: &str, body: &Value) -> Value {
        let admin = self.admin.clone();
        let answer = self.ask(verb, &admin, ("POST", path, "", Some(body))).await;
        serde_json::from_str(&answer.text).unwrap_or(Value::Null)
    }

    fn of(&self, verb: &str) -> Units {
        let row = self.rows.iter().rfind(|(v, _)| v == verb);
        row.unwrap_or_else(|| panic!("{verb} was not asked")).1
    }
}

#[tokio::test]
async fn each_verb_stays_below_its_units() {
    let mut base = Metered::new().await;
    let public = json!({"any": [{"level": "public"}]});
    let portal = json!({"handle": "help", "name": {"en": "Help"}, "locales": ["en", "zh-Hans"], "default_locale": "en", "entry": public});
    let portal = base.post("create portal", "/api/v1/portals", &portal).await;
    let portal = portal["id"].as_str().unwrap().to_owned();
    let node = |parent: &Value, name: &str| match parent {
        Value::Null => json!({"name": {"en": name}}),
        parent => json!({"parent": parent, "name": {"en": name}}),
    };
    let sections = format!("/api/v1/portals/{portal}/sections");
    let category = base
        .post("create category", &sections, &node(&Value::Null, "Account"))
        .await;
    let section = base
        .post(
            "create section",
            &sections,
            &node(&category["id"], "Sign-in"),
        )
        .await;
    base.post(
        "activate portal",
        &format!("/api/v1/portals/{portal}/activate"),
        &json!({}),
    )
    .await;
    let head = json!({
        "home": {"portal": portal, "section": section["id"]}, "audience": public, "source_locale": "en",
        "labels": ["product:vpn"],
    });
    // A body of three kilobytes, as most articles have.
    let source = format!(
        "The heron.\n\n{}",
        "Open the sign-in page and choose the link. ".repeat(70)
    );
    let (mut article, mut url) = (String::new(), String::new());
    for n in 0..12 {
        let made = base.post("create article", "/api/v1/articles", &head).await;
        article = made["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/articles/{article}/translations/en");
        let draft = json!({"title": format!("Heron {n}"), "summary": "", "body": {"format": "markdown", "source": source}});
        let admin = base.admin.clone();
        let saved = base
            .ask("save (first)", &admin, ("PUT", &path, "", Some(&draft)))
            .await;
        let etag = saved.header("etag").to_owned();
        let publish = format!("{path}/publish");
        let published = base
            .ask("publish", &admin, ("POST", &publish, &etag, None))
            .await;
        let draft = json!({"title": format!("Heron {n}!"), "summary": "", "body": {"format": "markdown", "source": source}});
        let etag = published.header("etag").to_owned();
        let saved = base
            .ask("save", &admin, ("PUT", &path, &etag, Some(&draft)))
            .await;
        let etag = saved.header("etag").to_owned();
        base.ask("publish", &admin, ("POST", &publish, &etag, None))
            .await;
        let read = base
            .ask(
                "read article (key)",
                &admin,
                ("GET", &format!("/api/v1/articles/{article}"), "", None),
            )
            .await;
        url = path_of(&read.json()["url"]);
    }
    let before = base.table.units();
    base.index().await;
    let indexed = base.table.units().since(&before);
    base.rows.push(("index 48 events".to_owned(), indexed));
    let (nobody, admin) = (base.nobody.clone(), base.admin.clone());
    let search = ("GET", "/api/v1/search?q=heron&limit=10", "", None);
    let found = base.ask("search", &nobody, search).await;
    assert_eq!(found.json()["hits"].as_array().unwrap().len(), 10);
    base.ask("search (key)", &admin, search).await;
    base.ask(
        "read translation",
        &nobody,
        (
            "GET",
            &format!("/api/v1/articles/{article}/translations/en"),
            "",
            None,
        ),
    )
    .await;
    base.ask(
        "read article",
        &nobody,
        ("GET", &format!("/api/v1/articles/{article}"), "", None),
    )
    .await;
    base.ask("page of an article", &nobody, ("GET", &url, "", None))
        .await;
    base.ask("page of a portal", &nobody, ("GET", "/help/en/", "", None))
        .await;
    let path = format!("/api/v1/articles/{article}");
    let read = admin.get(&path).await;
    let patch = json!({"labels": ["product:vpn", "device:phone"], "comments": "on"});
    let patch = ("PATCH", path.as_str(), read.header("etag"), Some(&patch));
    base.ask("patch article", &admin, patch).await;
    let comment = json!({"text": "It stands."});
    base.post("post comment", &format!("{path}/comments"), &comment)
        .await;
    let queue = format!("/api/v1/comments?portal={portal}&queue=open&limit=1");
    let queue = ("GET", queue.as_str(), "", None);
    let found = base.ask("queue of comments", &admin, queue).await;
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    let vote = json!({"value": "yes"});
    let vote = ("PUT", format!("{path}/vote"), Some(&vote));
    base.ask("vote", &nobody, (vote.0, &vote.1, "", vote.2))
        .await;
    let ticket = json!({"system": "demo", "id": "1", "subject": "Where is the heron?"});
    base.post("put ticket", "/api/v1/tickets", &ticket).await;
    let asked = base
        .post("suggest", "/api/v1/suggestions", &json!({"ticket": ticket}))
        .await;
    let action = json!({"action": "inserted", "mode": "link", "article": asked["suggestions"][0]["article"]});
    let actions = format!(
        "/api/v1/suggestions/{}/actions",
        asked["id"].as_str().unwrap()
    );
    base.post("act on a suggestion", &actions, &action).await;

    println!(
        "{:<24} {:>6} {:>6} {:>6} {:>13}",
        "verb", "calls", "reads", "writes", "index writes"
    );
    for (verb, units) in &base.rows {
        let (calls, reads) = (units.calls, units.reads());
        println!(
            "{verb:<24} {calls:>6} {reads:>6} {:>6} {:>13}",
            units.writes, units.index_writes
        );
    }
    // A search reads the gate and nothing for a hit; a key costs one more.
    assert!(base.of("search").reads() <= 1.0);
    assert!(base.of("search (key)").reads() <= 3.0);
    // Gate, head with translations, revision, body.
    assert!(base.of("read translation").reads() <= 5.0);
    assert!(base.of("save").writes <= 12 + 3 * 2);
    assert!(base.of("publish").writes <= 12);
    assert!(base.of("save").calls <= 7);
    assert!(base.of("patch article").calls <= 6);
    for (verb, units) in &base.rows {
        let reads_only = ["search", "read", "page"]
            .iter()
            .any(|v| verb.starts_with(v));
        assert!(!reads_only || units.writes == 0, "{verb} writes");
    }
}

#[tokio::test]
async fn the_gate_costs_one_unit_however_many_narrowings_are_open() {
    let mut base = Metered::new().await;
    let nobody = base.nobody.clone();
    let search = ("GET", "/api/v1/search?q=heron&limit=10", "", None);
    // Portals and audiences are kept from the first one on.
    nobody.get(search.1).await;
    let mut opened = 0;
    for open in [0, 200, 1_000] {
        while opened < open {
            let mut tx = Transaction::new(TableName::Main, base.kb.now().micros());
            for n in opened..opened + 50 {
                let narrowing = Narrowing {
                    article: ArticleId::new(Uuid::from_u128(n)),
                    locale: Locale::en(),
                    version: 1,
                    audience: None,
                };
                Gate::narrow(&mut tx, &narrowing);
            }
            base.kb.store().table().commit(tx).await.unwrap();
            opened += 50;
        }
        let verb = format!("search, {open} open");
        base.ask(&verb, &nobody, search).await;
        let units = base.of(&verb);
        assert_eq!((units.calls, units.reads()), (1, 1.0), "{verb}");
        assert_eq!(base.kb.gate().await.unwrap().narrowings.len() as u128, open);
    }
}
