//! The fake's consent page and tokens: strict where the vendor is.

use crate::fakes::zendesk::{Client, FakeZendesk, Weather};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use kb_fetch::{Fetch, FetchError, Limits, Local};
use kb_testkit::{MockClock, SeededIds};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

const BACK: &str = "http://localhost:8600/connect/callback/zendesk";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const JSON: &str = "application/json";

struct Desk {
    fake: Arc<FakeZendesk>,
    clock: Arc<MockClock>,
    wire: Local<axum::Router>,
}

fn desk() -> Desk {
    let clock = Arc::new(MockClock::default());
    let ids = Arc::new(SeededIds::new(3));
    let fake = FakeZendesk::new("acme", &["en-us"], clock.clone(), ids);
    fake.register(Client {
        id: "sidenote".to_owned(),
        redirects: vec![BACK.to_owned()],
    });
    Desk {
        wire: Local::new(fake.host(), fake.router()),
        fake,
        clock,
    }
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn question() -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", "sidenote".to_owned()),
        ("redirect_uri", BACK.to_owned()),
        ("scope", "hc:read users:read".to_owned()),
        ("state", "s\"<".to_owned()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

fn encoded(fields: &[(&'static str, String)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    text.finish()
}

impl Desk {
    async fn send(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        bearer: &str,
        body: String,
    ) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://acme.zendesk.com{path}"))
            .header("content-type", kind)
            .header("authorization", format!("Bearer {bearer}"))
            .body(Bytes::from(body));
        let limits = Limits {
            total: Duration::from_secs(1),
            bytes: 1_000_000,
        };
        self.wire.send(request.unwrap(), limits).await.unwrap()
    }

    async fn page(&self, fields: &[(&'static str, String)]) -> (u16, String) {
        let path = format!("/oauth/authorizations/new?{}", encoded(fields));
        let answer = self.send("GET", &path, "", "", String::new()).await;
        (
            answer.status().as_u16(),
            String::from_utf8(answer.body().to_vec()).unwrap(),
        )
    }

    async fn press(&self, decision: &str) -> String {
        let mut fields = question();
        fields.push(("decision", decision.to_owned()));
        let form = "application/x-www-form-urlencoded";
        let answer = self
            .send("POST", "/oauth/authorizations", form, "", encoded(&fields))
            .await;
        assert_eq!(answer.status().as_u16(), 302);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn code(&self) -> String {
        let back = url::Url::parse(&self.press("allow").await).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code");
        code.unwrap().1.into_owned()
    }

    async fn token(&self, body: &Value) -> (u16, Value) {
        let answer = self
            .send("POST", "/oauth/tokens", JSON, "", body.to_string())
            .await;
        let json = serde_json::from_slice(answer.body()).unwrap();
        (answer.status().as_u16(), json)
    }

    async fn redeem(&self, code: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        let mut body = json!({
            "grant_type": "authorization_code", "client_id": "sidenote", "redirect_uri": BACK,
            "code": code, "code_verifier": VERIFIER,
        });
        change(&mut body);
        self.token(&body).await
    }

    async fn refresh(&self, token: &Value) -> (u16, Value) {
        let refresh = json!({
            "grant_type": "refresh_token", "client_id": "sidenote", "refresh_token": token["refresh_token"],
        });
        self.token(&refresh).await
    }

    async fn opens(&self, token: &Value) -> u16 {
        let bearer = token["access_token"].as_str().unwrap();
        let path = "/api/v2/help_center/locales";
        self.send("GET", path, "", bearer, String::new())
            .await
            .status()
            .as_u16()
    }
}

#[tokio::test]
async fn whoever_consents_is_sent_back_with_a_code_that_is_good_once() {
    let desk = desk();
    let (status, page) = desk.page(&question()).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("Allow") && page.contains("<li>hc:read</li>") && page.contains("s&quot;&lt;")
    );
    assert!(desk.press("deny").await.contains("error=access_denied"));
    let back = desk.press("allow").await;
    assert!(
        back.starts_with(BACK) && back.contains("state=s%22%3C"),
        "{back}"
    );
    let code = desk.code().await;
    let (status, token) = desk.redeem(&code, |_| ()).await;
    assert_eq!((status, desk.opens(&token).await), (200, 200));
    let (status, again) = desk.redeem(&code, |_| ()).await;
    assert_eq!((status, &again["error"]), (400, &json!("invalid_grant")));
    assert_eq!(
        desk.opens(&token).await,
        401,
        "a code that comes twice was stolen"
    );
}

#[tokio::test]
async fn a_tampered_question_shows_no_page_to_consent_on() {
    let desk = desk();
    let tampered: Vec<(&str, &str)> = vec![
        ("response_type", "token"),
        ("client_id", "another"),
        (
            "redirect_uri",
            "http://localhost:8600/connect/callback/zendesk/",
        ),
        ("redirect_uri", "https://evil.example/"),
        ("scope", ""),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
    ];
    for (name, value) in tampered {
        let mut fields = question();
        fields.retain(|(n, _)| *n != name);
        fields.push((name, value.to_owned()));
        let (status, page) = desk.page(&fields).await;
        assert!(status == 400 && !page.contains("Allow"), "{name}={value}");
    }
    let mut fields = question();
    fields.push(("prompt", "none".to_owned()));
    assert_eq!(desk.page(&fields).await.0, 400, "no such parameter");
}

type Change = fn(&mut Value);

#[tokio::test]
async fn a_code_is_good_for_two_minutes_its_client_its_address_and_its_verifier() {
    let desk = desk();
    let changes: [Change; 4] = [
        |b| b["code_verifier"] = json!("x".repeat(43)),
        |b| b["redirect_uri"] = json!("http://localhost:8600/"),
        |b| b["code"] = json!("guessed"),
        |b| b["code_verifier"] = Value::Null,
    ];
    for change in changes {
        let code = desk.code().await;
        assert_eq!(desk.redeem(&code, change).await.0, 400);
    }
    let code = desk.code().await;
    assert_eq!(
        desk.redeem(&code, |b| b["expires_in"] = json!(300)).await.0,
        400
    );
    assert_eq!(
        desk.redeem(&code, |b| b["client_id"] = json!("other"))
            .await
            .0,
        401
    );
    assert_eq!(
        desk.redeem(&code, |b| b["resource"] = json!("x")).await.0,
        400
    );
    desk.clock.advance(120);
    assert_eq!(desk.redeem(&code, |_| ()).await.0, 400, "too late");
    let form = desk.send(
        "POST",
        "/oauth/tokens",
        "application/x-www-form-urlencoded",
        "",
        "a=b".to_owned(),
    );
    assert_eq!(form.await.status().as_u16(), 415);
}

#[tokio::test]
async fn a_refresh_ends_the_pair_before_it_and_an_old_token_ends_all() {
    let desk = desk();
    let (_, first) = desk
        .redeem(&desk.code().await, |b| b["expires_in"] = json!(7_200))
        .await;
    assert_eq!(first["expires_in"], 7_200);
    let (status, second) = desk.refresh(&first).await;
    assert_eq!(
        (status, desk.opens(&first).await, desk.opens(&second).await),
        (200, 401, 200)
    );
    assert_eq!(desk.fake.grants(), (1, 1));
    let (_, third) = desk.refresh(&second).await;
    desk.clock.advance(1_800);
    assert_eq!(
        desk.opens(&third).await,
        401,
        "half an hour when nobody asks for more"
    );
    let (status, fourth) = desk.refresh(&third).await;
    assert_eq!((status, desk.opens(&fourth).await), (200, 200));
    assert_eq!(desk.refresh(&third).await.0, 400);
}

#[tokio::test]
async fn a_grant_is_taken_back_by_its_own_token() {
    let desk = desk();
    let (_, token) = desk.redeem(&desk.code().await, |_| ()).await;
    let (_, other) = desk.redeem(&desk.code().await, |_| ()).await;
    let number = async |token: &Value| {
        let bearer = token["access_token"].as_str().unwrap();
        let path = "/api/v2/oauth/tokens/current";
        let shown = desk.send("GET", path, "", bearer, String::new()).await;
        let shown: Value = serde_json::from_slice(shown.body()).unwrap();
        let whole = bearer.len() > 10 && shown.to_string().contains(bearer);
        assert!(!whole, "a token is shown in part");
        shown["token"]["id"].clone()
    };
    let end = async |id: &Value, token: &Value| {
        let bearer = token["access_token"].as_str().unwrap();
        let path = format!("/api/v2/oauth/tokens/{id}");
        let gone = desk.send("DELETE", &path, "", bearer, String::new()).await;
        gone.status().as_u16()
    };
    let (first, second) = (number(&token).await, number(&other).await);
    assert_eq!(end(&second, &token).await, 404, "another's");
    assert_eq!(end(&first, &token).await, 204);
    assert_eq!(
        (desk.opens(&token).await, desk.opens(&other).await),
        (401, 200)
    );
    assert_eq!(desk.refresh(&token).await.0, 400);
}

#[tokio::test]
async fn strangers_unknown_parameters_and_writes_are_refused() {
    let desk = desk();
    let (_, token) = desk.redeem(&desk.code().await, |_| ()).await;
    let bearer = token["access_token"].as_str().unwrap();
    let status = async |method: &str, path: &str, bearer: &str| {
        let path = format!("/api/v2/{path}");
        desk.send(method, &path, "", bearer, String::new())
            .await
            .status()
            .as_u16()
    };
    assert_eq!(status("GET", "help_center/articles", "").await, 401);
    assert_eq!(
        status("GET", "help_center/articles?since=1", bearer).await,
        400
    );
    assert_eq!(
        status("GET", "help_center/articles?page[size]=101", bearer).await,
        400
    );
    assert_eq!(
        status(
            "GET",
            "help_center/articles?page[size]=5&page[after]=x",
            bearer
        )
        .await,
        400
    );
    assert_eq!(
        status("GET", "help_center/articles?include=secrets", bearer).await,
        400
    );
    assert_eq!(
        status("GET", "help_center/incremental/articles", bearer).await,
        400
    );
    assert_eq!(
        status("GET", "help_center/articles?page=101", bearer).await,
        400
    );
    assert_eq!(
        status("DELETE", "help_center/articles/1", bearer).await,
        405
    );
    assert_eq!(status("GET", "tickets", bearer).await, 404);
}

#[tokio::test]
async fn the_account_has_a_limit_a_minute_and_the_export_its_own() {
    let desk = desk();
    let (_, token) = desk.redeem(&desk.code().await, |_| ()).await;
    let bearer = token["access_token"].as_str().unwrap();
    let export = "/api/v2/help_center/incremental/articles?start_time=1";
    for left in (0..10).rev() {
        let answer = desk.send("GET", export, "", bearer, String::new()).await;
        assert_eq!(answer.headers()["x-rate-limit-remaining"], left.to_string());
    }
    let over = desk.send("GET", export, "", bearer, String::new()).await;
    assert_eq!(over.status().as_u16(), 429);
    assert!(over.headers().contains_key("retry-after") && over.headers().contains_key("date"));
    assert_eq!(desk.opens(&token).await, 200, "other calls have their own");
    desk.fake.set_limit(5);
    assert_eq!(desk.opens(&token).await, 429);
    desk.clock.advance(60);
    assert_eq!(desk.opens(&token).await, 200);
    desk.fake.set_weather(Weather::Down);
    assert_eq!(
        (desk.opens(&token).await, desk.fake.weather()),
        (503, Weather::Down)
    );
}

#[tokio::test]
async fn on_a_silent_day_nothing_answers() {
    let desk = desk();
    desk.fake.set_weather(Weather::Silent);
    let request = Request::get("https://acme.zendesk.com/api/v2/users/me").body(Bytes::new());
    let limits = Limits {
        total: Duration::from_millis(20),
        bytes: 1_000,
    };
    let told = desk.wire.send(request.unwrap(), limits).await;
    assert!(matches!(told, Err(FetchError::NoAnswer(_))), "{told:?}");
}
