//! `serve`: every function's routes at one address, the indexer and the clock behind them, and the control socket.

use crate::app::App;
use crate::background::Background;
use crate::commands::setup;
use crate::control::{SOCKET, server};
use crate::demo;
use crate::edge::{Bounds, Edge};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use axum::Router;
use axum::routing::get;
use kb_http::{Api, Deps, PublicUrl, overview};
use kb_runtime::Config;
use kb_runtime::feature;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Descriptors that are not for connections: the engines, the index, the log.
const OTHER_DESCRIPTORS: u64 = 256;
/// How long the job at hand may take when the program is to end; it runs again after its lease.
const LAST_JOB: Duration = Duration::from_secs(3);

/// Every route of every function.
pub fn routes() -> Api {
    feature::routes(&fn_jobs::FEATURES)
}

/// Every route with what stands around them, on `deps`: what `serve` answers with.
pub fn router(deps: Deps) -> Router {
    kb_http::finish(described(routes()), deps)
}

/// These routes, and the document of those that every program has.
fn described(api: Api) -> Router<Deps> {
    // Few ask for the document, and it takes more memory than everything else of an empty base.
    let document = get(async || axum::Json(routes().document()));
    api.into_router()
        .route("/api/v1/openapi.json", document)
        .route(
            "/api",
            get(async |public: PublicUrl| overview::page(routes().operations(), &public)),
        )
        .route(
            "/api/v1",
            get(async || axum::Json(overview::list(routes().operations()))),
        )
}

pub(super) async fn run(config: &Config, demo: bool, lines: &Lines) -> Result<(), Failure> {
    if demo && !config.listen.ip().is_loopback() {
        return Err(Failure::refused(format!(
            "--demo prints sign-in links for everybody, so it answers on this machine only; {} is not a loopback address",
            config.listen
        )));
    }
    let app = Arc::new(App::open_as(config, demo).await?);
    if app.is_stack() {
        return Err(Failure::refused(
            "the environment names a stack, which Lambda serves: unset SIDENOTE_TABLE_MAIN to serve a data folder",
        ));
    }
    let listeners = listen(config.listen).await?;
    let address = listeners[0].local_addr().map_err(Failure::environment)?;
    let local = if address.ip().is_loopback() {
        PublicUrl::local(address.port()).to_string()
    } else {
        format!("http://{address}")
    };
    let mut config = config.clone();
    let public = config
        .public_url
        .get_or_insert_with(|| PublicUrl::local(address.port()))
        .clone();
    app.answers_at(&public);
    warn_of_weak_settings(&config, &public);
    let edge = edge(&config, &public);
    let routes = match &app.desk {
        None => described(routes()),
        Some(desk) => {
            desk.knows(public.origin());
            desk.beside(described(routes().merge(desk.routes())))
        }
    };
    let router = kb_http::finish(edge.around(routes), app.deps(&config, demo)?);
    let socket = config.data.join(SOCKET);
    let mut background = Background::default();
    let ending = [
        background.spawn(
            "the control socket",
            server::run(server::bind(&socket)?, app.clone()),
        ),
        background.spawn("the indexer", {
            let app = app.clone();
            async move { app.follow().await }
        }),
    ];
    let (stop, stopping) = watch::channel(false);
    background.spawn("the clock", {
        let (app, stopping) = (app.clone(), stopping.clone());
        async move { app.keep_time(stopping).await }
    });
    if demo {
        demo::seed(&app, app.folder(), lines).await?;
        demo::links(&app, public.origin(), lines).await?;
    } else if let Some(url) = setup::fresh_link(&app, public.origin()).await? {
        let text = format!("Set up Sidenote (one use, 24 h): {url}");
        lines.fact(text, json!({"setup": url})).await?;
    }
    let ready = json!({"ready": local, "public_url": public.origin()});
    lines
        .fact(format!("Sidenote answers at {public}"), ready)
        .await?;
    let served = async {
        let served = edge.serve(listeners, router, stopping);
        let told = async {
            stopped().await;
            // Whoever listens has ended already.
            let _ = stop.send(true);
            std::future::pending().await
        };
        tokio::select! {
            served = served => served.map_err(Failure::environment),
            never = told => never,
        }
    };
    tokio::pin!(served);
    tokio::select! {
        served = &mut served => served?,
        failure = background.gone() => {
            // The clock ends when it is told to; what is at work on a connection then is still finished.
            if !*stop.borrow() {
                return Err(failure);
            }
            served.await?;
        }
    }
    for task in ending {
        task.abort();
    }
    // The job at hand ends first: it would run again after its lease.
    if timeout(LAST_JOB, background.ended()).await.is_err() {
        tracing::warn!("a job was cut off; it runs again after its lease");
    }
    // One that is left over is replaced by the next start.
    let _ = std::fs::remove_file(socket);
    super::end(lines, Exit::Done, String::new(), json!({"stopped": true})).await
}

