#![doc = include_str!("../README.md")]

pub mod client;
#[cfg(any(test, feature = "fakes"))]
pub mod conformance;
#[cfg(any(test, feature = "fakes"))]
pub mod fakes;
mod partners;
mod port;
mod pull;
mod vendors;
mod webhook;

pub use client::{BearerSource, Budget, Call, Class, OutgoingClient, Pace, Reply, VendorClient};
pub use partners::{CALLBACK, Partners, registration};
pub use port::{Change, ChangeFeed, Fault, KnowledgeSource, Next, Page, Since, State};
pub use pull::{Applied, Holds, Looked, Pull, Reconciled, Sink, Step, Why, look, reconcile, step};
pub use vendors::{
    Allowance, Auth, LimitHeaders, Probe, Profile, Question, Refused, TokenBody, VENDORS, Vendor,
    demo, vendor,
};
pub use webhook::{Hint, ParsedWebhook, Unproved, WebhookVerifier};

#[cfg(test)]
mod tests;
