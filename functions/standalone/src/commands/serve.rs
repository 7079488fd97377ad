//! `serve`: every function's routes at one address, the indexer and the clock behind them, and the control socket.

use crate::app::App;
use crate::commands::setup;
use crate::control::server;
use crate::demo;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use axum::Router;
use axum::routing::get;
use kb_http::{Api, Deps};
use kb_runtime::Config;
use serde_json::json;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Every route of every function.
pub fn routes() -> Api {
    fn_search::routes()
        .merge(fn_suggestions::routes())
        .merge(fn_articles::routes())
        .merge(fn_settings::routes())
        .merge(fn_sign_in::routes())
        .merge(fn_help_center::routes())
}

/// Every route with what stands around them, on `deps`: what `serve` answers with.
pub fn router(deps: Deps) -> Router {
    let ids = deps.kb.ids().clone();
    // Few ask for the document, and it takes more memory than everything else of an empty base.
    let document = get(async || axum::Json(routes().document()));
    let router: Router = routes()
        .into_router()
        .route("/api/v1/openapi.json", document)
        .with_state(deps);
    kb_http::finish(router, ids)
}

pub(super) async fn run(config: &Config, demo: bool, lines: &Lines) -> Result<(), Failure> {
    if demo && !config.listen.ip().is_loopback() {
        return Err(Failure::refused(format!(
            "--demo prints sign-in links for everybody, so it answers on this machine only; {} is not a loopback address",
            config.listen
        )));
    }
    let app = Arc::new(App::open(config).await?);
    if app.is_stack() {
        return Err(Failure::refused(
            "the environment names a stack, which Lambda serves: unset SIDENOTE_TABLE_MAIN to serve a data folder",
        ));
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::AddrInUse => Failure::environment(format!(
                "{} is in use: stop the other program, or give another --listen",
                config.listen
            )),
            _ => Failure::environment(format!("cannot listen at {}: {e}", config.listen)),
        })?;
    let address = listener.local_addr().map_err(Failure::environment)?;
    app.answers_at(address);
    let router = router(app.deps(config, demo)?);
    let socket = config.data.join("control.sock");
    let control = tokio::spawn(server::run(server::bind(&socket)?, app.clone()));
    let follow = tokio::spawn({
        let app = app.clone();
        async move { app.follow().await }
    });
    let (stop, stopping) = watch::channel(false);
    let clock = tokio::spawn({
        let app = app.clone();
        async move { app.keep_time(stopping).await }
    });
    let url = format!("http://{address}");
    if demo {
        demo::seed(&app, app.folder(), lines).await?;
        demo::links(&app, app.public_url(), lines).await?;
    } else if let Some(url) = setup::fresh_link(&app, app.public_url()).await? {
        let text = format!("Set up Sidenote (one use, 24 h): {url}");
        lines.fact(text, json!({"setup": url})).await?;
    }
    lines
        .fact(format!("Sidenote answers at {url}"), json!({"ready": url}))
        .await?;
    axum::serve(listener, router)
        .with_graceful_shutdown(stopped())
        .await
        .map_err(Failure::environment)?;
    // The job at hand ends first: it would run again after its lease.
    let _ = stop.send(true);
    if let Err(error) = clock.await {
        tracing::error!(%error, "the clock ended before the program");
    }
    follow.abort();
    control.abort();
    // One that is left over is replaced by the next start.
    let _ = std::fs::remove_file(socket);
    super::end(lines, Exit::Done, String::new(), json!({"stopped": true})).await
}

/// Returns on Ctrl-C or SIGTERM.
async fn stopped() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
}
