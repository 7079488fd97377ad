//! Consents: forty callbacks that are not what they seem, how tokens are asked for, and what is not told.

use crate::desk::{Desk, client, partition};
use kb_identity::grants::{CONSENT_SECONDS, ConnectError};
use kb_identity::oauth::{ClientAuth, Registration, Revocation};
use kb_testkit::Weather;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;

/// A consent that has begun and been answered, and what the browser comes back with.
struct Consent {
    desk: Desk,
    query: String,
    cookie: String,
}

async fn consent(seed: u64) -> Consent {
    let desk = Desk::new(seed);
    let now = desk.now();
    let begun = desk
        .grants
        .begin(desk.connection, &desk.client, now)
        .await
        .unwrap();
    Consent {
        query: desk.server.consent(&begun.authorize_url),
        cookie: begun.cookie.expose_secret().to_owned(),
        desk,
    }
}

impl Consent {
    /// What becomes of a callback, from the first look to the last.
    async fn comes(
        &self,
        vendor: &str,
        query: &str,
        cookie: &str,
        client: &Registration,
    ) -> Result<(), ConnectError> {
        let (grants, now) = (&self.desk.grants, self.desk.now());
        let answered = grants.answered(vendor, query, cookie, now).await?;
        grants.redeem(answered, client, now).await.map(drop)
    }

    fn field(&self, name: &str) -> String {
        let fields = url::form_urlencoded::parse(self.query.as_bytes());
        let fields: BTreeMap<String, String> = fields.into_owned().collect();
        fields[name].clone()
    }

    /// The query with a field left out.
    fn without(&self, name: &str) -> String {
        let parts = self
            .query
            .split('&')
            .filter(|p| !p.starts_with(&format!("{name}=")));
        parts.collect::<Vec<_>>().join("&")
    }

    fn with(&self, name: &str, value: &str) -> String {
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("{}&{name}={value}", self.without(name))
    }
}

#[tokio::test]
async fn case_043_forty_callbacks_that_are_not_what_they_seem_are_refused_alike_and_write_nothing()
{
    let open = consent(45).await;
    let (state, code) = (open.field("state"), open.field("code"));
    let doubled = |name: &str, value: &str| format!("{}&{name}={value}", open.query);
    let (good, cookie) = (open.query.clone(), open.cookie.clone());
    let other = open
        .desk
        .grants
        .begin(open.desk.connection, &open.desk.client, open.desk.now())
        .await
        .unwrap();
    let other_state = {
        let url: url::Url = other.authorize_url.parse().unwrap();
        url.query_pairs()
            .find(|(n, _)| n == "state")
            .unwrap()
            .1
            .into_owned()
    };
    let longer = |n: usize| "x".repeat(n);
    let with = |name: &str, value: &str| (open.with(name, value), cookie.clone(), "zendesk");
    let whole = |query: String| (query, cookie.clone(), "zendesk");
    let callbacks = [
        // Something is missing.
        whole(String::new()),
        whole(open.without("state")),
        whole(open.without("code")),
        whole(open.without("iss")),
        whole("&&&=".to_owned()),
        // Something stands twice.
        whole(doubled("state", &state)),
        whole(doubled("state", "x")),
        whole(doubled("code", &code)),
        whole(doubled("code", "x")),
        whole(doubled("iss", "https://partner.example")),
        whole(format!("{}&error=a&error=b", open.without("code"))),
        whole(doubled("%73tate", "x")),
        // The state is another one.
        with("state", ""),
        with("state", "x"),
        with("state", &state.to_uppercase()),
        with("state", &format!("{state}0")),
        with("state", &state[..state.len() - 1]),
        with("state", &format!("{state} ")),
        with("state", &format!("cn_{}", "0".repeat(64))),
        with("state", &state.replace("cn_", "cc_")),
        with("state", &other_state),
        with("state", &longer(5_000)),
        with("state", "../STATE"),
        // The code is none.
        with("code", ""),
        with("code", "a\nb"),
        with("code", "密码"),
        with("code", &longer(2_049)),
        with("code", &longer(9_000)),
        // Nobody consented, or both at once.
        whole(format!("{}&error=access_denied", open.without("code"))),
        whole(format!(
            "{}&error=server_error&error_description=x",
            open.without("code")
        )),
        whole(doubled("error", "access_denied")),
        whole(format!("{}&error=", open.without("code"))),
        // Somebody else answers.
        with("iss", "https://other.example"),
        with("iss", "https://partner.example/"),
        with("iss", ""),
        // Another browser, another partner.
        (good.clone(), String::new(), "zendesk"),
        (
            good.clone(),
            other.cookie.expose_secret().to_owned(),
            "zendesk",
        ),
        (good.clone(), format!("{cookie}0"), "zendesk"),
        (good.clone(), state.clone(), "zendesk"),
        (good.clone(), cookie.clone(), "hubspot"),
        (good.clone(), cookie.clone(), ""),
    ];
    assert!(callbacks.len() >= 40, "{}", callbacks.len());
    let before = open.desk.rows().await;
    for (query, cookie, vendor) in &callbacks {
        let refused = open.comes(vendor, query, cookie, &open.desk.client).await;
        let refused = refused.expect_err(query);
        assert!(
            matches!(refused, ConnectError::Callback),
            "{query}: {refused}"
        );
        assert_eq!(open.desk.rows().await, before, "{query}");
    }
    // The client of another partner's connection takes it neither.
    let stranger = Registration {
        vendor: "hubspot".to_owned(),
        ..client()
    };
    let refused = open.comes("zendesk", &good, &cookie, &stranger).await;
    assert!(matches!(refused, Err(ConnectError::Callback)));
    assert_eq!(open.desk.rows().await, before);
    assert!(
        open.desk.server.calls().is_empty(),
        "no token was asked for"
    );
    // What was refused so often is good as it was.
    open.comes("zendesk", &good, &cookie, &open.desk.client)
        .await
        .unwrap();
    assert!(open.desk.server.opens(&open.desk.bearer().await.unwrap()));
}

