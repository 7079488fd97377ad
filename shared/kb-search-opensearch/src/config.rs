//! Where the engine is, and how it is asked.

use kb_domain::Clock;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The service that a request is signed for: a domain, or a serverless collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// A domain (`es`).
    Domain,
    /// A serverless collection (`aoss`).
    Serverless,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Domain => "es",
            Self::Serverless => "aoss",
        }
    }
}

/// Keys of an AWS identity, as whoever starts the program was given them.
#[derive(Clone)]
pub struct Keys {
    /// The id of the access key.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The token of a session; absent for a lasting key.
    pub session: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// How requests are signed (AWS Signature Version 4).
#[derive(Clone)]
pub struct Signing {
    /// For which service.
    pub service: Service,
    /// In which region, for example `eu-central-1`.
    pub region: String,
    /// By whom.
    pub keys: Keys,
    /// A signature holds for five minutes of this clock.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("service", &self.service)
            .field("region", &self.region)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// Where the engine is, and how it is asked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Absent for an engine that asks nobody who they are.
    pub signing: Option<Signing>,
    /// The name under which searches find the index. Lower-case letters, digits and hyphens.
    pub collection: String,
    /// Copies besides the first one. 0 on a single node.
    pub replicas: u32,
    /// How often the engine makes writes visible by itself; `None` leaves it to [`kb_search::SearchIndex::refresh`].
    pub refresh_interval: Option<Duration>,
    /// The longest that a search or a look-up may take.
    pub search_timeout: Duration,
    /// The longest that a write or a refresh may take.
    pub write_timeout: Duration,
    /// The longest that a merge may take.
    pub merge_timeout: Duration,
}

impl Config {
    /// The settings in use, for an engine at this address.
    pub fn at(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            signing: None,
            collection: "parts".to_owned(),
            replicas: 0,
            refresh_interval: Some(Duration::from_secs(1)),
            search_timeout: Duration::from_millis(800),
            write_timeout: Duration::from_secs(30),
            merge_timeout: Duration::from_hours(1),
        }
    }
}
