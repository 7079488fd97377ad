//! Webhooks of a vendor: what proves them, and what they say.

use crate::vendors::vendor;
use crate::webhook::{Hint, Unproved, WebhookVerifier, is_signed_by};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use kb_domain::Timestamp;
use kb_domain::remote::{Gone, RemoteId, Thing};
use serde_json::json;
use sha2::Sha256;

const SECRET: &[u8] = b"a secret of this connection";
const BODY: &[u8] = br#"{"say": "hello"}"#;
const TIME: &str = "2021-07-25T10:00:00Z";

fn zendesk() -> &'static dyn WebhookVerifier {
    vendor("zendesk").unwrap().webhooks()
}

fn signed(secret: &[u8], time: &str, body: &[u8]) -> HeaderMap {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(time.as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut headers = HeaderMap::new();
    headers.insert("x-zendesk-webhook-signature", signature.parse().unwrap());
    headers.insert(
        "x-zendesk-webhook-signature-timestamp",
        time.parse().unwrap(),
    );
    headers
}

fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&[u8]],
    seconds: i64,
) -> Result<Timestamp, Unproved> {
    let now: Timestamp = TIME.parse().unwrap();
    zendesk().verify(headers, body, secrets, now.plus_seconds(seconds))
}

#[test]
fn a_signature_over_time_and_body_is_checked_as_it_is_published() {
    // Computed apart, in the order and with the key that the vendor's page names.
    let key: &[u8] = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
    for (body, signature) in [
        (BODY, "gf3v0LzLRHPUnIdhbvwRDVEvzSb07/QN0GYjSNlkBT0="),
        (b"", "Quv38XAfu9ZaMGBsk0NSntquALrZBp815j0203kelQA="),
    ] {
        let signature = STANDARD.decode(signature).unwrap();
        assert!(is_signed_by(&[key], &[TIME.as_bytes(), body], &signature));
    }
    let everybody_knows_it = signed(key, TIME, BODY);
    assert_eq!(
        verify(&everybody_knows_it, BODY, &[key], 0),
        Err(Unproved::Forged)
    );
}

#[test]
fn only_the_secrets_of_the_connection_prove_and_only_for_a_while() {
    let good = signed(SECRET, TIME, BODY);
    let at = TIME.parse().unwrap();
    for secrets in [&[SECRET][..], &[b"the new one", SECRET]] {
        assert_eq!(verify(&good, BODY, secrets, 300), Ok(at));
    }
    assert_eq!(verify(&good, BODY, &[SECRET], 301), Err(Unproved::Stale));
    assert_eq!(verify(&good, BODY, &[SECRET], -301), Err(Unproved::Stale));
    assert_eq!(
        verify(&good, br#"{"say":"hello"}"#, &[SECRET], 0),
        Err(Unproved::Forged)
    );
    assert_eq!(verify(&good, BODY, &[b"another"], 0), Err(Unproved::Forged));
    assert_eq!(
        verify(&signed(b"", TIME, BODY), BODY, &[b""], 0),
        Err(Unproved::Forged)
    );
    assert_eq!(
        verify(&HeaderMap::new(), BODY, &[SECRET], 0),
        Err(Unproved::Unsigned)
    );
    let seconds = signed(SECRET, "1627207200", BODY);
    assert_eq!(
        verify(&seconds, BODY, &[SECRET], 0),
        Err(Unproved::Stale),
        "a time in another form"
    );
    let mut moved = good.clone();
    moved.insert(
        "x-zendesk-webhook-signature-timestamp",
        "2021-07-25T10:00:01Z".parse().unwrap(),
    );
    assert_eq!(verify(&moved, BODY, &[SECRET], 0), Err(Unproved::Forged));
    moved.insert(
        "x-zendesk-webhook-signature",
        "not base64!".parse().unwrap(),
    );
    assert_eq!(verify(&moved, BODY, &[SECRET], 0), Err(Unproved::Forged));
}

#[test]
fn an_event_of_an_article_is_a_hint_and_anything_else_is_none() {
    let parse =
        |body: &serde_json::Value| zendesk().parse(&HeaderMap::new(), body.to_string().as_bytes());
    let event = |kind: &str, id: serde_json::Value| json!({"type": kind, "id": "01HX", "account_id": 7, "detail": {"id": id, "brand_id": "1"}});
    let told = parse(&event(
        "zen:event-type:article.unpublished",
        json!("360004711"),
    ));
    let hint = Hint {
        thing: Thing::Article,
        id: RemoteId("360004711".to_owned()),
        gone: Some(Gone::Unseen),
    };
    assert_eq!((told.id.as_deref(), told.hints), (Some("01HX"), vec![hint]));
    assert_eq!(
        parse(&event(
            "zen:event-type:article.published",
            json!(360_004_711_u64)
        ))
        .hints[0]
            .gone,
        None
    );
    for silent in [
        event("zen:event-type:ticket.created", json!("1")),
        event("zen:event-type:article.published", json!("../1")),
        json!({"type": "zen:event-type:article.published"}),
        json!([1, 2]),
    ] {
        assert!(parse(&silent).hints.is_empty(), "{silent}");
    }
    assert_eq!(
        zendesk().parse(&HeaderMap::new(), b"\xff{"),
        crate::webhook::ParsedWebhook::default()
    );
}
