//! The edge of the server: connections that neither stay for ever nor cost more than they may. What goes beyond a bound is told to
//! come again; nothing waits without end, and nothing that waits holds what others need.
//!
//! Connections are kept by threads of their own, which do nothing else. What a request asks for is done on the threads of the program,
//! a bounded number at once, so that a heavy one is waited for by those that are worked on and by nobody who only wants to be told.

mod account;
mod hosts;
mod line;
#[cfg(test)]
mod tests;

use account::{Account, Counted, Purse};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hosts::Hosts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kb_http::{ProblemKind, PublicUrl, Rejection, TrustedProxies};
use line::{Patient, Turns};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use tracing::Instrument;

/// Bytes of the head of a request: what a connection holds while it says nothing more.
const HEAD_MAX_BYTES: usize = 32 * 1024;
/// Threads that keep connections.
const EDGE_THREADS: usize = 1;
/// Connections that are told at once that there are too many.
const TURNED_AWAY_AT_ONCE: usize = 256;
/// What they are told, whatever they ask.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/// How long the system is left alone when it has no more connections to give.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);

/// What all connections together may take, and how long each part of one.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections that are open.
    pub connections: usize,
    /// Requests that are worked on; one whose body is still coming is not.
    pub requests: usize,
    /// How long a request waits until it is worked on.
    pub wait: Duration,
    /// Bytes of bodies that are held.
    pub body_bytes: usize,
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// While a client takes nothing of its answer.
    pub stalled: Duration,
    /// From the end of the head to the answer, the body included.
    pub request: Duration,
    /// From the wish to stop to the end of the last connection.
    pub stop: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4_096,
            requests: 64,
            wait: Duration::from_millis(500),
            body_bytes: 64 * 1024 * 1024,
            head: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            stalled: Duration::from_secs(30),
            request: Duration::from_secs(30),
            stop: Duration::from_secs(15),
        }
    }
}

/// The edge of one server.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    /// The threads of the program.
    program: Handle,
    hosts: Hosts,
    proxies: TrustedProxies,
    purse: Purse,
    connections: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
}

impl Edge {
    /// An edge with these bounds of the program whose threads it is made on, known by this name; `any_host` where others may reach it by names that nobody has told.
    pub fn new(
        bounds: Bounds,
        public: Option<PublicUrl>,
        any_host: bool,
        proxies: TrustedProxies,
    ) -> Self {
        Self(Arc::new(Inner {
            purse: Purse {
                places: Arc::new(Semaphore::new(bounds.requests)),
                bytes: Arc::new(Semaphore::new(bounds.body_bytes)),
            },
            connections: Arc::new(Semaphore::new(bounds.connections)),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE)),
            hosts: Hosts {
                public,
                any: any_host,
            },
            proxies,
            program: Handle::current(),
            bounds,
        }))
    }

    /// Puts the bounds of requests around routes. What is added to the router afterwards is answered however much is asked.
    pub fn around<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.layer(middleware::from_fn_with_state(self.clone(), bounded))
    }

    /// Answers at these addresses until `stop` says so. What is at work then is finished within the bound, and cut off after it.
    /// Errors: a task that takes connections has ended, which it never should.
    pub async fn serve(
        &self,
        listeners: Vec<std::net::TcpListener>,
        router: Router,
        mut stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        let threads = Threads::start()?;
        let mut acceptors = JoinSet::new();
        for listener in listeners {
            listener.set_nonblocking(true)?;
            let taken = accept(self.clone(), listener, router.clone(), stop.clone());
            acceptors.spawn_on(taken, threads.handle());
        }
        tokio::select! {
            // Those who take connections end by the same word.
            biased;
            // A sender that is gone is a program that ends.
            _ = stop.wait_for(|stop| *stop) => {}
            ended = acceptors.join_next() => {
                let ended = ended.and_then(Result::err).map(|e| e.to_string());
                return Err(io::Error::other(ended.unwrap_or_else(|| "no address to listen at".to_owned())));
            }
        }
        acceptors.shutdown().await;
        let all = u32::try_from(self.0.bounds.connections).unwrap_or(u32::MAX);
        let gone = self.0.connections.acquire_many(all);
        if timeout(self.0.bounds.stop, gone).await.is_err() {
            let open = self.0.bounds.connections - self.0.connections.available_permits();
            tracing::warn!(connections = open, "connections were cut off");
        }
        Ok(())
    }
}

