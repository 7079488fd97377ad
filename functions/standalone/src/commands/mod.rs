//! The commands. Those that need the data run where the data is owned: in a running `serve`, else here.

pub(crate) mod comments;
pub(crate) mod connections;
pub(crate) mod doctor;
mod eval;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod person;
pub(crate) mod portals;
pub(crate) mod reindex;
pub(crate) mod segment;
mod serve;
pub(crate) mod setup;
pub(crate) mod votes;

pub use serve::{router, routes};

use crate::app::App;
use crate::cli::{Cli, Command};
use crate::control::{Request, SOCKET, client, dispatch};
use crate::exit::{Exit, Failure};
use crate::output::{Line, Lines, Screen};
use clap::CommandFactory;
use kb_runtime::{Config, DataFolder};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
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
    let config = configuration(&cli, lines).await?;
    // Until the end of the command, so that its last lines are written.
    let _log = kb_runtime::telemetry::start_aside(&config.log);
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
        Command::Portal(options) => Request::Portals(options),
        Command::Key(options) => Request::Key(options),
        Command::Person(options) => Request::Person(options),
        Command::Segment(options) => Request::Segment(options),
        Command::Connect(options) => Request::Connect(options),
        Command::Connections => Request::Connections,
        Command::Connection(options) => Request::Connection(options),
        Command::Setup(options) => Request::Setup(options),
    };
    if let Some(stream) = client::connect(&config.data.join(SOCKET)).await {
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
    lines.say(Line::Note(note)).await?;
    end(lines, Exit::Done, secret.to_owned(), json).await
}

/// Text for a terminal: control characters spelled out, so that a file name draws no second line.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}

async fn end(
    lines: &Lines,
    exit: Exit,
    text: String,
    json: serde_json::Value,
) -> Result<(), Failure> {
    Ok(lines.say(Line::End { exit, text, json }).await?)
}

async fn configuration(cli: &Cli, lines: &Lines) -> Result<Config, Failure> {
    let data = match &cli.data {
        Some(data) => data.clone(),
        None => chosen_folder(&cli.command, lines).await?,
    };
    let mut flags = BTreeMap::new();
    flags.extend(cli.log.clone().map(|log| ("log", log)));
    if let Command::Serve(serve) = &cli.command {
        let told = [
            ("listen", &serve.listen),
            ("public-url", &serve.public_url),
            ("frame-ancestors", &serve.frame_ancestors),
            ("trusted-proxies", &serve.trusted_proxies),
            ("rate-limits", &serve.rate_limits),
            ("fetch-allow", &serve.fetch_allow),
        ];
        let told = told
            .into_iter()
            .filter_map(|(key, v)| Some((key, v.clone()?)));
        flags.extend(told);
        if serve.secure_cookies {
            flags.insert("secure-cookies", "true".to_owned());
        }
    }
    let config = Config::load(&data, flags).map_err(Failure::usage)?;
    Ok(match &cli.command {
        Command::Serve(_) => config,
        _ => config.with_default_log("warn"),
    })
}

/// The folder of a command that names none: its own, unless only the demo's is being served.
async fn chosen_folder(command: &Command, lines: &Lines) -> Result<PathBuf, Failure> {
    let environment = kb_runtime::system::environment;
    let [own, demo] = [false, true].map(|demo| DataFolder::default_path(demo, &environment));
    match command {
        Command::Serve(serve) => return Ok(if serve.demo { demo } else { own }),
        Command::Eval(_) | Command::Completions { .. } => return Ok(own),
        _ => {}
    }
    let served = async |folder: &PathBuf| client::connect(&folder.join(SOCKET)).await.is_some();
    if own == demo || served(&own).await || !served(&demo).await {
        return Ok(own);
    }
    let text = format!("using {} (running); --data names another", demo.display());
    lines.say(Line::Note(text)).await?;
    Ok(demo)
}
