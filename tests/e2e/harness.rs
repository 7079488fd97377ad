//! What every journey begins with.

use axum::routing::any_service;
use fn_indexer::Indexer;
use fn_jobs::FEATURES;
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_events::{Follower, Job};
use kb_runtime::feature::{self, Works};
use kb_store::{Table, TableName};
use kb_testkit::{Answered, Client, World};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many rounds a long proof goes: `SIDENOTE_TEST_ROUNDS`, or a few.
pub(crate) fn rounds(few: u64) -> u64 {
    kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS").map_or(few, |n| n.parse().unwrap())
}

/// What the routes need that answer from the program alone.
const NOTHING: Needs = Needs {
    main: TableAccess::Nothing,
    rows: &[],
    log: TableAccess::Nothing,
    counts: true,
    index: IndexAccess::Nothing,
    blobs: &[],
    keys: false,
    people: false,
    stream: false,
};

/// A client of every route of every function, asking as nobody. Each function works on what it says it needs.
pub(crate) fn client(world: &World) -> Client {
    let functions = FEATURES.map(|f| ((f.routes)(), f.needs)).into();
    let document = sidenote::commands::router(world.deps_for(NOTHING));
    let router = world.router(functions);
    Client::new(router.route("/api/v1/openapi.json", any_service(document)))
}

/// What the jobs work on, with what they say they need.
fn works(world: &World) -> Works {
    let kb = world.kb_for(fn_jobs::NEEDS);
    Works::new(kb, world.fetch.clone(), world.vault.clone())
}

/// The consumer of the feed, on what it says it needs.
pub(crate) fn indexer(world: &World) -> Indexer {
    Indexer::new(world.kb_for(fn_indexer::NEEDS))
}

/// The consumer that lays the timers which events call for, on what it says it needs.
pub(crate) fn follower(world: &World) -> Follower {
    feature::follower(&FEATURES, &works(world))
}

/// The jobs of every function, on what they say they need.
pub(crate) fn jobs(world: &World) -> Vec<Arc<dyn Job>> {
    feature::jobs(&FEATURES, &works(world))
}

/// Every row of the main table with its body, by its key.
pub(crate) async fn rows(world: &World) -> BTreeMap<String, String> {
    let (mut rows, mut cursor) = (BTreeMap::new(), None);
    loop {
        let walked = world.store.walk(TableName::Main, 0, 1, 1_000, cursor);
        let page = walked.await.unwrap();
        let bodies = page.rows.into_iter();
        rows.extend(bodies.map(|(key, row)| (key.to_string(), row.body)));
        cursor = page.cursor;
        if cursor.is_none() {
            return rows;
        }
    }
}

/// The path of an address in an answer, which is whole.
#[cfg(any(feature = "cloud", feature = "lambda"))]
pub(crate) fn path_of(url: &serde_json::Value) -> String {
    let url = url.as_str().unwrap();
    let (_, behind) = url.split_once("://").unwrap();
    behind[behind.find('/').unwrap()..].to_owned()
}

/// POST of a form.
pub(crate) async fn form(
    client: &Client,
    path: &str,
    headers: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Answered {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    client.send("POST", path, &all, body.join("&")).await
}
