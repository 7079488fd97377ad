use super::*;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::sync::Notify;

const LONG: Duration = Duration::from_mins(10);
const SHORT: Duration = Duration::from_millis(30);

/// Bounds that nothing reaches unless a test sets them.
fn bounds() -> Bounds {
    Bounds {
        connections: 100,
        requests: 100,
        wait: LONG,
        body_bytes: 1_000_000,
        head: LONG,
        idle: LONG,
        stalled: LONG,
        request: LONG,
        stop: LONG,
    }
}

/// A running server, and what its route `/held` waits for.
struct Server {
    address: SocketAddr,
    edge: Edge,
    held: Arc<Notify>,
    begun: Arc<Notify>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<io::Result<()>>,
}

impl Server {
    fn start(bounds: Bounds) -> Self {
        let (held, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let wait = {
            let (held, begun) = (held.clone(), begun.clone());
            async move || {
                begun.notify_one();
                held.notified().await;
                "held"
            }
        };
        let edge = Edge::new(bounds, None, false, TrustedProxies::default());
        let routes = Router::new()
            .route("/", get(async || "here"))
            .route("/held", get(wait))
            .route(
                "/panic",
                get(async || -> &'static str { panic!("the handler") }),
            )
            .route("/large", get(async || vec![b'x'; 30_000_000]))
            .route("/size", post(async |body: Bytes| body.len().to_string()));
        let router = edge.around(routes).route("/healthz", get(async || "ok"));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let served = tokio::spawn({
            let edge = edge.clone();
            async move { edge.serve(vec![listener], router, stopping).await }
        });
        Self {
            address,
            edge,
            held,
            begun,
            stop,
            served,
        }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer to a request that ends its connection.
    async fn ask(&self, request: &str) -> String {
        let text = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        rest(self.send(&text).await).await
    }

    /// Waits until so many connections are open.
    async fn until_open(&self, open: usize) {
        let inner = &self.edge.0;
        while inner.bounds.connections - inner.connections.available_permits() != open {
            tokio::task::yield_now().await;
        }
    }
}

/// What a connection still says before it ends.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut off has said what it has said.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn post_of(length: usize, sent: &str) -> String {
    format!(
        "POST /size HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{sent}"
    )
}

fn is_full(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 503") && answer.to_ascii_lowercase().contains("retry-after: 2")
}

#[tokio::test]
async fn case_100_a_panic_on_the_threads_of_the_program_is_one_at_the_edge() {
    let server = Server::start(bounds());
    // Nothing stands around the routes here: the connection ends, and the next one is served.
    assert_eq!(server.ask("GET /panic").await, "");
    assert!(server.ask("GET /").await.ends_with("here"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_only_wants_to_know_is_answered_while_every_thread_is_at_work() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let edge = Edge::new(bounds(), None, false, TrustedProxies::default());
    let busy = get(async move || {
        // The one thread of the program does nothing else meanwhile.
        let _ = wait.lock().unwrap().recv();
        "busy"
    });
    let router = edge
        .around(Router::new().route("/busy", busy))
        .route("/healthz", get(async || "ok"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (_stop, stopping) = watch::channel(false);
    let served = tokio::spawn(async move { edge.serve(vec![listener], router, stopping).await });
    let asked = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let ask = |path: &str| {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let head =
                format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            stream
        };
        let rest = |mut stream: std::net::TcpStream| {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let busy = ask("/busy");
        for _ in 0..20 {
            assert!(rest(ask("/healthz")).ends_with("ok"));
        }
        go.send(()).unwrap();
        assert!(rest(busy).ends_with("busy"));
    });
    asked.await.unwrap();
    served.abort();
}

#[tokio::test]
async fn case_094_one_connection_too_many_is_told_to_come_again_and_the_next_one_is_served() {
    let server = Server::start(Bounds {
        connections: 2,
        ..bounds()
    });
    let (first, _second) = (server.send("").await, server.send("GET / ").await);
    server.until_open(2).await;
    assert!(is_full(&server.ask("GET /").await));
    drop(first);
    server.until_open(1).await;
    assert!(server.ask("GET /").await.ends_with("here"));
}

#[tokio::test]
async fn a_head_that_stands_still_and_a_client_that_says_nothing_are_cut_off() {
    let head = Server::start(Bounds {
        head: SHORT,
        ..bounds()
    });
    let half = head.send("GET / HTTP/1.1\r\nHost: loc").await;
    let idle = head.send("").await;
    assert_eq!(rest(half).await, "");
    // Whoever has not begun is not cut off for its head.
    head.until_open(1).await;
    drop(idle);
    let idle = Server::start(Bounds {
        idle: SHORT,
        ..bounds()
    });
    assert_eq!(rest(idle.send("").await).await, "");
    let kept = idle.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(rest(kept).await.ends_with("here"));
    idle.until_open(0).await;
}

#[tokio::test]
async fn the_limit_of_a_head_does_not_end_a_request_that_is_at_work() {
    let server = Server::start(Bounds {
        head: SHORT,
        ..bounds()
    });
    let asked = server
        .send("GET /held HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    server.begun.notified().await;
    sleep(SHORT * 3).await;
    server.held.notify_one();
    assert!(rest(asked).await.ends_with("held"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_gives_its_connection_back() {
    let server = Server::start(Bounds {
        stalled: SHORT,
        ..bounds()
    });
    let deaf = server
        .send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    server.until_open(1).await;
    server.until_open(0).await;
    drop(deaf);
}

#[tokio::test]
async fn case_066_a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::start(Bounds {
        request: SHORT,
        ..bounds()
    });
    let answer = rest(server.send(&post_of(10, "half")).await).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let slow = server.ask("GET /held").await;
    assert!(is_full(&slow), "{slow}");
}

#[tokio::test]
async fn case_066_bodies_hold_no_more_than_they_may_together_and_give_it_back() {
    let server = Server::start(Bounds {
        body_bytes: 10,
        ..bounds()
    });
    assert!(is_full(
        &rest(server.send(&post_of(11, "eleven byte")).await).await
    ));
    let half = server.send(&post_of(8, "sixsix")).await;
    while server.edge.0.purse.bytes.available_permits() != 4 {
        tokio::task::yield_now().await;
    }
    assert!(is_full(
        &rest(server.send(&post_of(5, "five5")).await).await
    ));
    drop(half);
    server.until_open(0).await;
    let whole = rest(server.send(&post_of(10, "ten bytes!")).await).await;
    assert!(whole.ends_with("10"), "{whole}");
}

#[tokio::test]
async fn who_finds_no_place_is_told_so_and_who_still_sends_holds_none() {
    let server = Server::start(Bounds {
        requests: 1,
        wait: SHORT,
        ..bounds()
    });
    let half = server.send(&post_of(8, "six")).await;
    server.until_open(1).await;
    assert!(server.ask("GET /").await.ends_with("here"));
    let held = server
        .send("GET /held HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    server.begun.notified().await;
    assert!(is_full(&server.ask("GET /").await));
    // Whoever watches the process is answered whatever others ask.
    assert!(server.ask("GET /healthz").await.ends_with("ok"));
    server.held.notify_one();
    assert!(rest(held).await.ends_with("held"));
    assert!(server.ask("GET /").await.ends_with("here"));
    drop(half);
}

#[tokio::test]
async fn case_100_the_end_finishes_what_is_at_work_and_cuts_off_what_stands_still() {
    let server = Server::start(bounds());
    let held = server
        .send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    server.begun.notified().await;
    let _idle = server.send("").await;
    server.until_open(2).await;
    server.stop.send(true).unwrap();
    server.held.notify_one();
    assert!(rest(held).await.ends_with("held"));
    server.served.await.unwrap().unwrap();

    let stuck = Server::start(Bounds {
        stop: SHORT,
        ..bounds()
    });
    let _half = stuck.send(&post_of(10, "half")).await;
    stuck.until_open(1).await;
    stuck.stop.send(true).unwrap();
    stuck.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused_before_anything_is_answered() {
    let server = Server::start(bounds());
    let asked = "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = rest(server.send(asked).await).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}
