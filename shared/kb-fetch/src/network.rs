//! What the system does for a connection: names are looked up, addresses are dialed.

use async_trait::async_trait;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// So many addresses of a name are tried.
const ADDRESSES_MAX: usize = 4;

/// The network under the client.
#[async_trait]
pub(crate) trait Network: Send + Sync {
    /// The addresses of a name, or of a number.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;

    /// A connection to one of these addresses, none of which gets more than `each`. Errors: those of the last one.
    async fn dial(&self, addresses: &[SocketAddr], each: Duration) -> io::Result<TcpStream>;
}

/// The system's own.
pub(crate) struct System;

#[async_trait]
impl Network for System {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }

    async fn dial(&self, addresses: &[SocketAddr], each: Duration) -> io::Result<TcpStream> {
        let mut addresses = addresses.to_vec();
        // Many machines have half an IPv6, which swallows what is sent there; none has half an IPv4.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        let mut fault = io::ErrorKind::AddrNotAvailable.into();
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
            match timeout(each, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => {
                    tcp.set_nodelay(true)?;
                    return Ok(tcp);
                }
                Ok(Err(error)) => fault = error,
                Err(_) => fault = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(fault)
    }
}
