//! The real client.

use crate::address::Target;
use crate::allowed::Allowed;
use crate::connect::Connector;
use crate::fetch::{Fetch, FetchError, Limits, chain};
use crate::network::{Network, System};
use crate::read::{whole, within};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, Version};
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_native_certs};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

/// So long a connection is kept that nobody uses, and so many to one server. Partners close theirs after a minute or more.
const IDLE_MAX: Duration = Duration::from_secs(20);
const IDLE_CONNECTIONS: usize = 4;
/// The head of an answer may be so long.
const HEAD_MAX_BYTES: usize = 64 * 1024;
/// Some partners refuse requests of nobody.
const AGENT: HeaderValue = HeaderValue::from_static("sidenote");

/// Reads the certificates that servers are checked against.
type Roots = Arc<dyn Fn() -> Result<RootCertStore, FetchError> + Send + Sync>;
type Client = legacy::Client<Connector, Full<Bytes>>;

/// Asks servers of the public internet, and those that are allowed by name. Nothing is opened or read before the first request.
pub struct Outside {
    allowed: Allowed,
    network: Arc<dyn Network>,
    roots: Roots,
    clients: OnceCell<Clients>,
}

/// Two, since a kept connection may be closed at the other end while a request is on its way to it, and then nobody knows whether it
/// was read. What changes nothing is simply asked again; everything else gets a connection that has just come about.
struct Clients {
    kept: Client,
    fresh: Client,
}

impl Outside {
    /// A client of the public internet and of these exceptions.
    pub fn new(allowed: Allowed) -> Self {
        Self::on(Arc::new(System), Arc::new(system_roots), allowed)
    }

    fn on(network: Arc<dyn Network>, roots: Roots, allowed: Allowed) -> Self {
        Self {
            allowed,
            network,
            roots,
            clients: OnceCell::new(),
        }
    }

    async fn client(&self, method: &Method) -> Result<&Client, FetchError> {
        let clients = self.clients.get_or_try_init(|| self.open()).await?;
        Ok(match *method {
            Method::GET | Method::HEAD | Method::OPTIONS => &clients.kept,
            _ => &clients.fresh,
        })
    }

    /// Reads the certificates, a few hundred kilobytes, beside the threads that answer.
    async fn open(&self) -> Result<Clients, FetchError> {
        let roots = self.roots.clone();
        let read = tokio::task::spawn_blocking(move || roots()).await;
        let roots = read.map_err(|e| FetchError::NotSent(chain(&e)))??;
        let connector = Connector {
            allowed: self.allowed.clone(),
            network: self.network.clone(),
            tls: TlsConnector::from(Arc::new(tls(roots)?)),
        };
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .http1_max_buf_size(HEAD_MAX_BYTES);
        Ok(Clients {
            kept: builder
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .build(connector.clone()),
            fresh: builder.pool_max_idle_per_host(0).build(connector),
        })
    }
}

#[async_trait]
impl Fetch for Outside {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        Target::of(request.uri(), &self.allowed)?;
        let mut request = request.map(Full::new);
        *request.version_mut() = Version::HTTP_11;
        let headers = request.headers_mut();
        // The name that was checked is the name that is asked for.
        headers.remove(HOST);
        headers.entry(USER_AGENT).or_insert(AGENT);
        let connection = capture_connection(&mut request);
        let exchange = async {
            let client = self.client(request.method()).await?;
            let answer = client.request(request).await.map_err(|e| fault(&e))?;
            whole(answer, limits.bytes).await
        };
        // Until there is a connection nothing leaves, however the time has gone.
        within(limits, exchange, |late| {
            if connection.connection_metadata().is_none() {
                FetchError::NotSent(late)
            } else {
                FetchError::NoAnswer(late)
            }
        })
        .await
    }
}

/// What a fault of the client means. The connector says itself whether it refused; all else happened on a connection.
fn fault(error: &legacy::Error) -> FetchError {
    let own = error.source().and_then(|e| e.downcast_ref::<FetchError>());
    match own {
        Some(own) => own.clone(),
        None if error.is_connect() => FetchError::NotSent(chain(error)),
        None => FetchError::NoAnswer(chain(error)),
    }
}

/// The provider is named here: what else is installed for the process has no say.
fn tls(roots: RootCertStore) -> Result<ClientConfig, FetchError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|e| FetchError::NotSent(chain(&e)))?;
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn system_roots() -> Result<RootCertStore, FetchError> {
    roots_of(load_native_certs())
}

/// What can be read of the system's certificates. One that cannot does no harm to the others.
fn roots_of(found: CertificateResult) -> Result<RootCertStore, FetchError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let causes = found.errors.iter().map(|e| format!(": {}", chain(e)));
        return Err(FetchError::NotSent(format!(
            "the system has no certificates to check servers against; install them (ca-certificates), or name a file by SSL_CERT_FILE{}",
            causes.collect::<String>()
        )));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests;
