//! `doctor`: what is set, from where, and whether it works.

use crate::control::client;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_runtime::Config;
use kb_runtime::home::Home;
use kb_store::Options;
use serde_json::json;

pub(super) async fn run(config: &Config, lines: &Lines) -> Result<(), Failure> {
    lines
        .fact(
            format!("data = {}", config.data.display()),
            json!({"key": "data", "value": config.data}),
        )
        .await?;
    for (key, value, source) in &config.sources {
        let json = json!({"key": key, "value": value, "source": source.to_string()});
        lines
            .fact(format!("{key} = {value} ({source})"), json)
            .await?;
    }
    if client::connect(&config.data.join("control.sock"))
        .await
        .is_some()
    {
        return super::end(
            lines,
            Exit::Done,
            "a running sidenote owns the data and answers".to_owned(),
            json!({"ok": true, "running": true}),
        )
        .await;
    }
    let home = Home::choose(config, Options::default())?;
    let pending = home.store.as_ref().map(|store| store.pending("indexer"));
    let pending = pending.transpose().map_err(Failure::environment)?;
    let (words, parts) = home.kb.index.terms().await.map_err(Failure::environment)?;
    let events = match pending {
        Some(events) => format!("{events} events wait"),
        None => "the stack's stream carries the events".to_owned(),
    };
    let words = words.len();
    let text = format!("store and index open; {parts} parts and {words} words indexed; {events}");
    super::end(
        lines,
        Exit::Done,
        text,
        json!({"ok": true, "running": false, "parts": parts, "events": pending}),
    )
    .await
}
