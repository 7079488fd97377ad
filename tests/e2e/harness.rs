//! What every journey begins with.

use fn_indexer::Indexer;
use kb_testkit::{Answered, Client, World};

/// How many rounds a long proof goes: `SIDENOTE_TEST_ROUNDS`, or a few.
pub(crate) fn rounds(few: u64) -> u64 {
    kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS").map_or(few, |n| n.parse().unwrap())
}

/// A client of every route of every function, asking as nobody.
pub(crate) fn client(world: &World) -> Client {
    Client::new(sidenote::commands::router(world.deps()))
}

/// The consumer of the feed.
pub(crate) fn indexer(world: &World) -> Indexer {
    Indexer::new(world.kb.clone())
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
