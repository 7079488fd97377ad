//! What every journey begins with.

use axum::routing::any_service;
use fn_indexer::Indexer;
use fn_jobs::Follower;
use kb_actions::{IndexAccess, Needs, TableAccess};
use kb_events::Job;
use kb_testkit::{Answered, Client, World};
use std::sync::Arc;

/// How many rounds a long proof goes: `SIDENOTE_TEST_ROUNDS`, or a few.
pub(crate) fn rounds(few: u64) -> u64 {
    kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS").map_or(few, |n| n.parse().unwrap())
}

/// What the routes need that answer from the program alone.
const NOTHING: Needs = Needs {
    main: TableAccess::Nothing,
    log: TableAccess::Nothing,
    index: IndexAccess::Nothing,
    blobs: &[],
    keys: false,
    people: false,
    stream: false,
};

/// A client of every route of every function, asking as nobody. Each function works on what it says it needs.
pub(crate) fn client(world: &World) -> Client {
    let functions = vec![
        (fn_search::routes(), fn_search::NEEDS),
        (fn_suggestions::routes(), fn_suggestions::NEEDS),
        (fn_articles::routes(), fn_articles::NEEDS),
        (fn_settings::routes(), fn_settings::NEEDS),
        (fn_sign_in::routes(), fn_sign_in::NEEDS),
        (fn_help_center::routes(), fn_help_center::NEEDS),
    ];
    let document = sidenote::commands::router(world.deps_for(NOTHING));
    let router = world.router(functions);
    Client::new(router.route("/api/v1/openapi.json", any_service(document)))
}

/// The consumer of the feed, on what it says it needs.
pub(crate) fn indexer(world: &World) -> Indexer {
    Indexer::new(world.kb_for(fn_indexer::NEEDS))
}

/// The consumer that lays the timers which events call for, on what it says it needs.
pub(crate) fn follower(world: &World) -> Follower {
    Follower::new(world.kb_for(fn_jobs::NEEDS))
}

/// The jobs of every function, on what they say they need.
pub(crate) fn jobs(world: &World) -> Vec<Arc<dyn Job>> {
    fn_jobs::jobs(&world.kb_for(fn_jobs::NEEDS))
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
