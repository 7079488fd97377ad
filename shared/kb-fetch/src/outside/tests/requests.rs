//! What reaches the other side.

use super::super::*;
use super::peer::{Act, Peer, ok};
use super::world::{LIMITS, PUBLIC, World, client_of, get, post};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_request_holds_what_it_was_given_and_nothing_of_the_one_before() {
    let said =
        "HTTP/1.1 200 OK\r\nSet-Cookie: session=secret; Path=/\r\nContent-Length: 2\r\n\r\nok";
    let peer = Peer::new(Act::Keep(said.into())).await;
    let client = client_of(peer.address);
    let base = format!("http://{}", peer.address);
    client
        .send(get(&format!("{base}/first?page=1")), LIMITS)
        .await
        .unwrap();
    let mut second = post(&format!("{base}/second"), "{\"a\":1}");
    let headers = second.headers_mut();
    headers.insert("authorization", HeaderValue::from_static("Bearer token"));
    headers.insert("user-agent", HeaderValue::from_static("mine"));
    headers.insert("host", HeaderValue::from_static("another.example"));
    client.send(second, LIMITS).await.unwrap();
    let seen = peer.seen().requests;
    let host = peer.address;
    assert_eq!(
        seen[0],
        format!("GET /first?page=1 HTTP/1.1\r\nuser-agent: sidenote\r\nhost: {host}\r\n\r\n")
    );
    assert_eq!(
        seen[1],
        format!(
            "POST /second HTTP/1.1\r\nauthorization: Bearer token\r\nuser-agent: mine\r\nhost: {host}\r\ncontent-length: 7\r\n\r\n{{\"a\":1}}"
        )
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = Peer::new(Act::Keep(ok("elsewhere"))).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("http://{}/", elsewhere.address);
        let said = format!("HTTP/1.1 {status} X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let peer = Peer::new(Act::Keep(said.into_bytes())).await;
        // Even one that leads to where one may go.
        let allowed = Allowed::parse(&format!("{} {}", peer.address, elsewhere.address)).unwrap();
        let client = Outside::new(allowed);
        let answer = client
            .send(get(&format!("http://{}/", peer.address)), LIMITS)
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["location"], to.as_str());
    }
    assert_eq!(elsewhere.connections().await, 0);
}

/// The look-up that was checked is the one that is used, and the next connection is checked anew.
#[tokio::test]
async fn a_name_that_changes_its_meaning_leads_nowhere() {
    let peer = Peer::new(Act::Close).await;
    let world = World::around(&peer);
    world.names_in_turn("rebound.example", &[&[PUBLIC], &["169.254.169.254"]]);
    let client = world.client("");
    // There is no TLS at the other end: the connection is what counts.
    let first = client
        .send(post("https://rebound.example/", "x"), LIMITS)
        .await;
    assert!(matches!(first, Err(FetchError::NotSent(_))), "{first:?}");
    assert_eq!(world.dialed(), [format!("{PUBLIC}:443").parse().unwrap()]);
    let second = client
        .send(post("https://rebound.example/", "x"), LIMITS)
        .await;
    assert_eq!(
        second.unwrap_err(),
        FetchError::Forbidden("rebound.example".to_owned())
    );
    assert_eq!(world.dialed().len(), 1);
}

#[tokio::test]
async fn certificates_are_read_once_at_the_first_request() {
    static READ: AtomicUsize = AtomicUsize::new(0);
    let peer = Peer::new(Act::Keep(ok("yes"))).await;
    let allowed = Allowed::parse(&peer.address.to_string()).unwrap();
    let roots: Roots = Arc::new(|| {
        READ.fetch_add(1, Ordering::Relaxed);
        Ok(RootCertStore::empty())
    });
    let client = Outside::on(Arc::new(System), roots, allowed);
    assert_eq!(READ.load(Ordering::Relaxed), 0);
    for _ in 0..3 {
        let request = post(&format!("http://{}/", peer.address), "x");
        client.send(request, LIMITS).await.unwrap();
    }
    assert_eq!(READ.load(Ordering::Relaxed), 1);
}

const PROXIED: &str = "outside::tests::requests::a_server_is_asked_directly";

/// Asks itself in a process whose environment names a proxy for everything.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked() {
    let proxy = Peer::new(Act::Keep(ok("from the proxy"))).await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", PROXIED]);
    for name in [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ] {
        child.env(name, format!("http://{}", proxy.address));
    }
    let ran = tokio::task::spawn_blocking(move || child.output().unwrap())
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && told.contains("1 passed"), "{told}");
    assert_eq!(proxy.connections().await, 0);
}

#[tokio::test]
async fn a_server_is_asked_directly() {
    let peer = Peer::new(Act::Keep(ok("direct"))).await;
    let request = get(&format!("http://{}/", peer.address));
    let answer = client_of(peer.address).send(request, LIMITS).await.unwrap();
    assert_eq!(answer.body(), "direct");
}
