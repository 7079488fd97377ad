//! Data keys under the key of the stack: KMS makes and unwraps them, the bucket keeps them wrapped. A copy of the bucket alone
//! opens nothing.

use super::Stack;
use crate::error::Error;
use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::config::{BehaviorVersion, Region};
use aws_sdk_kms::error::DisplayErrorContext;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use kb_domain::{Clock, Timestamp};
use kb_identity::secret_keys::{DataKey, SecretKeys, VaultClosed};
use kb_store::Blobs;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an unwrapped key is kept, in seconds: a key that was taken away is gone after that.
const KEPT_SECONDS: i64 = 300;
/// All tries of a call.
const CALL_MAX: Duration = Duration::from_secs(5);
/// Name of what a key is for, in the context that KMS binds to it.
const PURPOSE: &str = "sidenote:purpose";

/// The data keys of a stack.
pub struct DataKeys {
    client: Client,
    key: String,
    blobs: Arc<dyn Blobs>,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<String, (Timestamp, [u8; 32])>>,
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKeys").finish_non_exhaustive()
    }
}

fn fault(cause: impl fmt::Display) -> Error {
    Error::Engine {
        what: "the key of the stack",
        cause: cause.to_string(),
    }
}

impl DataKeys {
    /// Data keys under the key of this stack, kept in `blobs`. Nothing is asked yet.
    pub fn new(
        stack: &Stack,
        http: SharedHttpClient,
        blobs: Arc<dyn Blobs>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let timeout = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(CALL_MAX)
            .build();
        let mut config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(stack.region.clone()))
            .credentials_provider(stack.credentials())
            .http_client(http)
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeout);
        config.set_endpoint_url(stack.kms_endpoint.clone());
        Self {
            client: Client::from_conf(config.build()),
            key: stack.kms_key.clone(),
            blobs,
            clock,
            open: Mutex::default(),
        }
    }

    /// The data key for a purpose, made when there is none. Of two who make it at once one wins. Errors: KMS does not answer
    /// or refuses, or the wrapped key is one of another purpose or another stack.
    pub async fn data_key(&self, purpose: &str) -> Result<[u8; 32], Error> {
        let now = self.clock.now();
        if let Some(key) = self.kept(purpose, now) {
            return Ok(key);
        }
        let mut found = self.find(purpose).await?;
        if found.is_none() {
            // Of two who make it at once one wins; it is there either way.
            self.make_wrapped(purpose).await?;
            found = self.find(purpose).await?;
        }
        let key = found.ok_or_else(|| fault("the wrapped key is gone"))?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(purpose.to_owned(), (now, key));
        Ok(key)
    }

    /// The data key that lies under a name, unwrapped; `None` when there is none.
    async fn find(&self, name: &str) -> Result<Option<[u8; 32]>, Error> {
        let wrapped = self.blobs.get(&blob(name)).await.map_err(fault)?;
        let Some(wrapped) = wrapped else {
            return Ok(None);
        };
        let call = self
            .client
            .decrypt()
            .key_id(&self.key)
            .encryption_context(PURPOSE, name)
            .ciphertext_blob(Blob::new(wrapped));
        let answer = call.send().await;
        let answer = answer.map_err(|e| fault(DisplayErrorContext(&e)))?;
        let plain = answer.plaintext.map(Blob::into_inner).unwrap_or_default();
        let key: [u8; 32] = plain
            .try_into()
            .map_err(|_| fault("it unwraps to something that is no data key"))?;
        Ok(Some(key))
    }

    fn kept(&self, purpose: &str, now: Timestamp) -> Option<[u8; 32]> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, key) = open.get(purpose)?;
        (now < since.plus_seconds(KEPT_SECONDS)).then_some(*key)
    }

    /// Puts a new data key into the bucket, wrapped, unless there is one. Answers whether it did.
    async fn make_wrapped(&self, name: &str) -> Result<bool, Error> {
        let call = self
            .client
            .generate_data_key_without_plaintext()
            .key_id(&self.key)
            .encryption_context(PURPOSE, name)
            .key_spec(DataKeySpec::Aes256);
        let made = call.send().await;
        let made = made.map_err(|e| fault(DisplayErrorContext(&e)))?;
        let wrapped = made
            .ciphertext_blob
            .map(Blob::into_inner)
            .unwrap_or_default();
        let put = self.blobs.put_new(&blob(name), wrapped).await;
        put.map_err(fault)
    }
}

fn blob(name: &str) -> String {
    format!("keys/{name}")
}

/// Purpose and number together are what KMS binds to a key: one that was moved to another number is not unwrapped.
#[async_trait]
impl SecretKeys for DataKeys {
    async fn key(&self, purpose: &str, number: u32) -> Result<Option<DataKey>, VaultClosed> {
        let found = self.find(&format!("{purpose}/{number}")).await;
        let found = found.map_err(|e| VaultClosed::Silent(e.to_string()))?;
        Ok(found.map(DataKey::new))
    }

    async fn make(&self, purpose: &str, number: u32) -> Result<bool, VaultClosed> {
        let made = self.make_wrapped(&format!("{purpose}/{number}")).await;
        made.map_err(|e| VaultClosed::Silent(e.to_string()))
    }
}
