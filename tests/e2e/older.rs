//! A data folder that an older program wrote is opened, read, and written to.

use flate2::read::GzDecoder;
use fn_indexer::Indexer;
use kb_actions::export::Export;
use kb_actions::{Kb, RequestContext, lexicon};
use kb_domain::{Article, Level, Portal, Revision, Role, Translation, UserId};
use kb_events::Event;
use kb_http::{Cursors, Deps, Limiter, Limits, Settings};
use kb_identity::Identity;
use kb_runtime::feature::{self, Works};
use kb_runtime::folder::{DataFolder, FORMAT};
use kb_runtime::home::Home;
use kb_search::TantivyIndex;
use kb_store::record::{is, read};
use kb_store::repo::{ApiKey, Person};
use kb_store::{
    Consumer, Embedded, Feed, FolderBlobs, Key, Options, Record, Row, Table, TableName,
};
use kb_testkit::{Client, MockClock, Persona, SeededIds, World};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// The key of the admin, as the README beside the archive names it.
const ADMIN: &str = "sk_53ab54d55c5b135456cd19f64f18e7c0cc9503e583a88c0174280c9a05357d88";
/// The one that reads and suggests.
const READER: &str = "sk_32d32b6bdf1d87a6d3bddafb22e2f05f101f77890569e38a270219626948e459";
/// From the beginning of the tests' clock to 2026-11-29T15:20:00Z, shortly after the folder was written.
const UNTIL_WRITTEN_SECONDS: i64 = 5 * 86_400 + 7 * 3_600 + 20 * 60;
const REVISED: &str = "/api/v1/articles/art_01m8ky1a42e4kvcxqjk789jgq4";
const LARGE: &str = "/api/v1/articles/art_01m8ky1a6se2ns8bktfmnq9pre";
const FOR_EMPLOYEES: &str = "/api/v1/articles/art_01m8ky14psevzt4fgf3pzhrkga";

fn unpacked() -> TempDir {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/69dbd54.tar.gz");
    let folder = tempfile::tempdir().unwrap();
    let archive = GzDecoder::new(File::open(archive).unwrap());
    tar::Archive::new(archive).unpack(folder.path()).unwrap();
    folder
}

/// The base of the folder, at a time when what it holds is still good.
struct Older {
    kb: Kb,
    store: Arc<Embedded>,
    identity: Identity,
    _folder: TempDir,
}

impl Older {
    async fn open() -> Self {
        let folder = unpacked();
        let data = DataFolder::open(folder.path()).unwrap();
        let store = Embedded::open(folder.path(), Options::default()).unwrap();
        data.raise_format().unwrap();
        let clock = Arc::new(MockClock::default());
        clock.advance(UNTIL_WRITTEN_SECONDS);
        let ids = Arc::new(SeededIds::new(69));
        let kb = Kb::new(
            store.clone(),
            Arc::new(FolderBlobs::new(data.path("blobs"))),
            TantivyIndex::open(None).unwrap(),
            clock.clone(),
            ids.clone(),
        );
        lexicon::load(&kb).await;
        let older = Self {
            identity: Identity::new(kb.store().clone(), clock, ids),
            kb,
            store,
            _folder: folder,
        };
        let index = older.kb.index().clone();
        let indexed = fn_indexer::rebuild(&older.kb, &*index, &mut |_| {}).await;
        assert_eq!(indexed.unwrap(), 54);
        older.catch_up().await;
        older
    }

    async fn catch_up(&self) {
        let indexer = Indexer::new(self.kb.clone());
        let works = Works::new(
            self.kb.clone(),
            Arc::new(kb_fetch::Nowhere),
            World::new(1).vault.clone(),
        );
        let follower = feature::follower(&fn_jobs::FEATURES, &works);
        let consumers: [&dyn Consumer; 2] = [&indexer, &follower];
        for consumer in consumers {
            let pump = async || self.store.pump(consumer, 1_000, self.kb.now()).await;
            while pump().await.unwrap() > 0 {}
        }
    }

    fn client(&self) -> Client {
        let settings = Settings {
            public_url: None,
            secure_cookies: false,
            frame_ancestors: Vec::new(),
            demo: true,
        };
        let deps = Deps {
            kb: self.kb.clone(),
            identity: self.identity.clone(),
            cursors: Cursors::new(Arc::new([7; 32])),
            health: Arc::new(()),
            limits: Limiter::new(
                self.kb.store().table().clone(),
                self.kb.clock().clone(),
                Limits::default(),
            ),
            fetch: Arc::new(kb_fetch::Nowhere),
            vault: World::new(1).vault.clone(),
            settings: Arc::new(settings),
        };
        Client::new(sidenote::commands::router(deps))
    }

