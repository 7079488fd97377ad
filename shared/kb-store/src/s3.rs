//! Blobs in a bucket of S3. A put is one request, so that a blob is there whole or not at all.

use crate::blobs::{Blobs, check_name};
use crate::error::Error;
use async_trait::async_trait;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutMode, RetryConfig,
};
use std::sync::OnceLock;
use std::time::Duration;

/// Tries of a request after the first.
const RETRIES_MAX: usize = 4;
/// All tries of a request.
const CALL_MAX: Duration = Duration::from_secs(10);
/// One try.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);
/// The longest that a signed address is good for.
const LINK_MAX: Duration = Duration::from_mins(5);

/// Where the bucket is, and who asks.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The region.
    pub region: String,
    /// Another address than the service's own.
    pub endpoint: Option<String>,
    /// The id of the access key.
    pub key_id: String,
    /// The access key.
    pub secret: String,
    /// The token of a temporary key.
    pub token: Option<String>,
}

/// Makes the client when the first request needs it: it reads the certificates of the system, and few requests need a blob.
#[derive(Debug)]
struct WhenAsked;

impl HttpConnector for WhenAsked {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Asked {
            options: options.clone(),
            client: OnceLock::new(),
        }))
    }
}

#[derive(Debug)]
struct Asked {
    options: ClientOptions,
    client: OnceLock<HttpClient>,
}

#[async_trait]
impl HttpService for Asked {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(client) = self.client.get() {
            return client.execute(request).await;
        }
        let made = ReqwestConnector::default().connect(&self.options);
        let made = made.map_err(|e| HttpError::new(HttpErrorKind::Unknown, e))?;
        self.client.get_or_init(|| made).execute(request).await
    }
}

/// The bucket as blobs.
#[derive(Debug)]
pub struct S3Blobs {
    store: AmazonS3,
}

impl S3Blobs {
    /// Blobs in a bucket that exists. Nothing is asked yet. Errors: the settings name no bucket that can be asked.
    pub fn new(bucket: Bucket) -> Result<Self, Error> {
        let options = ClientOptions::new()
            .with_timeout(ATTEMPT_MAX)
            .with_connect_timeout(Duration::from_secs(1));
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES_MAX,
            retry_timeout: CALL_MAX,
        };
        let mut store = AmazonS3Builder::new()
            .with_bucket_name(bucket.name)
            .with_region(bucket.region)
            .with_access_key_id(bucket.key_id)
            .with_secret_access_key(bucket.secret)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_http_connector(WhenAsked)
            .with_retry(retry);
        if let Some(token) = bucket.token {
            store = store.with_token(token);
        }
        let options = match bucket.endpoint {
            Some(endpoint) => {
                store = store.with_endpoint(endpoint);
                options.with_allow_http(true)
            }
            None => options,
        };
        let store = store.with_client_options(options).build();
        Ok(Self {
            store: store.map_err(unavailable)?,
        })
    }

    /// An address at which anybody may read the blob for so long, five minutes at most, and nothing else.
    pub async fn link(&self, name: &str, good_for: Duration) -> Result<String, Error> {
        let good_for = good_for.min(LINK_MAX);
        let path = path(name)?;
        let link = self
            .store
            .signed_url(http::Method::GET, &path, good_for)
            .await;
        Ok(link.map_err(unavailable)?.to_string())
    }
}

fn unavailable(error: object_store::Error) -> Error {
    Error::unavailable(error)
}

fn path(name: &str) -> Result<Path, Error> {
    check_name(name)?;
    Ok(Path::from(name))
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.store.get(&path(name)?).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(unavailable)?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let done = self.store.put(&path(name)?, bytes.into()).await;
        done.map(drop).map_err(unavailable)
    }

    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        let path = path(name)?;
        let done = self
            .store
            .put_opts(&path, bytes.into(), PutMode::Create.into());
        match done.await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), Error> {
        match self.store.delete(&path(name)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}
