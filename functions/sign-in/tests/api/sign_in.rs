//! Signing in by a link, and out.

use super::{Base, is_html, send};
use kb_events::Actor;
use kb_testkit::Persona;

#[tokio::test]
async fn a_link_is_taken_once_and_from_our_own_page() {
    let base = Base::new(1).await;
    let identity = &base.world.identity;
    let person = Persona::Employee.person("Mia", &[]);
    let person = identity.person("test", "mia", &person).await.unwrap();
    let link = identity
        .create_link(person, "/help/en/", Actor::Operator)
        .await
        .unwrap();
    let body = format!("code={}", link.secret);
    let foreign = send(&base.nobody, "/sign-in", "cross-site", &body).await;
    assert_eq!((foreign.status, is_html(&foreign)), (403, true));
    let taken = send(&base.nobody, "/sign-in", "same-origin", &body).await;
    assert_eq!((taken.status, taken.header("location")), (303, "/help/en/"));
    assert!(taken.header("set-cookie").contains("HttpOnly"));
    let again = send(&base.nobody, "/sign-in", "same-origin", &body).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, ""));
    assert!(again.text.contains("used already"));
    base.end();
}

#[tokio::test]
async fn a_form_without_a_code_is_shown_again_with_the_reason() {
    let base = Base::new(2).await;
    let path = "/sign-in?locale=zh-CN";
    let answer = send(&base.nobody, path, "same-origin", "").await;
    assert_eq!((answer.status, is_html(&answer)), (422, true));
    assert!(answer.text.contains("请先填写内容。"), "{}", answer.text);
    base.end();
}

#[tokio::test]
async fn signing_out_ends_the_session_and_asks_nothing_of_those_who_have_none() {
    let base = Base::new(3).await;
    let is_known = async || {
        base.employee
            .get("/sign-in")
            .await
            .text
            .contains("Employee")
    };
    assert!(is_known().await);
    let out = send(&base.employee, "/sign-out", "same-origin", "").await;
    assert_eq!((out.status, out.header("location")), (303, "/"));
    assert!(!is_known().await);
    let out = send(&base.nobody, "/sign-out", "same-origin", "").await;
    assert_eq!(out.status, 303);
    let foreign = send(&base.nobody, "/sign-out", "cross-site", "").await;
    assert_eq!(foreign.status, 403);
    base.end();
}

async fn link(base: &Base, name: &str) -> String {
    let identity = &base.world.identity;
    let person = Persona::Agent.person(name, &[]);
    let person = identity.person("test", name, &person).await.unwrap();
    let link = identity.create_link(person, "/help/en/", Actor::Operator);
    link.await.unwrap().secret
}

#[tokio::test]
async fn case_055_a_newer_link_ends_an_older_one() {
    let base = Base::new(4).await;
    let older = link(&base, "mia").await;
    let newer = link(&base, "mia").await;
    let taken = send(
        &base.nobody,
        "/sign-in",
        "same-origin",
        &format!("code={older}"),
    )
    .await;
    assert_eq!((taken.status, taken.header("set-cookie")), (200, ""));
    let taken = send(
        &base.nobody,
        "/sign-in",
        "same-origin",
        &format!("code={newer}"),
    )
    .await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    base.end();
}

#[tokio::test]
async fn case_057_a_code_that_never_was_is_answered_like_one_that_is_used() {
    let base = Base::new(5).await;
    let used = link(&base, "mia").await;
    let first = format!("code={used}");
    assert_eq!(
        send(&base.nobody, "/sign-in", "same-origin", &first)
            .await
            .status,
        303
    );
    let again = send(&base.nobody, "/sign-in", "same-origin", &first).await;
    let never = format!("code=li_{}", "0".repeat(64));
    let never = send(&base.nobody, "/sign-in", "same-origin", &never).await;
    assert_eq!((again.status, again.text), (never.status, never.text));
    base.end();
}

#[tokio::test]
async fn one_returns_to_the_page_that_led_to_the_door_and_to_no_other_site() {
    let base = Base::new(6).await;
    let from = [("referer", "http://sidenote.test/staff/en/articles/abc?x=1")];
    let form = base.nobody.send("GET", "/sign-in", &from, "").await;
    assert!(
        form.text.contains("value=\"/staff/en/articles/abc?x=1\""),
        "{}",
        form.text
    );
    let foreign = [("referer", "http://evil.example/staff/")];
    let form = base.nobody.send("GET", "/sign-in", &foreign, "").await;
    assert!(!form.text.contains("name=\"next\""), "{}", form.text);
    for (next, wanted) in [
        ("%2Fagent%2Fstart", "/agent/start"),
        ("%2F%2Fevil.example", "/help/en/"),
        ("https%3A%2F%2Fevil.example", "/help/en/"),
        ("", "/help/en/"),
    ] {
        let code = link(&base, "mia").await;
        let body = format!("code={code}&next={next}");
        let taken = send(&base.nobody, "/sign-in", "same-origin", &body).await;
        assert_eq!(
            (taken.status, taken.header("location")),
            (303, wanted),
            "{next}"
        );
    }
    base.end();
}

#[tokio::test]
async fn case_054_signing_in_makes_a_new_session_and_ends_the_one_before() {
    let base = Base::new(7).await;
    let code = link(&base, "mia").await;
    let before = base.agent.get("/api/v1/me").await;
    assert_eq!(before.status, 200);
    let taken = send(
        &base.agent,
        "/sign-in",
        "same-origin",
        &format!("code={code}"),
    )
    .await;
    assert_eq!(taken.status, 303);
    assert_eq!(base.agent.get("/api/v1/me").await.status, 401);
    base.end();
}
