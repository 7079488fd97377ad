//! One request and its answer: addresses, signatures, time limits, and which fault is whose.

use crate::config::{Config, Signing};
use aws_credential_types::Credentials as AwsKeys;
use aws_types::region::Region;
use aws_types::sdk_config::{SharedCredentialsProvider, SharedTimeSource, TimeSource};
use kb_domain::Clock;
use kb_search::Error;
use opensearch::auth::Credentials;
use opensearch::http::headers::{CONTENT_TYPE, HeaderMap, HeaderValue};
use opensearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use opensearch::http::{Method, Url};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// The client, made when it first asks, for it reads the certificates of the system; it keeps its connections.
#[derive(Clone)]
pub(crate) struct Wire {
    url: Url,
    signing: Option<Signing>,
    transport: Arc<OnceLock<Transport>>,
}

/// An answer whose fault, if it is one, the caller may know what to do with.
pub(crate) struct Reply {
    pub status: u16,
    pub body: Value,
}

struct Now(Arc<dyn Clock>);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

impl TimeSource for Now {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(self.0.now().micros())
    }
}

impl Wire {
    /// A client; nothing is asked yet. Errors: the endpoint is no address.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let url = Url::parse(&config.endpoint);
        Ok(Self {
            url: url.map_err(|e| Error::Broken(format!("{}: {e}", config.endpoint)))?,
            signing: config.signing.clone(),
            transport: Arc::default(),
        })
    }

    fn transport(&self) -> Result<&Transport, Error> {
        if let Some(transport) = self.transport.get() {
            return Ok(transport);
        }
        let pool = SingleNodeConnectionPool::new(self.url.clone());
        // The environment's proxies are not ours to follow: kb-runtime alone reads it.
        let mut builder = TransportBuilder::new(pool).disable_proxy();
        if let Some(signing) = &self.signing {
            builder = builder
                .auth(credentials(signing))
                .service_name(signing.service.name())
                .sigv4_time_source(SharedTimeSource::new(Now(signing.clock.clone())));
        }
        let made = builder.build();
        let made = made.map_err(|e| Error::Broken(format!("{}: {e}", self.url)))?;
        Ok(self.transport.get_or_init(|| made))
    }

    /// Asks, and answers whatever the engine says. Errors: it says nothing in time.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        timeout: Duration,
    ) -> Result<Reply, Error> {
        let mut headers = HeaderMap::new();
        if path.contains("_bulk") {
            let lines = HeaderValue::from_static("application/x-ndjson");
            headers.insert(CONTENT_TYPE, lines);
        }
        let sent = self
            .transport()?
            .send(method, path, headers, None::<&()>, body, Some(timeout));
        let response = sent.await.map_err(|e| silent(&e))?;
        let status = response.status_code().as_u16();
        let text = response.text().await.map_err(|e| silent(&e))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status, body })
    }

    /// The same, for which "later" is no answer. Errors: as [`Wire::send`], and the engine is too busy or has no head.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        timeout: Duration,
    ) -> Result<Reply, Error> {
        self.send(method, path, body, timeout).await?.now()
    }

    /// Asks for something that can only go well or be a fault of ours.
    pub async fn get(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Value, Error> {
        let body = body.map(Value::to_string);
        self.ask(method, path, body, timeout).await?.good()
    }
}

impl Reply {
    /// The answer, unless it says "later".
    pub fn now(self) -> Result<Self, Error> {
        if is_busy(self.status) || self.is_blocked() {
            return Err(Error::Unavailable(self.fault()));
        }
        Ok(self)
    }

    /// Whether the index went away while it was asked, as it does in a switch.
    pub fn is_gone(&self) -> bool {
        self.status == 404
            || self.status == 503 && self.kind() == "search_phase_execution_exception"
    }

    /// The body of an answer that is no fault.
    pub fn good(self) -> Result<Value, Error> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        Err(Error::Broken(self.fault()))
    }

    /// The kind of fault that the engine names.
    pub fn kind(&self) -> &str {
        self.body["error"]["type"].as_str().unwrap_or_default()
    }

    /// A full disk or a cluster without a head refuses by a block.
    fn is_blocked(&self) -> bool {
        self.kind() == "cluster_block_exception"
    }

    fn fault(&self) -> String {
        let error = &self.body["error"];
        let cause = &error["root_cause"][0]["reason"];
        let reason = cause.as_str().or(error["reason"].as_str());
        let reason = reason.or(error.as_str()).or(self.body["message"].as_str());
        let reason: String = reason.unwrap_or_default().chars().take(300).collect();
        format!("status {} {} {reason}", self.status, self.kind())
    }
}

/// Whether a status says "later".
pub(crate) fn is_busy(status: u16) -> bool {
    matches!(status, 408 | 429 | 502 | 503 | 504)
}

fn silent(error: &opensearch::Error) -> Error {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    Error::Unavailable(text)
}

fn credentials(signing: &Signing) -> Credentials {
    let keys = &signing.keys;
    let session = keys.session.clone();
    let keys = AwsKeys::new(&keys.id, &keys.secret, session, None, "sidenote");
    Credentials::AwsSigV4(
        SharedCredentialsProvider::new(keys),
        Region::new(signing.region.clone()),
    )
}
