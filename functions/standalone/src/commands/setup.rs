//! `setup link`: the link by which the first admin sets the base up.

use crate::app::App;
use crate::cli::{Setup, SetupLink};
use crate::exit::Failure;
use crate::output::Lines;
use serde_json::json;

pub(crate) async fn run(app: &App, command: &Setup, lines: &Lines) -> Result<(), Failure> {
    let Setup::Link(SetupLink { url }) = command;
    let base = base(app, url.as_deref())?;
    let Some(url) = fresh_link(app, &base).await? else {
        return Err(Failure::refused(
            "there is an admin already; sidenote person link MAIL makes a link for one",
        ));
    };
    let note = "Open it within 24 hours; it works once.".to_owned();
    super::end_with_secret(lines, &url, note, json!({"setup": url})).await
}

/// A fresh link of the set-up; `None` when there is an admin. The code stands behind the `#`, which no server sees.
pub(crate) async fn fresh_link(app: &App, base: &str) -> Result<Option<String>, Failure> {
    let link = app.identity.setup_link().await;
    let link = link.map_err(Failure::environment)?;
    Ok(link.map(|link| format!("{base}/setup#{}", link.secret)))
}

/// Where people reach the server: what was said, else the address of `serve`. Errors: it is no address, or this is a stack, whose
/// address only they know who deployed it.
pub(crate) fn base(app: &App, said: Option<&str>) -> Result<String, Failure> {
    let Some(said) = said else {
        if app.is_stack() {
            return Err(Failure::usage(
                "--url: give the address that the stack printed, for example https://help.example.com",
            ));
        }
        return Ok(app.public_url().to_owned());
    };
    let host = said
        .strip_prefix("https://")
        .or(said.strip_prefix("http://"));
    let host = host.map(|h| h.trim_end_matches('/'));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '#', '?', '@', ' ']) => {
            Ok(said.trim_end_matches('/').to_owned())
        }
        _ => Err(Failure::usage(
            "--url: give scheme and host alone, for example https://help.example.com",
        )),
    }
}
