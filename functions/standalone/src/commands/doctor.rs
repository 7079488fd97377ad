//! `doctor`: what is set, from where, and whether it works. It looks and makes nothing; where the data is being served, the
//! process that serves it answers.

use super::connections::sentence;
use super::portals::state;
use crate::app::App;
use crate::control::{Request, SOCKET, client};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::{RequestContext, connections};
use kb_domain::access;
use kb_runtime::checkup::{self, Finding};
use kb_runtime::home::Home;
use kb_runtime::{Config, DataFolder};
use kb_store::Options;
use serde_json::json;

pub(super) async fn run(config: &Config, lines: &Lines) -> Result<(), Failure> {
    if let Some(stream) = client::connect(&config.data.join(SOCKET)).await {
        return client::run(stream, &Request::Doctor, lines).await;
    }
    settings(config, lines).await?;
    let on_stack = kb_runtime::system::environment("SIDENOTE_TABLE_MAIN").is_some();
    if !on_stack && !DataFolder::is_one(&config.data) {
        return Err(Failure::environment(format!(
            "{} holds no data of Sidenote: give the right folder with --data, or let sidenote serve make it",
            config.data.display()
        )));
    }
    let home = Home::choose(config, Options::default())?;
    report(&home, false, lines).await
}

/// The same, asked of the process that serves the data.
pub(crate) async fn running(app: &App, lines: &Lines) -> Result<(), Failure> {
    settings(app.config(), lines).await?;
    report(app.home(), true, lines).await
}

async fn settings(config: &Config, lines: &Lines) -> Result<(), Failure> {
    let data = &config.data;
    let text = format!("data = {}", data.display());
    lines
        .fact(text, json!({"key": "data", "value": data}))
        .await?;
    for (key, value, source) in &config.sources {
        let json = json!({"key": key, "value": value, "source": source.to_string()});
        let text = format!("{key} = {value} ({source})");
        lines.fact(text, json).await?;
    }
    Ok(())
}

async fn report(home: &Home, running: bool, lines: &Lines) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for Finding { field, found } in checkup::of(home).await {
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
    portals(home, lines).await?;
    let waiting = connections(home, lines).await?;
    let pending = home.store.as_ref().map(|store| store.pending("indexer"));
    let pending = pending.transpose().map_err(Failure::environment)?;
    let parts = home.kb.index().size().await.map_err(Failure::environment)?;
    let events = match pending {
        Some(events) => format!("{events} events wait"),
        None => "the stack's stream carries the events".to_owned(),
    };
    let who = if running { "sidenote is running; " } else { "" };
    let exit = if waiting == 0 {
        Exit::Done
    } else {
        Exit::SomeFailed
    };
    super::end(
        lines,
        exit,
        format!("{who}store and index answer; {parts} parts indexed; {events}"),
        json!({"ok": true, "running": running, "parts": parts, "events": pending, "connections_waiting": waiting}),
    )
    .await
}

/// Says who gets into each portal.
async fn portals(home: &Home, lines: &Lines) -> Result<(), Failure> {
    let ctx = RequestContext::load(&home.kb, App::operator()).await;
    let ctx = ctx.map_err(Failure::environment)?;
    let all = kb_actions::portals::list(&home.kb, &ctx).await;
    for portal in all.map_err(Failure::environment)? {
        let (key, entry) = (
            format!("portal {}", portal.value.handle),
            portal.value.entry,
        );
        let state = state(portal.value.state);
        let who = if access::is_public(&entry) {
            "everybody, also without signing in".to_owned()
        } else {
            entry.to_string()
        };
        let json = json!({"key": key, "value": state, "entry": entry.to_string()});
        lines
            .fact(format!("{key}: {state}, for {who}"), json)
            .await?;
    }
    Ok(())
}

/// Says how each connection is; how many of them wait for a person.
async fn connections(home: &Home, lines: &Lines) -> Result<usize, Failure> {
    let ctx = RequestContext::load(&home.kb, App::operator()).await;
    let ctx = ctx.map_err(Failure::environment)?;
    let all = connections::list(&home.kb, &ctx).await;
    let mut waiting = 0;
    for connection in all.map_err(Failure::environment)? {
        let connection = connection.value;
        let status = connections::status(&home.kb, &ctx, connection.id).await;
        let status = status.map_err(Failure::environment)?;
        let health = connections::health(&connection, &status, ctx.now);
        waiting += usize::from(health.needs_person());
        let (key, told) = (
            format!("connection {}", connection.system),
            sentence(health),
        );
        let json = json!({"key": key, "value": told, "health": health});
        lines.fact(format!("{key}: {told}"), json).await?;
    }
    Ok(waiting)
}
