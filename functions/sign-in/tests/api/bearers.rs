//! The bearer of a frame.

use super::Base;
use kb_testkit::Persona;
use serde_json::json;

const PATH: &str = "/api/v1/frame-bearers";

#[tokio::test]
async fn a_session_gets_a_bearer_and_a_bearer_gets_none() {
    let base = Base::new(1).await;
    let issued = base.agent.post(PATH, &json!({})).await;
    assert_eq!(issued.status, 200, "{}", issued.text);
    let frame = base.nobody.bearer(issued.json()["token"].as_str().unwrap());
    let me = frame.get("/api/v1/me").await.json();
    assert_eq!(me["actions"], json!(["read", "see_tickets", "suggest"]));
    assert_eq!(frame.post(PATH, &json!({})).await.status, 401);
    base.end();
}

#[tokio::test]
async fn bearers_are_for_agents_on_our_own_pages() {
    let base = Base::new(2).await;
    assert_eq!(base.nobody.post(PATH, &json!({})).await.status, 401);
    assert_eq!(base.customer.post(PATH, &json!({})).await.status, 403);
    let headers = [("sec-fetch-site", "cross-site")];
    let foreign = base.agent.json("POST", PATH, &headers, &json!({})).await;
    assert_eq!(
        (foreign.status, &foreign.json()["type"]),
        (403, &json!("/problems/cross-site"))
    );
    base.end();
}

/// The bearer and what renews it.
fn pair(answer: &kb_testkit::Answered) -> (String, String) {
    let text = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    (text("token"), text("renewal"))
}

async fn renew(base: &Base, renewal: &str) -> kb_testkit::Answered {
    let headers = [("sec-fetch-site", "same-origin")];
    let body = json!({"renewal": renewal});
    let path = "/api/v1/frame-bearers/renew";
    base.nobody.json("POST", path, &headers, &body).await
}

async fn is_in(base: &Base, token: &str) -> bool {
    base.nobody.bearer(token).get("/api/v1/me").await.status == 200
}

#[tokio::test]
async fn a_frame_is_renewed_while_somebody_works_and_is_over_after_two_hours_without() {
    let base = Base::new(3).await;
    let (mut token, mut renewal) = pair(&base.agent.post(PATH, &json!({})).await);
    for _ in 0..8 {
        base.world.advance(20 * 60);
        assert!(
            !is_in(&base, &token).await,
            "a bearer lasts fifteen minutes"
        );
        let renewed = renew(&base, &renewal).await;
        assert_eq!(renewed.status, 200, "{}", renewed.text);
        (token, renewal) = pair(&renewed);
        assert!(is_in(&base, &token).await);
    }
    base.world.advance(2 * 3_600);
    assert_eq!(renew(&base, &renewal).await.status, 401);
    base.end();
}

#[tokio::test]
async fn a_frame_is_over_after_twelve_hours_however_much_one_works() {
    let base = Base::new(4).await;
    let (_, mut renewal) = pair(&base.agent.post(PATH, &json!({})).await);
    let mut hours = 0;
    loop {
        base.world.advance(3_600);
        let renewed = renew(&base, &renewal).await;
        if renewed.status != 200 {
            break;
        }
        hours += 1;
        renewal = pair(&renewed).1;
    }
    assert_eq!(hours, 11);
    base.end();
}

#[tokio::test]
async fn a_renewal_that_comes_a_second_time_ends_the_frame() {
    let base = Base::new(5).await;
    let (_, first) = pair(&base.agent.post(PATH, &json!({})).await);
    let (token, second) = pair(&renew(&base, &first).await);
    assert!(is_in(&base, &token).await);
    assert_eq!(renew(&base, &first).await.status, 401);
    assert!(!is_in(&base, &token).await);
    assert_eq!(renew(&base, &second).await.status, 401);
    // Nor does one come from another site, whatever it knows.
    let (_, other) = pair(&base.agent.post(PATH, &json!({})).await);
    let foreign = [("sec-fetch-site", "cross-site")];
    let body = json!({"renewal": other});
    let path = "/api/v1/frame-bearers/renew";
    let refused = base.nobody.json("POST", path, &foreign, &body).await;
    assert_eq!(refused.status, 403);
    base.end();
}

