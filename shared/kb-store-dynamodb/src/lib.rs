#![doc = include_str!("../README.md")]

mod attribute;
mod fault;
mod item;
mod read;
#[cfg(feature = "pump")]
mod stream;
mod units;
mod write;

pub use attribute::of_json;
pub use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
pub use item::{Item, Value, row_in};
#[cfg(feature = "pump")]
pub use stream::{Stream, image_of};
pub use units::Units;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use kb_domain::IdGen;
use kb_store::{Error, Key, Page, Query, Row, Table, TableName, Transaction, Version, check};
use std::sync::Arc;
use std::time::Duration;
use units::Meter;

/// The index slots of the table `main`. The keys of the first are the attributes `i1p` and `i1s`, and so on.
pub const SLOTS: [&str; 5] = ["slot1", "slot2", "slot3", "slot4", "slot5"];

/// How often a call is tried in all.
const ATTEMPTS_MAX: u32 = 8;
/// The wait before the second try; it doubles, and each wait is drawn between nothing and that.
const BACKOFF: Duration = Duration::from_millis(50);
/// The longest wait.
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// One try.
const ATTEMPT_MAX: Duration = Duration::from_secs(2);
/// All tries of a call: what waits longer is told that the table does not answer.
const CALL_MAX: Duration = Duration::from_secs(8);

/// Where the tables are, and who asks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the table `main`.
    pub main: String,
    /// Name of the table `log`.
    pub log: String,
    /// The region.
    pub region: String,
    /// Another address than the service's own.
    pub endpoint: Option<String>,
    /// Who asks. They are not renewed: a function's environment outlives none of its processes.
    pub credentials: Credentials,
    /// The connections to use; `None` makes them.
    pub http: Option<SharedHttpClient>,
}

/// The engine.
#[derive(Clone)]
pub struct DynamoTable {
    client: Client,
    names: [String; 2],
    ids: Arc<dyn IdGen>,
    meter: Arc<Meter>,
}

impl DynamoTable {
    /// An engine on two tables that exist. Nothing is asked yet. `ids` draws the tokens by which a repeated transaction is known.
    pub fn new(settings: Settings, ids: Arc<dyn IdGen>) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS_MAX)
            .with_initial_backoff(BACKOFF)
            .with_max_backoff(BACKOFF_MAX);
        let timeout = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(ATTEMPT_MAX)
            .operation_timeout(CALL_MAX)
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region))
            .credentials_provider(settings.credentials)
            .retry_config(retry)
            .timeout_config(timeout)
            .retry_classifier(fault::Conflicts);
        config.set_endpoint_url(settings.endpoint);
        config.set_http_client(settings.http);
        Self {
            client: Client::from_conf(config.build()),
            names: [settings.main, settings.log],
            ids,
            meter: Arc::default(),
        }
    }

    /// What was used so far.
    pub fn units(&self) -> Units {
        self.meter.read()
    }

    fn name(&self, table: TableName) -> &str {
        match table {
            TableName::Main => &self.names[0],
            TableName::Log => &self.names[1],
        }
    }
}

#[async_trait]
impl Table for DynamoTable {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        let row = self.read_one(table, key).await?;
        Ok(row.filter(|row| !row.is_over(now)))
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.read_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.read_range(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        check::check(&transaction)?;
        self.write(&transaction).await
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        check::check_count(key, n)?;
        self.count(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        self.scan(table, (part, parts), limit, cursor).await
    }
}
