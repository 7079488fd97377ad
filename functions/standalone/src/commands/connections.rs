//! `connect`, `connections` and `connection`: other systems, and how they are doing.

use crate::app::App;
use crate::cli::{Act, Connect, Connection as Asked, Map};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::connections::{self, NewConnection, Status, Step};
use kb_actions::{Error, RequestContext, portals};
use kb_connectors::{CALLBACK, VENDORS, vendor};
use kb_domain::remote::{Connection, Health, OAuthClient, RemoteId, Way};
use kb_domain::{Audience, ErrorKind, Level};
use kb_store::repo::Stored;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn context(app: &App) -> Result<RequestContext, Failure> {
    let ctx = RequestContext::load(&app.kb, App::operator()).await;
    ctx.map_err(Failure::environment)
}

/// What a verb refuses is told as a refusal; anything else is ours.
fn failure(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::NotFound => {
            Failure::refused(error.to_string())
        }
        _ => Failure::environment(error),
    }
}

pub(crate) async fn connect(app: &App, asked: &Connect, lines: &Lines) -> Result<(), Failure> {
    let Some(kind) = vendor(&asked.vendor) else {
        let kinds: Vec<&str> = VENDORS.iter().map(|v| v.profile().slug).collect();
        let (asked, kinds) = (&asked.vendor, kinds.join(", "));
        let detail = format!("\"{asked}\" is no kind of system; these are: {kinds}");
        return Err(Failure::usage(detail));
    };
    let profile = kind.profile();
    let answers = BTreeMap::from([("subdomain".to_owned(), asked.subdomain.to_lowercase())]);
    let system = profile.system(&answers).map_err(|e| failure(e.into()))?;
    let ctx = context(app).await?;
    let new = NewConnection {
        vendor: profile.slug.to_owned(),
        system: system.clone(),
        answers,
        client: Some(OAuthClient {
            id: asked.client_id.clone(),
            confidential: false,
        }),
    };
    let made = connections::make(&app.kb, &ctx, new)
        .await
        .map_err(failure)?;
    let home = app.public_url();
    let url = format!("{home}/console/connections/{}", made.value.id);
    let callback = format!("{home}{CALLBACK}{}", profile.slug);
    let text = format!(
        "{system} is made. The OAuth client there must have the redirect address\n  {callback}\nOpen this page as an admin and press Connect:\n  {url}"
    );
    let json = json!({"id": made.value.id, "system": system, "url": url, "callback": callback});
    super::end(lines, Exit::Done, text, json).await
}

pub(crate) async fn list(app: &App, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let all = connections::list(&app.kb, &ctx).await.map_err(failure)?;
    let mut waiting = 0;
    for connection in &all {
        let status = connections::status(&app.kb, &ctx, connection.value.id).await;
        let status = status.map_err(failure)?;
        let health = connections::health(&connection.value, &status, ctx.now);
        waiting += usize::from(health.needs_person());
        let text = format!("{}  {}", connection.value.system, sentence(health));
        let json = fact(&connection.value, &status, health);
        lines.fact(text, json).await?;
    }
    let exit = if waiting > 0 {
        Exit::SomeFailed
    } else {
        Exit::Done
    };
    let text = format!("{} connections, {waiting} wait for a person", all.len());
    let json = json!({"connections": all.len(), "waiting": waiting});
    super::end(lines, exit, text, json).await
}

