//! Whether something was sent: a write that was not may be sent again, and one that was may have been done.

use super::super::*;
use super::peer::{Act, Peer, ok};
use super::world::{Dialing, LIMITS, PUBLIC, SOON, World, client_of, get, idle, post};
use std::io::ErrorKind;

fn is_not_sent(answer: &Result<Response<Bytes>, FetchError>) -> bool {
    matches!(answer, Err(FetchError::NotSent(_)))
}

fn is_no_answer(answer: &Result<Response<Bytes>, FetchError>) -> bool {
    matches!(answer, Err(FetchError::NoAnswer(_)))
}

#[tokio::test]
async fn a_refused_connection_sends_nothing() {
    // The port is free again when the listener is gone.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let answer = client_of(address)
        .send(post(&format!("http://{address}/"), "x"), LIMITS)
        .await;
    assert!(is_not_sent(&answer), "{answer:?}");
    let told = answer.unwrap_err().to_string();
    assert!(
        told.contains("refused") && told.contains("127.0.0.1"),
        "{told}"
    );
}

#[tokio::test]
async fn a_name_without_addresses_and_a_net_without_a_way_send_nothing() {
    for kind in [
        ErrorKind::NetworkUnreachable,
        ErrorKind::HostUnreachable,
        ErrorKind::ConnectionRefused,
        ErrorKind::TimedOut,
    ] {
        let world = World::new(Dialing::Fails(kind));
        world.name("acme.example", &[PUBLIC]);
        let client = world.client("");
        let answer = client
            .send(post("https://acme.example/", "x"), LIMITS)
            .await;
        assert!(is_not_sent(&answer), "{answer:?}");
        let unknown = client.send(get("https://nobody.example/"), LIMITS).await;
        assert!(is_not_sent(&unknown), "{unknown:?}");
        assert_eq!(world.dialed().len(), 1);
    }
    let nobody = System.dial(&[], Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::AddrNotAvailable);
}

#[tokio::test]
async fn a_time_that_ends_before_there_is_a_connection_sends_nothing() {
    let world = World::new(Dialing::NeverEnds);
    world.name("acme.example", &[PUBLIC]);
    let answer = world
        .client("")
        .send(post("https://acme.example/", "x"), SOON)
        .await;
    assert!(is_not_sent(&answer), "{answer:?}");
}

#[tokio::test]
async fn whoever_closes_without_an_answer_may_have_done_it() {
    for act in [
        Act::Close,
        Act::ReadAndClose,
        Act::Say(b"HTTP/1.1 200".to_vec()),
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n".to_vec()),
        Act::Say(b"220 mail.example ESMTP\r\n".to_vec()),
        Act::Say(vec![0; 100]),
    ] {
        let peer = Peer::new(act).await;
        let client = client_of(peer.address);
        let answer = client
            .send(post(&format!("http://{}/", peer.address), "x"), LIMITS)
            .await;
        assert!(is_no_answer(&answer), "{answer:?}");
        assert_eq!(peer.connections().await, 1, "nothing is repeated");
    }
}

#[tokio::test]
async fn half_a_body_is_no_answer() {
    for half in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
    ] {
        let peer = Peer::new(Act::Say(half.into())).await;
        let client = client_of(peer.address);
        let answer = client
            .send(get(&format!("http://{}/", peer.address)), LIMITS)
            .await;
        assert!(is_no_answer(&answer), "{half}: {answer:?}");
    }
}

#[tokio::test]
async fn a_time_that_ends_while_waiting_is_no_answer() {
    let drip = Act::Endless(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        b"1\r\nx\r\n".to_vec(),
    );
    let headers = Act::Endless(
        b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(),
        b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(),
    );
    let half = Act::Endless(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec(),
        Vec::new(),
    );
    for act in [Act::Silent, drip, headers, half] {
        // The connection is there already, so that the time ends while the answer is waited for, however slow the machine is.
        let peer = Peer::new(Act::After(Box::new(act))).await;
        let client = client_of(peer.address);
        let address = format!("http://{}/", peer.address);
        client.send(get(&address), LIMITS).await.unwrap();
        idle().await;
        let answer = client.send(get(&address), SOON).await;
        assert!(is_no_answer(&answer), "{answer:?}");
        assert_eq!(peer.connections().await, 1);
    }
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    for status in [200, 201, 204, 301, 400, 401, 404, 429, 500, 503] {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n");
        let peer = Peer::new(Act::Say(head.into_bytes())).await;
        let client = client_of(peer.address);
        let answer = client
            .send(get(&format!("http://{}/", peer.address)), LIMITS)
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["retry-after"], "7");
    }
}

/// The other side may close a kept connection at the very moment at which it is used again.
#[tokio::test]
async fn what_changes_something_gets_a_connection_of_its_own() {
    let peer = Peer::new(Act::Keep(ok("yes"))).await;
    let client = client_of(peer.address);
    let address = format!("http://{}/", peer.address);
    for _ in 0..3 {
        client.send(get(&address), LIMITS).await.unwrap();
        idle().await;
    }
    assert_eq!(
        peer.seen().connections.len(),
        1,
        "reading keeps its connection"
    );
    for _ in 0..3 {
        client.send(post(&address, "x"), LIMITS).await.unwrap();
    }
    assert_eq!(peer.seen().connections.len(), 4);
    client.send(get(&address), LIMITS).await.unwrap();
    assert_eq!(peer.seen().connections.len(), 4);
}
