//! Case 58: what a page of another site sends with the cookie of somebody who is signed in writes nothing, at every operation, in
//! every form that a browser sends without asking first.

use super::base::Base;
use super::fill::addresses;
use crate::harness::{client, rows};
use kb_http::OperationKind;
use kb_testkit::Persona;

/// Where it comes from, as browsers say it; old ones say nothing.
const SITES: [&[(&str, &str)]; 6] = [
    &[],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://localhost"),
    ],
];
const TYPES: [&str; 4] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/json",
];
const BODIES: [&str; 2] = ["text=Forged&name=Forged&value=no&code=forged", "{}"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_058_no_write_that_another_site_sends_with_a_cookie_is_done() {
    let mut base = Base::build().await;
    let session = base.world.session(Persona::Admin, &[]).await;
    // A client with a session says by itself that it is on a page of ours.
    let cookie = format!("{}={session}", kb_http::SESSION_COOKIE);
    let anybody = client(&base.world);
    let routes = sidenote::commands::routes();
    let writes = routes.operations().iter().filter(|o| o.method != "GET");
    let before = rows(&base.world).await;
    let mut refused = 0;
    for operation in writes {
        let path = &addresses(&base, operation.path)[0].path;
        for site in SITES {
            for media in TYPES {
                let mut headers = vec![
                    ("content-type", media),
                    ("if-match", "\"1\""),
                    ("cookie", cookie.as_str()),
                ];
                headers.extend(site);
                for body in BODIES {
                    let method = operation.method.as_str();
                    let answer = anybody.send(method, path, &headers, body).await;
                    let what = format!("{method} {path} {headers:?}: {}", answer.text);
                    // A program's operation does not read what is no JSON, whoever sends it.
                    let is_json = media == "application/json";
                    let unread = operation.kind == OperationKind::Api && !is_json;
                    let is_refused = answer.status == 403 || unread && answer.status == 415;
                    assert!(is_refused, "{what}: {}", answer.status);
                    assert_eq!(answer.header("set-cookie"), "", "{what}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 2_000, "{refused}");
    assert_eq!(rows(&base.world).await, before);
    let admin = anybody.session(&session);
    let (own, nobodys) = (
        admin.get("/api/v1/me").await,
        anybody.get("/api/v1/me").await,
    );
    assert_ne!(own.text, nobodys.text, "they are still signed in");
    base.settle().await;
}