    async fn rows(&self) -> Vec<(Key, Row)> {
        let (mut rows, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.store.walk(TableName::Main, 0, 1, 1_000, cursor).await;
            let page = page.unwrap();
            rows.extend(page.rows);
            cursor = page.cursor;
            if cursor.is_none() {
                return rows;
            }
        }
    }

    /// Every record of a kind.
    async fn all<R: Record>(&self) -> Vec<R> {
        let rows = self
            .rows()
            .await
            .into_iter()
            .filter(|(_, row)| is::<R>(row));
        rows.map(|(key, row)| read::<R>(&key, &row).unwrap().value)
            .collect()
    }

    /// The people by name, each with a session of their own.
    async fn people(&self) -> BTreeMap<String, (Person, Client)> {
        let mut people = BTreeMap::new();
        for person in self.all::<Person>().await {
            let session = self.identity.open_session(person.id).await.unwrap();
            let client = self.client().session(&session.secret);
            people.insert(person.name.clone(), (person, client));
        }
        people
    }
}

#[tokio::test]
async fn nothing_of_an_older_folder_is_missing() {
    let older = Older::open().await;
    assert_eq!(older.all::<Article>().await.len(), 54);
    assert_eq!(older.all::<Translation>().await.len(), 81);
    assert_eq!(older.all::<Revision>().await.len(), 86);
    assert_eq!(older.all::<Portal>().await.len(), 6);
    assert_eq!(older.all::<Event>().await.len(), 174);
    assert_eq!(older.all::<Person>().await.len(), 5);
    assert_eq!(older.all::<ApiKey>().await.len(), 3);
}

#[tokio::test]
async fn people_of_an_older_folder_may_what_they_might() {
    let older = Older::open().await;
    let people = older.people().await;
    let ticket = "/api/v1/tickets/demo/01";
    for (name, level, roles, sees_tickets, sees_staff) in [
        ("Mia Chen", Level::Agent, &[Role::Agent][..], 200, 200),
        (
            "Jonas Vermeer",
            Level::Agent,
            &[Role::Agent, Role::Publisher],
            200,
            200,
        ),
        ("Anouk de Wit", Level::Employee, &[], 403, 200),
        ("Sam Okafor", Level::Customer, &[], 403, 404),
    ] {
        let (person, client) = &people[name];
        let held: Vec<Role> = person.grants.iter().map(|g| g.role).collect();
        assert_eq!((person.level, held.as_slice()), (level, roles), "{name}");
        assert_eq!(client.get(ticket).await.status, sees_tickets, "{name}");
        assert_eq!(client.get(FOR_EMPLOYEES).await.status, sees_staff, "{name}");
    }
    // Whoever publishes may still do so, and an agent may still not.
    let (_, publisher) = &people["Jonas Vermeer"];
    let (_, agent) = &people["Mia Chen"];
    let text = format!("{REVISED}/translations/en");
    let etag = publisher.get(&text).await.header("etag").to_owned();
    let publish = format!("{text}/publish");
    let at = [("if-match", etag.as_str())];
    assert_eq!(agent.send("POST", &publish, &at, "").await.status, 403);
    let published = publisher.send("POST", &publish, &at, "").await;
    assert_eq!(published.status, 200, "{}", published.text);
    older.catch_up().await;
}

#[tokio::test]
async fn keys_of_an_older_folder_read_write_and_publish_and_what_is_written_is_found() {
    let older = Older::open().await;
    let (admin, reader) = (older.client().bearer(ADMIN), older.client().bearer(READER));
    let large = admin.get(&format!("{LARGE}/translations/en")).await.json();
    assert_eq!(large["body"]["source"].as_str().unwrap().len(), 278_899);
    let text = format!("{REVISED}/translations/en");
    let revisions = admin.get(&format!("{text}/revisions")).await.json();
    assert_eq!(revisions["items"].as_array().unwrap().len(), 5);
    let found = reader.get("/api/v1/search?q=password").await.json();
    assert!(found["total"]["value"].as_u64().unwrap() > 0, "{found}");

    let read = admin.get(&format!("{text}?revision=working")).await;
    let draft = json!({"title": "Written anew", "body": {"format": "markdown", "source": "The quokka waits."}});
    let at = [("if-match", read.header("etag"))];
    assert_eq!(reader.json("PUT", &text, &at, &draft).await.status, 403);
    let saved = admin.json("PUT", &text, &at, &draft).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let at = [("if-match", saved.header("etag"))];
    let published = admin
        .send("POST", &format!("{text}/publish"), &at, "")
        .await;
    assert_eq!(published.status, 200, "{}", published.text);
    older.catch_up().await;
    let found = admin.get("/api/v1/search?q=quokka").await.json();
    assert_eq!(found["hits"][0]["title"], "Written anew", "{found}");
}