/// Begins listening. `localhost` is one of two addresses, and browsers try the newer one first: a loopback address is listened at in
/// both forms, where the machine has both. Errors: the address is in use, or is none of this machine.
async fn listen(address: SocketAddr) -> Result<Vec<TcpListener>, Failure> {
    let bound = async |address: SocketAddr| {
        let bound = bind(address).await;
        bound.map_err(|e| match e.kind() {
            ErrorKind::AddrInUse => Failure::environment(format!(
                "{address} is in use: stop the other program, or give another --listen"
            )),
            _ => Failure::environment(format!("cannot listen at {address}: {e}")),
        })
    };
    let first = bound(address).await?;
    let port = first.local_addr().map_err(Failure::environment)?.port();
    let twin: SocketAddr = match address {
        SocketAddr::V4(v4) if *v4.ip() == Ipv4Addr::LOCALHOST => (Ipv6Addr::LOCALHOST, port).into(),
        SocketAddr::V6(v6) if *v6.ip() == Ipv6Addr::LOCALHOST => (Ipv4Addr::LOCALHOST, port).into(),
        _ => return Ok(vec![first]),
    };
    match bind(twin).await {
        Ok(second) => Ok(vec![first, second]),
        // What another program answers under our name would get our links.
        Err(e) if e.kind() == ErrorKind::AddrInUse && address.port() != 0 => {
            bound(twin).await.map(|second| vec![first, second])
        }
        Err(_) => Ok(vec![first]),
    }
}

/// Listens for as many callers at once as the system lets wait.
async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    tokio::net::TcpListener::bind(address).await?.into_std()
}

/// The edge of the server: as many connections as the system gives.
fn edge(config: &Config, public: &PublicUrl) -> Edge {
    let mut bounds = Bounds::default();
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    if let Some(limit) = limit {
        let free = usize::try_from(limit.saturating_sub(OTHER_DESCRIPTORS)).unwrap_or(usize::MAX);
        bounds.connections = bounds.connections.min(free.max(16));
    }
    let any_host = public.is_local() && !config.listen.ip().is_loopback();
    let proxies = config.trusted_proxies.clone();
    Edge::new(bounds, Some(public.clone()), any_host, proxies)
}

/// Says at the start what is set so that it does not protect.
fn warn_of_weak_settings(config: &Config, public: &PublicUrl) {
    let is_open = !config.listen.ip().is_loopback();
    if (is_open || !public.is_local()) && !config.secure_cookies {
        tracing::warn!(
            "other machines reach this server by http, and whoever listens on the way reads sessions: put https in front, and set public-url to its address"
        );
    }
    if is_open && public.is_local() {
        tracing::warn!(
            "links begin with {public}, which no other machine can follow: set public-url to the address that readers use"
        );
    }
    if !public.is_local() && config.trusted_proxies.is_empty() {
        tracing::warn!(
            "if a proxy stands in front, all readers count as one, and are slowed down together: set trusted-proxies to its address"
        );
    }
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
