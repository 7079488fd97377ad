//! The commands. Those that need the data run where the data is owned: in a running `serve`, else here.

pub(crate) mod comments;
mod doctor;
mod eval;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod person;
pub(crate) mod reindex;
pub(crate) mod segment;
mod serve;
pub(crate) mod setup;
pub(crate) mod votes;

pub use serve::{router, routes};

use crate::app::App;
use crate::cli::{Cli, Command};
use crate::control::{Request, client, dispatch};
use crate::exit::{Exit, Failure};
use crate::output::{Line, Lines, Screen};
use clap::CommandFactory;
use kb_runtime::{Config, DataFolder};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs what the command line asks for.
pub async fn start(cli: Cli) -> Exit {
    let (lines, receiver) = Lines::channel();
    let screen = Screen::new(cli.json);
    let show = tokio::spawn(screen.show(receiver));
    if let Err(failure) = obey(cli, &lines).await {
        // The screen may have ended with the command's own last line.
        let _ = lines.say(Line::Failed(failure)).await;
    }
    drop(lines);
    show.await.unwrap_or(Exit::Environment)
}

async fn obey(cli: Cli, lines: &Lines) -> Result<(), Failure> {
    let config = configuration(&cli)?;
    kb_runtime::telemetry::start(&config.log);
    let request = match cli.command {
        Command::Serve(options) => return serve::run(&config, options.demo, lines).await,
        Command::Eval(options) => return eval::run(options, lines).await,
        Command::Doctor => return doctor::run(&config, lines).await,
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Cli::command(),
                "sidenote",
                &mut std::io::stdout(),
            );
            return end(lines, Exit::Done, String::new(), json!({})).await;
        }
        Command::Import(options) => Request::Import(import::absolute(options)?),
        Command::Export(options) => Request::Export(export::absolute(&options)?),
        Command::Reindex(options) => Request::Reindex(options),
        Command::Comments(options) => Request::Comments(options),
        Command::Votes(options) => Request::Votes(options),
        Command::Key(options) => Request::Key(options),
        Command::Person(options) => Request::Person(options),
        Command::Segment(options) => Request::Segment(options),
        Command::Setup(options) => Request::Setup(options),
    };
    if let Some(stream) = client::connect(&config.data.join("control.sock")).await {
        return client::run(stream, &request, lines).await;
    }
    let app = Arc::new(App::open(&config).await?);
    // What an import stores is indexed while it goes on, as in a running `serve`.
    let follow = tokio::spawn({
        let app = app.clone();
        async move { app.follow().await }
    });
    let mut outcome = dispatch::run(&app, request, lines).await;
    if outcome.is_ok() {
        outcome = app.catch_up().await;
    }
    follow.abort();
    // It was told to end; what it says then is that it did.
    let _ = follow.await;
    outcome
}

/// Ends with a secret: it stands alone where a program reads it, and what is to be said of it beside it.
async fn end_with_secret(
    lines: &Lines,
    secret: &str,
    note: String,
    json: serde_json::Value,
) -> Result<(), Failure> {
    lines.say(Line::Note { text: note }).await?;
    end(lines, Exit::Done, secret.to_owned(), json).await
}

async fn end(
    lines: &Lines,
    exit: Exit,
    text: String,
    json: serde_json::Value,
) -> Result<(), Failure> {
    Ok(lines.say(Line::End { exit, text, json }).await?)
}

fn configuration(cli: &Cli) -> Result<Config, Failure> {
    let environment = kb_runtime::system::environment;
    let demo = matches!(&cli.command, Command::Serve(serve) if serve.demo);
    let data = cli
        .data
        .clone()
        .unwrap_or_else(|| DataFolder::default_path(demo, &environment));
    let mut flags = BTreeMap::new();
    flags.extend(cli.log.clone().map(|log| ("log", log)));
    if let Command::Serve(serve) = &cli.command {
        flags.extend(serve.listen.clone().map(|listen| ("listen", listen)));
        flags.extend(
            serve
                .frame_ancestors
                .clone()
                .map(|origins| ("frame-ancestors", origins)),
        );
        if serve.secure_cookies {
            flags.insert("secure-cookies", "true".to_owned());
        }
    } else {
        flags
            .entry("log")
            .or_insert_with(|| environment("SIDENOTE_LOG").unwrap_or_else(|| "warn".to_owned()));
    }
    Config::load(&data, flags).map_err(Failure::usage)
}
