//! The client of one connection. Address, grant, pace, repeats and sizes stand behind it, so that a vendor's module holds only
//! paths and fields.

mod answer;
mod outgoing;
mod pace;
mod waits;

pub(crate) use outgoing::CALL_SECONDS;
pub use outgoing::{BearerSource, Budget, OutgoingClient};
pub use pace::{Class, Pace};
pub(crate) use waits::header;

use crate::port::Fault;
use async_trait::async_trait;
use http::{HeaderMap, Method};
use kb_domain::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Display;

/// One call. The path is below the connection's address.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The segments of the path, not yet escaped.
    pub path: Vec<String>,
    /// Parameters, not yet escaped.
    pub query: Vec<(Cow<'static, str>, String)>,
    /// What is sent along.
    pub body: Option<Value>,
    /// Of which of the vendor's allowances it takes.
    pub bucket: &'static str,
}

/// The allowance of calls that have none of their own.
pub const DEFAULT_BUCKET: &str = "default";

impl Call {
    /// A read. The path is cut at its slashes.
    pub fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.split('/').map(str::to_owned).collect(),
            query: Vec::new(),
            body: None,
            bucket: DEFAULT_BUCKET,
        }
    }

    /// A write.
    pub fn write(method: Method, path: &str, body: Value) -> Self {
        Self {
            method,
            body: Some(body),
            ..Self::get(path)
        }
    }

    /// One more segment, whatever it holds.
    #[must_use]
    pub fn at(mut self, segment: &str) -> Self {
        self.path.push(segment.to_owned());
        self
    }

    /// One more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.query.push((Cow::Borrowed(name), format!("{value}")));
        self
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.query.retain(|(n, _)| n != name);
        self
    }

    /// Taken of this allowance.
    #[must_use]
    pub fn of(mut self, bucket: &'static str) -> Self {
        self.bucket = bucket;
        self
    }
}

/// A good answer: of the two hundreds, and JSON where it has a body. Everything else is a [`Fault`] by then; an absence is
/// `Refused` with the status as its code.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null where there is none.
    pub json: Value,
    /// When it was sent, by their clock; by ours where they do not say.
    pub at: Timestamp,
}

/// The client of a connection, as a vendor's module has it.
#[async_trait]
pub trait VendorClient: Send + Sync {
    /// Sends it with the grant.
    async fn call(&self, call: Call) -> Result<Reply, Fault>;

    /// The next address of a listing as a call, if it is the connection's own. Errors: it leads elsewhere, where our grant has no
    /// business.
    fn follow(&self, address: &str) -> Result<Call, Fault>;

    /// The present moment, by our clock.
    fn now(&self) -> Timestamp;
}
