//! Signing in by a link, and out.

use super::{Base, is_html};
use kb_testkit::{Answered, Client, Persona};

async fn send(client: &Client, path: &str, site: &str, body: &str) -> Answered {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", site),
    ];
    client.send("POST", path, &headers, body.to_owned()).await
}

#[tokio::test]
async fn a_link_is_taken_once_and_from_our_own_page() {
    let base = Base::new(1).await;
    let identity = &base.world.identity;
    let person = Persona::Employee.person("Mia", &[]);
    let person = identity.person("test", "mia", &person).await.unwrap();
    let link = identity.create_link(person, "/help/en/").await.unwrap();
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