#[tokio::test]
async fn signing_out_ends_the_frames_with_the_next_request() {
    let base = Base::new(6).await;
    let (token, renewal) = pair(&base.agent.post(PATH, &json!({})).await);
    assert!(is_in(&base, &token).await);
    let out = super::send(&base.agent, "/sign-out", "same-origin", "").await;
    assert_eq!(out.status, 303);
    assert!(!is_in(&base, &token).await);
    assert_eq!(renew(&base, &renewal).await.status, 401);
    base.end();
}

const PAIRINGS: &str = "/api/v1/frame-pairings";

async fn own(base: &Base, path: &str, body: serde_json::Value) -> kb_testkit::Answered {
    let headers = [("sec-fetch-site", "same-origin")];
    base.nobody.json("POST", path, &headers, &body).await
}

async fn begin(base: &Base) -> String {
    let begun = own(base, PAIRINGS, json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    begun.json()["pairing"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_pairing_gives_a_frame_the_bearer_of_whoever_signs_in_for_it_once() {
    let base = Base::new(7).await;
    let pairing = begin(&base).await;
    let (join, take) = (format!("{PAIRINGS}/join"), format!("{PAIRINGS}/take"));
    let told = json!({ "pairing": pairing });
    let waiting = own(&base, &take, told.clone()).await;
    assert_eq!(
        (waiting.status, &waiting.json()["waiting"]),
        (200, &json!(true))
    );
    // Nobody, a customer and a bearer join nothing.
    assert_eq!(base.nobody.post(&join, &told).await.status, 401);
    assert_eq!(base.customer.post(&join, &told).await.status, 403);
    assert_eq!(base.agent.post(&join, &told).await.status, 204);
    let second = base.agent.post(&join, &told).await;
    assert_eq!(second.status, 409, "{}", second.text);
    let taken = own(&base, &take, told.clone()).await.json();
    let token = taken["bearer"]["token"].as_str().unwrap();
    assert!(is_in(&base, token).await);
    assert_eq!(own(&base, &take, told).await.status, 401);
    base.end();
}

#[tokio::test]
async fn a_pairing_waits_in_the_browser_while_somebody_signs_in() {
    let base = Base::new(8).await;
    let pairing = begin(&base).await;
    let hold = format!("{PAIRINGS}/hold");
    let held = own(&base, &hold, json!({ "pairing": pairing })).await;
    assert_eq!(held.status, 204, "{}", held.text);
    let cookie = held.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let strange = own(
        &base,
        &hold,
        json!({"pairing": "pr_1; Domain=evil.example"}),
    )
    .await;
    assert_eq!((strange.status, strange.header("set-cookie")), (204, ""));
    let session = base.world.session(Persona::Agent, &[]).await;
    let both = format!(
        "sidenote_session={session}; {}",
        cookie.split(';').next().unwrap()
    );
    let headers = [("cookie", both.as_str()), ("sec-fetch-site", "same-origin")];
    let join = format!("{PAIRINGS}/join");
    let joined = base.nobody.json("POST", &join, &headers, &json!({})).await;
    assert_eq!(joined.status, 204, "{}", joined.text);
    assert!(joined.header("set-cookie").contains("Max-Age=0"));
    // Without a pairing nothing is joined: a link to the page alone pairs nothing.
    assert_eq!(base.agent.post(&join, &json!({})).await.status, 409);
    base.end();
}

#[tokio::test]
async fn a_pairing_is_over_after_ninety_questions_and_after_ten_minutes() {
    let base = Base::new(9).await;
    let take = format!("{PAIRINGS}/take");
    let pairing = json!({ "pairing": begin(&base).await });
    for n in 1..=90 {
        let status = own(&base, &take, pairing.clone()).await.status;
        assert_eq!(status, if n < 90 { 200 } else { 401 }, "{n}");
    }
    let late = json!({ "pairing": begin(&base).await });
    base.world.advance(601);
    assert_eq!(own(&base, &take, late.clone()).await.status, 401);
    assert_eq!(
        base.agent
            .post(&format!("{PAIRINGS}/join"), &late)
            .await
            .status,
        409
    );
    base.end();
}

#[tokio::test]
async fn the_window_that_signs_in_says_who_it_is_for() {
    let base = Base::new(10).await;
    let agent = base.agent.get("/agent/start").await;
    let customer = base.customer.get("/agent/start").await;
    assert_eq!((agent.status, customer.status), (200, 200));
    assert!(customer.text.contains("This page is for agents"));
    assert!(!agent.text.contains("This page is for agents"));
    let nobody = base.nobody.get("/agent/start").await;
    assert!(nobody.text.contains("/sign-in?next=%2Fagent%2Fstart"));
    base.end();
}
