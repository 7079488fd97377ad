//! The real client.

use super::answer::{read, unanswered};
use super::pace::{Class, Pace};
use super::{Call, Reply, VendorClient};
use crate::port::Fault;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, header};
use kb_domain::{Clock, Timestamp};
use kb_fetch::{Fetch, Limits};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use url::Url;

/// How long an answer is waited for. What was read may be as much older than their clock says.
pub(crate) const CALL_SECONDS: u64 = 10;
/// The largest answer that is read.
const ANSWER_MAX_BYTES: usize = 20_000_000;

/// Where the grant of a connection comes from.
#[async_trait]
pub trait BearerSource: Send + Sync {
    /// The token to send. Errors: there is no good grant.
    async fn bearer(&self) -> Result<String, Fault>;

    /// The token after one was refused: another one if there is, by a refresh if need be. Errors: there is no good grant.
    async fn refused(&self, bearer: &str) -> Result<String, Fault>;
}

/// What one run may ask: so many calls, and none after a moment. It ends even a listing that never ends.
#[derive(Debug)]
pub struct Budget {
    calls: AtomicU32,
    until: Timestamp,
}

impl Budget {
    /// So many calls, and none after this moment.
    pub fn new(calls: u32, until: Timestamp) -> Self {
        Self {
            calls: AtomicU32::new(calls),
            until,
        }
    }

    /// Takes one call. Errors: [`Fault::Busy`] with the present moment: the next run goes on at once.
    fn take(&self, now: Timestamp) -> Result<(), Fault> {
        let less = |left: u32| left.checked_sub(1);
        let order = Ordering::Relaxed;
        let taken = self.calls.fetch_update(order, order, less);
        if now >= self.until || taken.is_err() {
            return Err(Fault::Busy(now));
        }
        Ok(())
    }
}

/// What all clients of a connection have in common.
pub struct OutgoingClient {
    /// The way out.
    pub fetch: Arc<dyn Fetch>,
    /// The grant.
    pub bearer: Arc<dyn BearerSource>,
    /// The pace of the connection.
    pub pace: Arc<Pace>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where every path begins; the grant goes to this scheme, host and port only.
    pub base: Url,
    /// Whether somebody waits.
    pub class: Class,
    /// What this run may ask.
    pub budget: Budget,
}

impl OutgoingClient {
    async fn send(&self, call: &Call, bearer: &str) -> Result<Reply, Fault> {
        let now = self.clock.now();
        self.budget.take(now)?;
        self.pace.take(call.bucket, self.class, now).await?;
        let request = self.request(call, bearer)?;
        let limits = Limits {
            total: Duration::from_secs(CALL_SECONDS),
            bytes: ANSWER_MAX_BYTES,
        };
        let answer = self.fetch.send(request, limits).await;
        let answer = answer.map_err(|error| unanswered(call, &error))?;
        let headers = answer.headers().clone();
        let now = self.clock.now();
        self.pace.hear(call.bucket, &headers, now);
        let reply = read(call, answer, now);
        if matches!(reply, Err(Fault::Busy(_))) {
            self.pace.wait(call.bucket, &headers, now);
        }
        reply
    }

    fn request(&self, call: &Call, bearer: &str) -> Result<Request<Bytes>, Fault> {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.clear().extend(&call.path);
        }
        if !call.query.is_empty() {
            address.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = Request::builder()
            .method(&call.method)
            .uri(address.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "Sidenote")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        let mut body = Bytes::new();
        if let Some(json) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body = json.to_string().into();
        }
        let request = request.body(body);
        request.map_err(|_| Fault::Grant("the token is no text that can be sent".to_owned()))
    }
}

#[async_trait]
impl VendorClient for OutgoingClient {
    async fn call(&self, call: Call) -> Result<Reply, Fault> {
        let bearer = self.bearer.bearer().await?;
        match self.send(&call, &bearer).await {
            // Right after a refresh by somebody else the old token is dead: that is no news of the grant.
            Err(Fault::Grant(_)) => {
                let fresh = self.bearer.refused(&bearer).await?;
                self.send(&call, &fresh).await
            }
            other => other,
        }
    }

    fn follow(&self, address: &str) -> Result<Call, Fault> {
        let elsewhere = || Fault::Refused {
            code: "elsewhere".to_owned(),
            detail: "an address that it gives leads to another host".to_owned(),
        };
        let address = Url::parse(address).map_err(|_| elsewhere())?;
        let has_user = !address.username().is_empty() || address.password().is_some();
        if address.origin() != self.base.origin() || has_user {
            return Err(elsewhere());
        }
        let segments = address.path_segments().into_iter().flatten();
        let decoded = |s: &str| percent_decode_str(s).decode_utf8_lossy().into_owned();
        let query = address.query_pairs();
        Ok(Call {
            method: Method::GET,
            path: segments.map(decoded).collect(),
            query: query
                .map(|(n, v)| (Cow::Owned(n.into_owned()), v.into_owned()))
                .collect(),
            body: None,
            bucket: super::DEFAULT_BUCKET,
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
