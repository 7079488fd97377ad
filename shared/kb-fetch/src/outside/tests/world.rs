//! A network whose names mean what a test says.

use super::super::*;
use super::peer::Peer;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use tokio::net::TcpStream;

pub(super) const LIMITS: Limits = Limits {
    total: Duration::from_secs(30),
    bytes: 1_000_000,
};
/// For what never comes.
pub(super) const SOON: Limits = Limits {
    total: Duration::from_millis(50),
    bytes: 100_000_000,
};
/// An address outside.
pub(super) const PUBLIC: &str = "93.184.216.34";

pub(super) fn get(address: &str) -> Request<Bytes> {
    Request::get(address).body(Bytes::new()).unwrap()
}

pub(super) fn post(address: &str, body: &'static str) -> Request<Bytes> {
    Request::post(address).body(Bytes::from(body)).unwrap()
}

pub(super) fn no_roots() -> Roots {
    Arc::new(|| Ok(RootCertStore::empty()))
}

/// A client of the real network that may ask this server.
pub(super) fn client_of(address: SocketAddr) -> Outside {
    let allowed = Allowed::parse(&address.to_string()).unwrap();
    Outside::on(Arc::new(System), no_roots(), allowed)
}

/// Lets a connection that was read to its end come back to its client, which takes a few turns and no news from the network.
pub(super) async fn idle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// What dialing does.
pub(super) enum Dialing {
    /// Ends at this server, whatever address was asked for.
    To(SocketAddr),
    Fails(io::ErrorKind),
    NeverEnds,
}

pub(super) struct World {
    /// The addresses of each name, one list for each time it is looked up; the last one stays.
    names: Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    dialing: Dialing,
    dialed: Mutex<Vec<SocketAddr>>,
}

impl World {
    pub fn new(dialing: Dialing) -> Arc<Self> {
        Arc::new(Self {
            names: Mutex::default(),
            dialing,
            dialed: Mutex::default(),
        })
    }

    pub fn around(peer: &Peer) -> Arc<Self> {
        Self::new(Dialing::To(peer.address))
    }

    /// Says what the name means from now on.
    pub fn name(&self, name: &str, addresses: &[&str]) {
        self.names_in_turn(name, &[addresses]);
    }

    /// Says what it means each time.
    pub fn names_in_turn(&self, name: &str, turns: &[&[&str]]) {
        let parse = |addresses: &&[&str]| addresses.iter().map(|a| a.parse().unwrap()).collect();
        let turns = turns.iter().map(parse).collect();
        self.names.lock().unwrap().insert(name.to_owned(), turns);
    }

    pub fn client(self: &Arc<Self>, allowed: &str) -> Outside {
        Outside::on(self.clone(), no_roots(), Allowed::parse(allowed).unwrap())
    }

    pub fn dialed(&self) -> Vec<SocketAddr> {
        self.dialed.lock().unwrap().clone()
    }
}

#[async_trait]
impl Network for World {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        if let Ok(number) = host.parse() {
            return Ok(vec![number]);
        }
        let mut names = self.names.lock().unwrap();
        let turns = names
            .get_mut(&host.to_ascii_lowercase())
            .ok_or(io::ErrorKind::NotFound)?;
        Ok(if turns.len() > 1 {
            turns.remove(0)
        } else {
            turns[0].clone()
        })
    }

    async fn dial(&self, addresses: &[SocketAddr], _: Duration) -> io::Result<TcpStream> {
        self.dialed.lock().unwrap().extend(addresses);
        match self.dialing {
            Dialing::To(address) => TcpStream::connect(address).await,
            Dialing::Fails(kind) => Err(kind.into()),
            Dialing::NeverEnds => std::future::pending().await,
        }
    }
}
