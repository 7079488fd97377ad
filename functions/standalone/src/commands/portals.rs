//! `portal`: the portals there are, and which is the default.

use crate::app::App;
use crate::cli::Portals as Asked;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::{Error, RequestContext, portals};
use kb_domain::{ErrorKind, Portal, PortalDraft, PortalState};
use kb_store::repo::Stored;
use serde_json::json;

pub(crate) async fn run(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    let ctx = RequestContext::load(kb, App::operator()).await;
    let ctx = ctx.map_err(Failure::environment)?;
    let chosen = match asked {
        Asked::List => None,
        Asked::Default { handle } => {
            let found = portals::read(kb, &ctx, handle.as_str()).await;
            let before = found.map_err(|error| match error.kind() {
                ErrorKind::NotFound => Failure::refused(format!(
                    "there is no portal \"{handle}\"; sidenote portal list names them"
                )),
                _ => Failure::environment(error),
            })?;
            Some(
                make_default(app, &ctx, before)
                    .await
                    .map_err(Failure::environment)?,
            )
        }
    };
    if let Some(chosen) = chosen {
        let handle = chosen.value.handle;
        let text = format!("/ leads to {handle} now");
        return super::end(lines, Exit::Done, text, json!({"default": handle})).await;
    }
    let all = portals::list(kb, &ctx)
        .await
        .map_err(Failure::environment)?;
    let default = portals::default(kb, &ctx).await.ok().map(|p| p.value.id);
    for Stored { value, .. } in &all {
        let is_default = default == Some(value.id);
        lines
            .fact(line(value, is_default), fact(value, is_default))
            .await?;
    }
    let text = format!("{} portals", all.len());
    super::end(lines, Exit::Done, text, json!({"portals": all.len()})).await
}

async fn make_default(
    app: &App,
    ctx: &RequestContext,
    before: Stored<Portal>,
) -> Result<Stored<Portal>, Error> {
    let draft = PortalDraft {
        default: true,
        ..before.value.draft()
    };
    portals::update(&app.kb, ctx, before, draft).await
}

/// A state in a word.
pub(super) fn state(state: PortalState) -> &'static str {
    match state {
        PortalState::Setup => "in set-up",
        PortalState::Active => "open",
        PortalState::Closed => "closed",
    }
}

fn line(portal: &Portal, is_default: bool) -> String {
    let name = super::printable(portal.name_in(&portal.default_locale));
    let default = if is_default { "  (default)" } else { "" };
    let (handle, state, entry) = (&portal.handle, state(portal.state), &portal.entry);
    format!("{handle}  {state}  {entry}  {name}{default}")
}

fn fact(portal: &Portal, is_default: bool) -> serde_json::Value {
    json!({
        "id": portal.id, "handle": portal.handle, "name": portal.name, "state": portal.state,
        "entry": portal.entry.to_string(), "default": is_default,
    })
}
