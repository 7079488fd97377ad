//! Zendesk Help Center.

mod articles;
mod help_center;
mod json;
mod shape;
mod webhooks;

use super::profile::is_label;
use super::{Allowance, Auth, LimitHeaders, Probe, Profile, Question, Refused, TokenBody, Vendor};
use crate::client::{Call, DEFAULT_BUCKET, VendorClient};
use crate::port::{Fault, KnowledgeSource};
use crate::webhook::WebhookVerifier;
use async_trait::async_trait;
use help_center::{EXPORT, HelpCenter};
use kb_domain::remote::Use;
use std::sync::Arc;

static PROFILE: Profile = Profile {
    slug: "zendesk",
    name: "Zendesk",
    questions: &[Question {
        key: "subdomain",
        label: "Subdomain",
        example: "acme",
        allows: is_label,
    }],
    base: "https://{subdomain}.zendesk.com",
    auth: Auth::Code {
        authorize: "https://{subdomain}.zendesk.com/oauth/authorizations/new",
        token: "https://{subdomain}.zendesk.com/oauth/tokens",
        revoke: "https://{subdomain}.zendesk.com/api/v2/oauth/tokens/current",
        body: TokenBody::Json,
        scopes: &["hc:read", "users:read"],
        // Two hours, and 89 days: the longest that they give.
        extra: &[
            ("expires_in", 7_200),
            ("refresh_token_expires_in", 7_689_600),
        ],
        ends_access: true,
    },
    allowances: &[
        // Half of what their smallest plan has.
        Allowance {
            bucket: DEFAULT_BUCKET,
            calls: 100,
        },
        Allowance {
            bucket: EXPORT,
            calls: 5,
        },
    ],
    limits: LimitHeaders {
        limit: "x-rate-limit",
        remaining: "x-rate-limit-remaining",
        reset: "ratelimit-reset",
    },
};

/// Zendesk.
pub struct Zendesk;

#[async_trait]
impl Vendor for Zendesk {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn webhooks(&self) -> &dyn WebhookVerifier {
        &webhooks::Webhooks
    }

    fn knowledge(&self, client: Arc<dyn VendorClient>) -> Arc<dyn KnowledgeSource> {
        Arc::new(HelpCenter::new(client))
    }

    async fn probe(&self, client: &dyn VendorClient, what: Use) -> Result<Probe, Fault> {
        let me = client.call(Call::get("api/v2/users/me")).await?.json;
        let text = |name: &str| json::text(&me["user"], name).unwrap_or_default();
        let mut probe = Probe {
            who: text("name"),
            role: text("role"),
            refused: Vec::new(),
        };
        let Use::KnowledgeIn = what;
        let calls = [
            (Refused::Structure, help_center::one_category()),
            (Refused::Articles, help_center::nothing_new(client.now())),
            (Refused::Readers, help_center::one_segment()),
        ];
        for (what, call) in calls {
            match client.call(call).await {
                Ok(_) => {}
                Err(Fault::Forbidden(_) | Fault::Refused { .. }) => probe.refused.push(what),
                Err(fault) => return Err(fault),
            }
        }
        Ok(probe)
    }
}