#[tokio::test]
async fn case_043_an_answer_is_taken_once_and_one_that_comes_late_not_at_all() {
    let open = consent(46).await;
    let take = || open.comes("zendesk", &open.query, &open.cookie, &open.desk.client);
    let (one, other) = tokio::join!(take(), take());
    let taken = [&one, &other].iter().filter(|r| r.is_ok()).count();
    assert_eq!(taken, 1, "{one:?} {other:?}");
    assert!(matches!(take().await, Err(ConnectError::Callback)));
    assert_eq!(open.desk.server.calls().len(), 1);
    assert!(open.desk.bearer().await.is_ok());

    let late = consent(47).await;
    late.desk.clock.advance(CONSENT_SECONDS + 1);
    let before = late.desk.rows().await;
    let refused = late
        .comes("zendesk", &late.query, &late.cookie, &late.desk.client)
        .await;
    assert!(matches!(refused, Err(ConnectError::Callback)));
    assert_eq!(late.desk.rows().await, before);
    assert!(late.desk.server.calls().is_empty());
}

#[tokio::test]
async fn case_045_a_code_of_another_consent_is_refused_for_its_verifier() {
    let (open, desk) = (consent(48).await, Desk::new(480));
    let begun = desk
        .grants
        .begin(desk.connection, &desk.client, desk.now())
        .await
        .unwrap();
    // An attacker's own code in the victim's answer.
    open.desk.server.consent(&begun.authorize_url);
    let injected = open.with("code", "code-canary-1");
    let refused = open
        .comes("zendesk", &injected, &open.cookie, &open.desk.client)
        .await;
    assert!(
        matches!(refused, Err(ConnectError::Callback)),
        "{refused:?}"
    );
    assert_eq!(open.desk.server.calls().len(), 1);
    assert_eq!(partition(&open.desk).await, 0, "nothing was granted");
}

