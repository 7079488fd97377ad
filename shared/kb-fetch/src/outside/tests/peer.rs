//! A server that behaves as a test says.

use super::super::*;
use rustls::ServerConfig;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// So much is as good as endless, and a client that takes all of it does not take the machine.
const ENDLESS_BYTES: usize = 20_000_000;

/// What it does with a connection.
#[derive(Clone)]
pub(super) enum Act {
    /// Closes it and reads nothing.
    Close,
    /// Reads a request and closes.
    ReadAndClose,
    /// Answers one request with 200, and then does this.
    After(Box<Act>),
    /// Reads a request and says nothing until the other side goes.
    Silent,
    /// Reads a request, says this, and ends the connection in order.
    Say(Vec<u8>),
    /// Reads a request, says this, and is gone.
    Cut(Vec<u8>),
    /// Says this to each request, for as long as the other side stays.
    Keep(Vec<u8>),
    /// Says to each request what this makes of it.
    Make(fn(&str) -> Vec<u8>),
    /// Reads a request, says the first, and then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer of status 200 with a length.
pub(super) fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// What it has seen.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// Where each connection came from.
    pub connections: Vec<SocketAddr>,
    /// Each request as it came.
    pub requests: Vec<String>,
}

/// A server on loopback.
pub(super) struct Peer {
    pub address: SocketAddr,
    seen: watch::Sender<Seen>,
}

impl Peer {
    pub async fn new(act: Act) -> Self {
        Self::start(act, None).await
    }

    pub async fn with_tls(act: Act, config: ServerConfig) -> Self {
        Self::start(act, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(act: Act, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = watch::Sender::new(Seen::default());
        let noted = seen.clone();
        tokio::spawn(async move {
            loop {
                let (tcp, from) = listener.accept().await.unwrap();
                noted.send_modify(|s| s.connections.push(from));
                let (act, tls, noted) = (act.clone(), tls.clone(), noted.clone());
                tokio::spawn(async move {
                    // A handshake that fails is the test's affair, and so is who goes away.
                    let _ = match tls {
                        None => play(act, tcp, &noted).await,
                        Some(tls) => match tls.accept(tcp).await {
                            Ok(stream) => play(act, stream, &noted).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
        });
        Self { address, seen }
    }

    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// How often somebody connected until now. A last connection of our own comes after all that were begun before it.
    pub async fn connections(&self) -> usize {
        let last = TcpStream::connect(self.address).await.unwrap();
        let from = last.local_addr().unwrap();
        let mut seen = self.seen.subscribe();
        let seen = seen.wait_for(|s| s.connections.contains(&from)).await;
        seen.unwrap()
            .connections
            .iter()
            .position(|c| *c == from)
            .unwrap()
    }
}

async fn play<S>(mut act: Act, mut stream: S, noted: &watch::Sender<Seen>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if matches!(act, Act::Close) {
        return Ok(());
    }
    while let Some(request) = read(&mut stream).await? {
        let asked = request.clone();
        noted.send_modify(|s| s.requests.push(request));
        if let Act::After(next) = act {
            stream.write_all(&ok("first")).await?;
            act = *next;
            continue;
        }
        match &act {
            Act::Close | Act::After(_) | Act::ReadAndClose => return Ok(()),
            Act::Silent => {
                read(&mut stream).await?;
                return Ok(());
            }
            Act::Say(text) => {
                stream.write_all(text).await?;
                return stream.shutdown().await;
            }
            Act::Cut(text) => {
                stream.write_all(text).await?;
                return stream.flush().await;
            }
            Act::Keep(text) => stream.write_all(text).await?,
            Act::Make(answer) => stream.write_all(&answer(&asked)).await?,
            Act::Endless(first, ever) => {
                stream.write_all(first).await?;
                for _ in 0..ENDLESS_BYTES / ever.len().max(1) {
                    stream.write_all(ever).await?;
                    stream.flush().await?;
                    tokio::task::yield_now().await;
                }
                read(&mut stream).await?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The next request, head and body.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<String>> {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |l| l.parse().unwrap()) {
                return Ok(Some(text.into_owned()));
            }
        }
        if stream.read_buf(&mut got).await? == 0 {
            return Ok(None);
        }
    }
}
