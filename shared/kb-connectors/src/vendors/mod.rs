//! The systems that can be connected: what each is as data, and its ports on a client.

pub mod demo;
mod profile;
mod zendesk;

use crate::client::VendorClient;
use crate::port::{Fault, KnowledgeSource};
use crate::webhook::WebhookVerifier;
use async_trait::async_trait;
use kb_domain::remote::Use;
pub use profile::{Allowance, Auth, LimitHeaders, Profile, Question, TokenBody};
use std::sync::Arc;

/// Whom a grant stands for, and whether it reaches far enough for a use. Only a call tells: scopes are granted that open nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Who consented.
    pub who: String,
    /// What they are there, in their words.
    pub role: String,
    /// What does not work; nothing where all does.
    pub refused: Vec<Refused>,
}

/// Something that the grant does not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Places and languages.
    Structure,
    /// The articles, as they change.
    Articles,
    /// Who reads what.
    Readers,
}

/// A kind of system.
#[async_trait]
pub trait Vendor: Send + Sync {
    /// What it is, as data.
    fn profile(&self) -> &'static Profile;

    /// How its webhooks are proved and read.
    fn webhooks(&self) -> &dyn WebhookVerifier;

    /// Its knowledge base.
    fn knowledge(&self, client: Arc<dyn VendorClient>) -> Arc<dyn KnowledgeSource>;

    /// Asks by one call each what a use needs. Errors: it cannot be asked, or the grant is over.
    async fn probe(&self, client: &dyn VendorClient, what: Use) -> Result<Probe, Fault>;
}

/// Every kind of system.
pub static VENDORS: [&dyn Vendor; 1] = [&zendesk::Zendesk];

/// The kind of system with this name.
pub fn vendor(slug: &str) -> Option<&'static dyn Vendor> {
    VENDORS.into_iter().find(|v| v.profile().slug == slug)
}
