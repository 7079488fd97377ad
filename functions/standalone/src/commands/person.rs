//! `person`: invite, list and put out people, and make links by which they sign in.

use crate::app::App;
use crate::cli::{Person, PersonAdd, PersonLink, PersonName};
use crate::commands::setup::base;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::{Error, RequestContext, people, portals};
use kb_domain::{Area, ErrorKind, Grant, Level, PersonDraft, Role, UserId};
use kb_store::repo::Stored;
use serde_json::{Value, json};

/// People that are read at once.
const AT_ONCE: usize = 100;

pub(crate) async fn run(app: &App, command: &Person, lines: &Lines) -> Result<(), Failure> {
    match command {
        Person::Add(options) => add(app, options, lines).await,
        Person::Link(PersonLink { person, url }) => {
            let base = base(app, url.as_deref())?;
            let (ctx, found) = named(app, person).await?;
            print_link(app, &ctx, &found, &base, lines).await
        }
        Person::List => list(app, lines).await,
        Person::Leave(PersonName { person }) => {
            let (ctx, found) = named(app, person).await?;
            let id = found.value.id;
            let left = people::leave(&app.kb, &ctx, id).await;
            left.map_err(refused)?;
            let text = format!(
                "{} has left: nothing that was theirs opens anything",
                found.value.name
            );
            super::end(lines, Exit::Done, text, json!({"left": id})).await
        }
        Person::EndSessions(PersonName { person }) => {
            let (ctx, found) = named(app, person).await?;
            let id = found.value.id;
            let ended = people::end_sessions(&app.kb, &ctx, id).await;
            ended.map_err(refused)?;
            let text = format!("{} is signed out everywhere", found.value.name);
            super::end(lines, Exit::Done, text, json!({"ended_sessions": id})).await
        }
    }
}

/// What a command may do: everything.
pub(crate) async fn context(app: &App) -> Result<RequestContext, Failure> {
    let loaded = RequestContext::load(&app.kb, App::operator()).await;
    loaded.map_err(Failure::environment)
}

/// How a command ends that a verb has refused.
pub(crate) fn refused(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::Invalid => Failure::usage(error),
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Internal => {
            Failure::environment(error)
        }
        _ => Failure::refused(error),
    }
}

/// A person by mail address or id, and what this command may do.
pub(crate) async fn named(
    app: &App,
    text: &str,
) -> Result<(RequestContext, Stored<kb_store::repo::Person>), Failure> {
    let ctx = context(app).await?;
    let found = people::named(&app.kb, &ctx, text).await.map_err(refused)?;
    Ok((ctx, found))
}

/// A level by its name.
pub(crate) fn level(text: &str) -> Result<Level, Failure> {
    let level = serde_json::from_value::<Level>(json!(text.trim()));
    level.map_err(|_| {
        Failure::usage(format!(
            "--level: \"{text}\" is not one of public, customer, employee, agent"
        ))
    })
}

/// The areas that handles of portals name; the whole base for none.
pub(crate) async fn areas(
    app: &App,
    ctx: &RequestContext,
    handles: &[String],
) -> Result<Vec<Area>, Failure> {
    if handles.is_empty() {
        return Ok(vec![Area::Everything]);
    }
    let mut areas = Vec::new();
    for handle in handles {
        let portal = portals::by_handle(&app.kb, ctx, handle.trim()).await;
        let portal = portal.map_err(|e| match e {
            Error::NotFound(_) => Failure::usage(format!("--portals: there is no portal {handle}")),
            other => refused(other),
        })?;
        areas.push(Area::Portal(portal.value.id));
    }
    Ok(areas)
}

async fn add(app: &App, options: &PersonAdd, lines: &Lines) -> Result<(), Failure> {
    let base = base(app, options.url.as_deref())?;
    let ctx = context(app).await?;
    let areas = areas(app, &ctx, &options.portals).await?;
    let mut grants = Vec::new();
    for word in &options.roles {
        let role = serde_json::from_value::<Role>(json!(word.trim()));
        let role = role.map_err(|_| {
            let known: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
            Failure::usage(format!(
                "--roles: \"{word}\" is not one of {}",
                known.join(", ")
            ))
        })?;
        grants.extend(areas.iter().map(|area| Grant { role, area: *area }));
    }
    let usual = if grants.is_empty() {
        Level::Employee
    } else {
        Level::Agent
    };
    let draft = PersonDraft {
        name: options.name.clone(),
        mail: options.mail.clone(),
        level: options.level.as_deref().map_or(Ok(usual), level)?,
        grants,
        segments: options
            .segments
            .iter()
            .map(|s| s.trim().to_owned())
            .collect(),
        locale: None,
    };
    let invited = people::invite(&app.kb, &ctx, draft).map_err(refused)?;
    let invited = invited.commit(app.kb.store()).await;
    let invited = invited.map_err(|e| refused(e.into()))?;
    print_link(app, &ctx, &invited, &base, lines).await
}

async fn print_link(
    app: &App,
    ctx: &RequestContext,
    person: &Stored<kb_store::repo::Person>,
    base: &str,
    lines: &Lines,
) -> Result<(), Failure> {
    let (id, name): (UserId, &str) = (person.value.id, &person.value.name);
    let made = people::link(&app.kb, ctx, &app.identity, id).await;
    let made = made.map_err(refused)?;
    let url = format!("{base}/sign-in#{}", made.secret);
    let hours = made.seconds / 3_600;
    let note = format!("{name} signs in by it once, within {hours} h. Give it to nobody else.");
    let json = json!({"id": id, "name": name, "mail": person.value.mail, "url": url});
    super::end_with_secret(lines, &url, note, json).await
}

async fn list(app: &App, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let (mut from, mut count) = (None, 0);
    loop {
        let page = people::list(&app.kb, &ctx, AT_ONCE, from).await;
        let (found, next) = page.map_err(refused)?;
        count += found.len();
        for person in &found {
            tell(&person.value, lines).await?;
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    super::end(lines, Exit::Done, String::new(), json!({"people": count})).await
}

/// One person on a line.
pub(crate) async fn tell(person: &kb_store::repo::Person, lines: &Lines) -> Result<(), Failure> {
    let roles = person.grants.iter().map(|grant| match grant.area {
        Area::Everything => grant.role.as_str().to_owned(),
        Area::Portal(portal) => format!("{}@{portal}", grant.role.as_str()),
    });
    let roles: Vec<String> = roles.collect();
    let level: Value = json!(person.level);
    let text = format!(
        "{}  {}  {}  {}  {}  {}",
        person.id,
        person.state.as_str(),
        level.as_str().unwrap_or_default(),
        person.name,
        person.mail.as_deref().unwrap_or("-"),
        roles.join(",")
    );
    let json = json!({
        "id": person.id, "state": person.state, "level": person.level, "name": person.name, "mail": person.mail,
        "grants": person.grants, "segments": person.segments,
    });
    Ok(lines.fact(text, json).await?)
}