/// The threads that keep connections.
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> io::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(EDGE_THREADS)
            .thread_name("edge")
            .enable_all()
            .build()?;
        Ok(Self(Some(threads)))
    }

    fn handle(&self) -> &Handle {
        let threads = self.0.as_ref();
        threads
            .expect("they are there until they are dropped")
            .handle()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

/// Takes connections as they come, until it is told to stop or its listener cannot be used.
async fn accept(
    edge: Edge,
    listener: std::net::TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "nobody can listen");
            return;
        }
    };
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // One that is gone before it was taken.
            Err(error) if is_of_the_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                sleep(OUT_OF_DESCRIPTORS).await;
                continue;
            }
        };
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        match edge.0.connections.clone().try_acquire_owned() {
            Ok(place) => {
                tokio::spawn(answer(
                    edge.clone(),
                    stream,
                    peer,
                    router.clone(),
                    stop.clone(),
                    place,
                ));
            }
            Err(_) => turn_away(&edge, stream),
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Tells a client that there are too many. One that is closed while it still sends would hear of a fault instead, so what it sends
/// is read for a moment.
fn turn_away(edge: &Edge, mut stream: TcpStream) {
    let Ok(place) = edge.0.turned_away.clone().try_acquire_owned() else {
        return;
    };
    tokio::spawn(async move {
        let told = async {
            stream.write_all(FULL).await?;
            stream.shutdown().await?;
            let mut unread = [0; 1024];
            while stream.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        // One that does not listen is not waited for.
        let _ = timeout(Duration::from_secs(1), told).await;
        drop(place);
    });
}

/// Answers the requests of one connection.
async fn answer(
    edge: Edge,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stop: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) {
    let turns = Turns::default();
    let bounds = &edge.0.bounds;
    let stream = Patient::new(stream, turns.clone(), bounds.head, bounds.stalled);
    let service = service_fn(|mut request: Request<Incoming>| {
        let turn = turns.begin();
        let client = edge.0.proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(client);
        let router = router.clone();
        async move {
            let answered = router.oneshot(request.map(Body::new)).await;
            drop(turn);
            answered as Result<Response, Infallible>
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.idle)
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let told = async {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = told => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}

/// Answers a request within the bounds.
async fn bounded(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let inner = &edge.0;
    if let Err(refused) = inner.hosts.check(request.headers(), request.version()) {
        return refused.into_response();
    }
    let places = inner.purse.places.clone();
    let Ok(Ok(place)) = timeout(inner.bounds.wait, places.acquire_owned()).await else {
        return full("too many requests are being answered");
    };
    let (parts, body) = request.into_parts();
    let account = Account::open(&inner.purse, place, &body);
    let counted = Counted {
        body,
        account: account.clone(),
    };
    let request = Request::from_parts(parts, Body::new(counted));
    // What nobody waits for any more is dropped with the set.
    let mut work = JoinSet::new();
    work.spawn_on(next.run(request).in_current_span(), &inner.program);
    match timeout(inner.bounds.request, work.join_next()).await {
        Ok(_) if account.is_over() => full("too many requests with bodies are being answered"),
        Ok(Some(Ok(response))) => response,
        // A panic of a handler is one here, and is caught where all are.
        Ok(Some(Err(error))) if error.is_panic() => resume_unwind(error.into_panic()),
        Ok(_) => full("the server is ending"),
        Err(_) if account.is_whole() => full("this took too long"),
        Err(_) => {
            let detail = "the body did not come in time".to_owned();
            Rejection::Request(ProblemKind::TooSlow, detail).into_response()
        }
    }
}

fn full(why: &str) -> Response {
    let detail = format!("{why}; try again in a moment");
    Rejection::Request(ProblemKind::Unavailable, detail).into_response()
}