pub(crate) async fn one(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let found = connections::read(&app.kb, &ctx, &asked.name).await;
    let before = found.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::refused(format!(
            "there is no connection \"{}\"; sidenote connections names them",
            asked.name
        )),
        _ => failure(error),
    })?;
    let step = match &asked.act {
        Act::Status => None,
        Act::Map(map) => Some(mapped(app, &ctx, &before, map).await?),
        Act::Try => Some(stepped(app, &ctx, &before, Step::Try).await?),
        Act::Start => Some(stepped(app, &ctx, &before, Step::Start).await?),
        Act::Pause => Some(stepped(app, &ctx, &before, Step::Pause).await?),
        Act::Resume => Some(stepped(app, &ctx, &before, Step::Resume).await?),
        Act::Allow => Some(stepped(app, &ctx, &before, Step::Allow).await?),
        Act::Reconcile => Some(stepped(app, &ctx, &before, Step::Reconcile).await?),
        Act::Revoke => Some(revoked(app, &ctx, &before).await?),
    };
    let connection = step.map_or(before.value, |after| after.value);
    let status = connections::status(&app.kb, &ctx, connection.id).await;
    let status = status.map_err(failure)?;
    let health = connections::health(&connection, &status, ctx.now);
    let exit = if health.needs_person() {
        Exit::SomeFailed
    } else {
        Exit::Done
    };
    let mut text = format!("{}: {}", connection.system, sentence(health));
    if let Some(progress) = &status.progress {
        let (seen, written) = (progress.seen, status.written());
        text.push_str(&format!(
            "\n{seen} changes seen, {written} articles written"
        ));
        if let Some(until) = progress.waits_until {
            text.push_str(&format!("\nit waits until {until}"));
        }
        if let Some(stumble) = &progress.stumble {
            text.push_str(&format!(
                "\nlast error: {}",
                super::printable(&stumble.what)
            ));
        }
    }
    if let Some(report) = &status.report {
        let (articles, hidden) = (report.articles, report.hidden);
        let ended = if report.ended_at.is_some() {
            ""
        } else {
            " so far"
        };
        text.push_str(&format!(
            "\ntrial run{ended}: {articles} articles, {hidden} of them for nobody"
        ));
        for place in &report.names {
            let count = report.places.get(&place.id).copied().unwrap_or_default();
            let name = super::printable(&place.name);
            text.push_str(&format!("\n  {}  {name}  {count}", place.id));
        }
    }
    let json = fact(&connection, &status, health);
    super::end(lines, exit, text, json).await
}

async fn stepped(
    app: &App,
    ctx: &RequestContext,
    before: &Stored<Connection>,
    step: Step,
) -> Result<Stored<Connection>, Failure> {
    let done = connections::step(&app.kb, ctx, before, step).await;
    done.map_err(failure)
}

async fn mapped(
    app: &App,
    ctx: &RequestContext,
    before: &Stored<Connection>,
    map: &Map,
) -> Result<Stored<Connection>, Failure> {
    let mut mapping = before.value.mapping.clone();
    if let Some(handle) = &map.portal {
        let portal = portals::read(&app.kb, ctx, handle.as_str()).await;
        let portal = portal.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::refused(format!(
                "there is no portal \"{handle}\"; sidenote portal list names them"
            )),
            _ => failure(error),
        })?;
        mapping.everywhere.portal = Some(portal.value.id);
    }
    let level = match map.audience.as_deref() {
        Some("public") => Some(Level::Public),
        Some("customers") => Some(Level::Customer),
        Some("employees") => Some(Level::Employee),
        Some(_) => Some(Level::Agent),
        None => None,
    };
    if let Some(level) = level {
        mapping.everywhere.audience = Some(Audience::level(level));
    }
    for (places, way) in [(&map.off, Way::Off), (&map.on, Way::In)] {
        for place in places {
            let rule = mapping.places.entry(RemoteId(place.clone()));
            rule.or_default().way = Some(way);
        }
    }
    let done = connections::map(&app.kb, ctx, before, mapping).await;
    done.map_err(failure)
}

async fn revoked(
    app: &App,
    ctx: &RequestContext,
    before: &Stored<Connection>,
) -> Result<Stored<Connection>, Failure> {
    let withdrawn = app.partners.withdraw(&before.value, ctx.now).await;
    withdrawn.map_err(|error| match error.kind() {
        ErrorKind::Conflict | ErrorKind::Invalid => Failure::refused(error.to_string()),
        _ => Failure::environment(error),
    })?;
    let done = connections::revoke(&app.kb, ctx, before).await;
    done.map_err(failure)
}

/// How a connection is, with the next step.
pub(super) fn sentence(health: Health) -> &'static str {
    match health {
        Health::Consent => "nobody has consented yet: open its page",
        Health::Reconnect => "its grant is over: open its page and connect it again",
        Health::Revoked => "taken back",
        Health::Paused => "paused",
        Health::Ready => "connected: try it",
        Health::Trial => "on trial: map it, then start it",
        Health::HeldDeletes => "a listing missed too much: allow it, or leave it",
        Health::Waiting => "the other system has it wait; it goes on by itself",
        Health::PartnerSilent => "the other system does not answer",
        Health::Working => "working",
    }
}

fn fact(connection: &Connection, status: &Status, health: Health) -> Value {
    json!({
        "id": connection.id, "system": connection.system, "state": connection.state,
        "health": health, "needs_person": health.needs_person(), "uses": connection.uses,
        "mapping": connection.mapping, "written": status.written(), "progress": status.progress, "listing": status.listing,
        "trial": status.report, "waiting": status.waiting,
    })
}
