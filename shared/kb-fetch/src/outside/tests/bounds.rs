//! How much an answer may be.

use super::super::*;
use super::peer::{Act, Peer, ok};
use super::world::{LIMITS, client_of, get};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

async fn ask(act: Act, bytes: usize) -> Result<Response<Bytes>, FetchError> {
    let peer = Peer::new(act).await;
    let limits = Limits { bytes, ..LIMITS };
    let request = get(&format!("http://{}/", peer.address));
    client_of(peer.address).send(request, limits).await
}

#[tokio::test]
async fn a_body_may_be_as_long_as_it_may_be() {
    let chunks = [CHUNKED, b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"].concat();
    let until_closed = b"HTTP/1.1 200 OK\r\n\r\nabcdef".to_vec();
    for said in [ok("abcdef"), chunks, until_closed] {
        let whole = ask(Act::Say(said.clone()), 6).await.unwrap();
        assert_eq!(whole.body(), "abcdef");
        let more = ask(Act::Say(said), 5).await;
        assert_eq!(more.unwrap_err(), FetchError::TooLarge(5));
    }
}

/// Only the head is said, and then nothing more: whoever waited for the body would wait for ever.
#[tokio::test]
async fn a_length_that_is_too_large_is_not_waited_for() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n".to_vec();
    let answer = ask(Act::Keep(head), 1_000_000).await;
    assert_eq!(answer.unwrap_err(), FetchError::TooLarge(1_000_000));
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
    let answer = ask(Act::Endless(CHUNKED.to_vec(), chunk), 1_000_000).await;
    assert_eq!(answer.unwrap_err(), FetchError::TooLarge(1_000_000));
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let answer = ask(Act::Endless(head, vec![b'x'; 0x10000]), 1_000_000).await;
    assert_eq!(answer.unwrap_err(), FetchError::TooLarge(1_000_000));
}

#[tokio::test]
async fn a_head_without_an_end_is_cut_off() {
    let head = b"HTTP/1.1 200 OK\r\nX: ".to_vec();
    let answer = ask(Act::Endless(head, vec![b'x'; 1000]), 1_000_000).await;
    assert!(matches!(answer, Err(FetchError::NoAnswer(_))), "{answer:?}");
}

/// Ten million bytes that weigh ten thousand: nothing is unpacked, so what comes in is what is counted.
#[tokio::test]
async fn a_packed_body_stays_packed() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&vec![0; 10_000_000]).unwrap();
    let bomb = packer.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    let answer = ask(Act::Say([head.as_bytes(), &bomb].concat()), 20_000)
        .await
        .unwrap();
    assert_eq!(answer.body(), &bomb);
    assert_eq!(answer.headers()["content-encoding"], "gzip");
}
