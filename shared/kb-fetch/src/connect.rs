//! One connection: the name is looked up, what was found is looked at, and just that is dialed.

use crate::address::Target;
use crate::allowed::Allowed;
use crate::fetch::{FetchError, chain};
use crate::inside::is_inside;
use crate::network::Network;
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower::Service;

/// So long a connection may take, with its TLS.
const CONNECT_MAX: Duration = Duration::from_secs(6);
/// So much of that one address of several may take.
const DIAL_MAX: Duration = Duration::from_secs(2);

/// Over TLS or not.
pub(crate) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections. Its fault is [`FetchError::Forbidden`] or [`FetchError::NotSent`].
#[derive(Clone)]
pub(crate) struct Connector {
    pub allowed: Allowed,
    pub network: Arc<dyn Network>,
    pub tls: TlsConnector,
}

impl Connector {
    async fn connect(self, uri: Uri) -> Result<Stream, FetchError> {
        // It was checked when the request came in; nothing may get here past that.
        let target = Target::of(&uri, &self.allowed)?;
        let reached = async {
            let addresses = self.addresses(&target).await?;
            let dialed = self.network.dial(&addresses, DIAL_MAX).await;
            let tcp = TokioIo::new(dialed.map_err(|e| not_sent(&target, &e))?);
            if !target.is_https {
                return Ok(Stream::Http(tcp));
            }
            let name = ServerName::try_from(target.bare_host().to_owned());
            let name = name.map_err(|e| not_sent(&target, &e))?;
            let tls = self.tls.connect(name, TokioIo::new(tcp)).await;
            Ok(Stream::from(tls.map_err(|e| not_sent(&target, &e))?))
        };
        let late = || FetchError::NotSent(format!("{}: no connection in time", target.host));
        timeout(CONNECT_MAX, reached)
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    /// One address inside spoils the name: the next look-up might give that one alone.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
        let found = self.network.resolve(target.bare_host()).await;
        let found = found.map_err(|e| not_sent(target, &e))?;
        if !target.is_exception && found.iter().any(|address| is_inside(*address)) {
            return Err(FetchError::Forbidden(target.host.clone()));
        }
        let with_port = found.into_iter().map(|ip| SocketAddr::new(ip, target.port));
        Ok(with_port.collect())
    }
}

fn not_sent(target: &Target, error: &(dyn std::error::Error + 'static)) -> FetchError {
    FetchError::NotSent(format!("{}: {}", target.host, chain(error)))
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, FetchError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), FetchError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}
