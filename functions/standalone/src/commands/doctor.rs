//! `doctor`: what is set, from where, and whether it works.

use crate::control::client;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_runtime::Config;
use kb_runtime::checkup::{self, Finding};
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
    let mut faults = Vec::new();
    for Finding { field, found } in checkup::of(&home).await {
        let (text, json) = match &found {
            Ok(told) => (
                format!("{field}: {told}"),
                json!({"key": field, "value": told}),
            ),
            Err(fault) => (
                format!("{field} FAILS: {fault}"),
                json!({"key": field, "error": fault}),
            ),
        };
        lines.fact(text, json).await?;
        faults.extend(found.err().map(|fault| format!("{field}: {fault}")));
    }
    if !faults.is_empty() {
        return Err(Failure::environment(faults.join("; ")));
    }
    let pending = home.store.as_ref().map(|store| store.pending("indexer"));
    let pending = pending.transpose().map_err(Failure::environment)?;
    let parts = home.kb.index().size().await.map_err(Failure::environment)?;
    let events = match pending {
        Some(events) => format!("{events} events wait"),
        None => "the stack's stream carries the events".to_owned(),
    };
    super::end(
        lines,
        Exit::Done,
        format!("store and index answer; {parts} parts indexed; {events}"),
        json!({"ok": true, "running": false, "parts": parts, "events": pending}),
    )
    .await
}