#[tokio::test]
async fn tickets_of_an_older_folder_are_found_and_move_when_they_are_written() {
    let older = Older::open().await;
    let people = older.people().await;
    let (_, agent) = &people["Mia Chen"];
    let partitions = async || -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for (key, _) in older.rows().await {
            if key.partition.starts_with("TIX#demo") {
                *found.entry(key.partition).or_default() += 1;
            }
        }
        found
    };
    let listed = async || -> Vec<String> {
        let page = agent.get("/agent/inbox").await;
        assert_eq!(page.status, 200, "{}", page.text);
        let links = page.text.split("/agent/inbox/").skip(1);
        let mut ids: Vec<String> = links.map(|l| l.chars().take(2).collect()).collect();
        ids.dedup();
        ids
    };
    assert_eq!(
        partitions().await,
        BTreeMap::from([("TIX#demo".to_owned(), 12)])
    );
    let before = listed().await;
    assert!(before.len() >= 12, "{before:?}");
    let mut ticket = agent.get("/api/v1/tickets/demo/01").await.json();
    ticket.as_object_mut().unwrap().remove("version");
    let same = agent.post("/api/v1/tickets", &ticket).await;
    assert_eq!(same.status, 200, "{}", same.text);
    assert_eq!(partitions().await.len(), 1);
    ticket["subject"] = json!("Written anew");
    let moved = agent.post("/api/v1/tickets", &ticket).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let read = agent.get("/api/v1/tickets/demo/01").await.json();
    assert_eq!(read["subject"], "Written anew");
    let now = partitions().await;
    assert_eq!((now["TIX#demo"], now.len()), (11, 2), "{now:?}");
    assert_eq!(listed().await, before);
    older.catch_up().await;
}

#[tokio::test]
async fn everything_of_an_older_folder_is_exported() {
    let older = Older::open().await;
    let viewer = Persona::Admin.viewer();
    let ctx = RequestContext::load(&older.kb, viewer).await.unwrap();
    let export = Export::begin(&older.kb, &ctx).unwrap();
    assert_eq!(export.shelves().await.unwrap().len(), 6);
    let (mut articles, mut revisions, mut cursor) = (0, 0, None);
    loop {
        let (ids, next) = export.ids(cursor).await.unwrap();
        for id in ids {
            articles += 1;
            let whole = export.article(id).await.unwrap().unwrap();
            for text in &whole.translations {
                for revision in export.revisions(&text.value).await.unwrap() {
                    export.body(&revision).await.unwrap();
                    revisions += 1;
                }
            }
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((articles, revisions), (54, 86));
}

#[tokio::test]
async fn a_person_that_is_written_again_is_written_in_the_newest_form() {
    let older = Older::open().await;
    let kinds = async || {
        let rows = older.rows().await.into_iter();
        let kinds = rows.map(|(_, row)| row.kind);
        kinds
            .filter(|k| k.starts_with("person."))
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, vec!["person.1"; 5]);
    let mia = older.people().await["Mia Chen"].0.clone();
    let id: UserId = mia.id;
    let key = kb_store::keys::person(id);
    let stored = older.kb.store().get::<Person>(&key).await.unwrap().unwrap();
    let mut tx = kb_store::Transaction::new(TableName::Main, older.kb.now().micros());
    tx.replace(&stored, &mia);
    older.store.commit(tx).await.unwrap();
    let mut now = kinds().await;
    now.sort_unstable();
    assert_eq!(now[3..], ["person.1".to_owned(), "person.3".to_owned()]);
    let again = older.kb.store().get::<Person>(&key).await.unwrap().unwrap();
    assert_eq!(again.value, mia);
}

#[test]
fn an_older_folder_is_opened_and_from_then_on_refused_by_the_program_that_wrote_it() {
    let folder = unpacked();
    let format = || std::fs::read_to_string(folder.path().join("FORMAT")).unwrap();
    assert_eq!(format(), "1\n");
    let home = Home::open(folder.path(), Options::default()).unwrap();
    assert_eq!((home.folder.found_format(), home.must_rebuild), (1, true));
    drop(home);
    // The older program compares this number with its own, which is 1, and names both.
    assert_eq!(format(), format!("{FORMAT}\n"));
    let written: u32 = format().trim().parse().unwrap();
    assert!(written > 1);
    std::fs::write(folder.path().join("FORMAT"), format!("{}\n", FORMAT + 1)).unwrap();
    let refused = Home::open(folder.path(), Options::default());
    let words = refused.err().map(|e| e.to_string()).unwrap_or_default();
    for word in [format!("format {}", FORMAT + 1), format!("up to {FORMAT}")] {
        assert!(words.contains(&word), "{words}");
    }
}
