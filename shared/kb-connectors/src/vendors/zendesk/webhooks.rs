//! Their webhooks: base64 of HMAC-SHA256 over the timestamp and the raw body, keyed by the secret as it is written.

use super::json;
use crate::client::header;
use crate::webhook::{Hint, ParsedWebhook, Unproved, WebhookVerifier, is_in_window, is_signed_by};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use kb_domain::Timestamp;
use kb_domain::remote::{Gone, Thing};
use serde_json::Value;

/// The secret that everybody knows, with which they sign what is only tried out.
const PUBLIC_SECRET: &[u8] = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

pub(super) struct Webhooks;

impl WebhookVerifier for Webhooks {
    fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        secrets: &[&[u8]],
        now: Timestamp,
    ) -> Result<Timestamp, Unproved> {
        let signature = header(headers, "x-zendesk-webhook-signature");
        let time = header(headers, "x-zendesk-webhook-signature-timestamp");
        let (signature, time) = signature.zip(time).ok_or(Unproved::Unsigned)?;
        let signature = STANDARD.decode(signature).map_err(|_| Unproved::Forged)?;
        let own: Vec<&[u8]> = secrets
            .iter()
            .filter(|s| **s != PUBLIC_SECRET)
            .copied()
            .collect();
        if !is_signed_by(&own, &[time.as_bytes(), body], &signature) {
            return Err(Unproved::Forged);
        }
        let at: Timestamp = time.parse().map_err(|_| Unproved::Stale)?;
        if is_in_window(at, now) {
            Ok(at)
        } else {
            Err(Unproved::Stale)
        }
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8]) -> ParsedWebhook {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return ParsedWebhook::default();
        };
        let kind = json::text(&value, "type").unwrap_or_default();
        let invocation = header(headers, "x-zendesk-webhook-invocation-id");
        let id = json::text(&value, "id").or_else(|| invocation.map(str::to_owned));
        let what = kind.strip_prefix("zen:event-type:article.");
        let gone = (what == Some("unpublished")).then_some(Gone::Unseen);
        let article = what.and_then(|_| json::id(&value["detail"], "id"));
        let hint = article.map(|id| Hint {
            thing: Thing::Article,
            id,
            gone,
        });
        ParsedWebhook {
            id,
            hints: hint.into_iter().collect(),
            kind,
        }
    }
}
