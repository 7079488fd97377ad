//! `segment`: which there are, and who belongs to them.

use crate::app::App;
use crate::cli::{Segment, SegmentList, SegmentMember};
use crate::commands::person::{context, named, refused, tell};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::people;
use serde_json::json;

pub(crate) async fn run(app: &App, command: &Segment, lines: &Lines) -> Result<(), Failure> {
    match command {
        Segment::List(SegmentList { segment: None }) => list(app, lines).await,
        Segment::List(SegmentList {
            segment: Some(name),
        }) => members(app, name, lines).await,
        Segment::Add(options) => set(app, options, true, lines).await,
        Segment::Remove(options) => set(app, options, false, lines).await,
    }
}

async fn list(app: &App, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let found = people::segments(&app.kb, &ctx).await.map_err(refused)?;
    for (name, members) in &found {
        let json = json!({"segment": name, "members": members});
        lines.fact(format!("{name}  {members}"), json).await?;
    }
    super::end(
        lines,
        Exit::Done,
        String::new(),
        json!({"segments": found.len()}),
    )
    .await
}

async fn members(app: &App, name: &str, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let found = people::members(&app.kb, &ctx, name)
        .await
        .map_err(refused)?;
    for person in &found {
        tell(&person.value, lines).await?;
    }
    super::end(
        lines,
        Exit::Done,
        String::new(),
        json!({"members": found.len()}),
    )
    .await
}

async fn set(
    app: &App,
    options: &SegmentMember,
    is_member: bool,
    lines: &Lines,
) -> Result<(), Failure> {
    let SegmentMember { segment, person } = options;
    let (ctx, found) = named(app, person).await?;
    let done = people::set_member(&app.kb, &ctx, segment, found.value.id, is_member).await;
    done.map_err(refused)?;
    let verb = if is_member {
        "belongs"
    } else {
        "belongs no longer"
    };
    let text = format!("{} {verb} to {segment}", found.value.name);
    let json = json!({"segment": segment, "person": found.value.id, "member": is_member});
    super::end(lines, Exit::Done, text, json).await
}