#[tokio::test]
async fn case_046_where_a_partner_names_itself_nowhere_its_own_callback_keeps_it_apart() {
    let open = consent(49).await;
    let silent = Registration {
        issuer: None,
        ..client()
    };
    let query = open.without("iss");
    open.comes("zendesk", &query, &open.cookie, &silent)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_partner_that_does_not_answer_grants_nothing_and_says_so() {
    for weather in [
        Weather::NotReached,
        Weather::Lost,
        Weather::DoneAndLost,
        Weather::Garbage,
        Weather::Answers(503, ""),
    ] {
        let open = consent(50).await;
        open.desk.server.forecast([weather]);
        let refused = open
            .comes("zendesk", &open.query, &open.cookie, &open.desk.client)
            .await;
        let refused = refused.expect_err("no tokens");
        let told = matches!(
            refused,
            ConnectError::Unreachable(_) | ConnectError::Partner(_)
        );
        assert!(told, "{weather:?}: {refused}");
        assert_eq!(partition(&open.desk).await, 0);
    }
}

#[tokio::test]
async fn a_partner_is_asked_as_it_wants_to_be() {
    let secret = SecretString::from("s3cret&=");
    for (auth, json_body) in [
        (ClientAuth::Public, true),
        (ClientAuth::Public, false),
        (ClientAuth::Header, false),
        (ClientAuth::Body, true),
        (ClientAuth::Body, false),
    ] {
        let mut desk = Desk::new(51);
        desk.client = Registration {
            auth,
            json_body,
            token_parameters: vec![("expires_in".to_owned(), "7200".to_owned())],
            ..client()
        };
        let now = desk.now();
        if auth != ClientAuth::Public {
            let refused = desk.consent().await.unwrap_err();
            assert!(
                refused.to_string().contains("no_client_secret"),
                "{refused}"
            );
            desk.grants
                .keep_client_secret(desk.connection, &secret, now)
                .await
                .unwrap();
        }
        desk.consent().await.unwrap();
        desk.clock.advance(crate::desk::LIFE);
        desk.bearer().await.unwrap();
        let calls = desk.server.calls();
        assert_eq!(calls.len(), 2);
        for call in &calls {
            let media = if json_body {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            assert_eq!(call.media, media);
            let told = call.fields.get("client_secret").map(String::as_str);
            assert_eq!(told, (auth == ClientAuth::Body).then_some("s3cret&="));
            assert_eq!(
                call.authorization.starts_with("Basic "),
                auth == ClientAuth::Header
            );
            let limits = (call.limits.total.as_secs(), call.limits.bytes);
            assert_eq!(limits, (10, 100_000));
            assert_eq!(call.fields["expires_in"], "7200");
        }
        assert_eq!(calls[0].fields["redirect_uri"], desk.client.redirect);
        assert_eq!(calls[0].fields["code_verifier"].len(), 64);
        assert_eq!(calls[1].fields["refresh_token"], "rt.0.0.canary");
    }
}

#[tokio::test]
async fn case_059_what_is_secret_prints_nothing() {
    let open = consent(59).await;
    let begun = &open
        .desk
        .grants
        .begin(open.desk.connection, &open.desk.client, open.desk.now())
        .await
        .unwrap();
    assert!(!format!("{:?}", begun.cookie).contains(begun.cookie.expose_secret()));
    open.comes("zendesk", &open.query, &open.cookie, &open.desk.client)
        .await
        .unwrap();
    let rows = open.desk.rows().await.join("\n");
    for secret in [&open.cookie, &open.field("state"), &open.field("code")] {
        assert!(!rows.contains(secret), "{secret} lies in a row");
    }
    let verifier = &open.desk.server.calls()[0].fields["code_verifier"];
    assert!(!rows.contains("canary") && !rows.contains(verifier));
    // What the partner said in its own words is in no error.
    open.desk.server.forecast([Weather::Answers(
        400,
        r#"{"error":"at.0.0.canary","error_description":"rt.0.0.canary"}"#,
    )]);
    open.desk.clock.advance(crate::desk::LIFE);
    let told = open.desk.bearer().await.unwrap_err();
    let told = format!("{told} {told:?}");
    assert!(!told.contains("canary") && told.contains("400"), "{told}");
}

#[tokio::test]
async fn case_051_a_grant_is_taken_back_at_the_partner_and_then_here() {
    let by_deletion = Revocation::Deletion {
        current: "https://partner.example/current".to_owned(),
        id: "/token/id".to_owned(),
        of: "https://partner.example/tokens/".to_owned(),
    };
    for revocation in [client().revocation, by_deletion] {
        let mut desk = Desk::connected(52).await;
        desk.client.revocation = revocation;
        let now = desk.now();
        desk.grants
            .keep(desk.connection, "webhook", &SecretString::from("x"), now)
            .await
            .unwrap();
        let token = desk.bearer().await.unwrap();
        desk.server.forecast([Weather::Answers(503, "")]);
        let refused = desk
            .grants
            .revoke(desk.connection, &desk.client, now)
            .await
            .unwrap_err();
        assert!(matches!(refused, ConnectError::Partner(_)), "{refused}");
        // Nothing is answered any more, though the partner has not heard of it.
        assert!(desk.server.opens(&token));
        let closed = desk.bearer().await.unwrap_err();
        assert!(closed.to_string().contains("withdrawn"), "{closed}");
        desk.grants
            .revoke(desk.connection, &desk.client, desk.now())
            .await
            .unwrap();
        assert!(!desk.server.opens(&token));
        assert_eq!(partition(&desk).await, 0);
        desk.grants
            .revoke(desk.connection, &desk.client, desk.now())
            .await
            .unwrap();
        desk.consent().await.unwrap();
        assert!(desk.server.opens(&desk.bearer().await.unwrap()));
    }
}
