use super::*;
use axum::Router;
use axum::body::Bytes as Read;
use axum::extract::Request as Asked;
use axum::routing::{get, post};
use std::time::Duration;

const LIMITS: Limits = Limits {
    total: Duration::from_secs(30),
    bytes: 1000,
};

fn desk() -> Local<Router> {
    let router = Router::new()
        .route(
            "/articles",
            get(async |asked: Asked| {
                let host = asked.headers()["host"].to_str().unwrap().to_owned();
                format!("{} at {host}", asked.uri())
            }),
        )
        .route("/echo", post(async |body: Read| body))
        .route("/never", get(std::future::pending::<()>));
    Local::new("desk.example", router)
}

fn request(address: &str) -> Request<Bytes> {
    Request::get(address).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn the_service_has_the_request_as_from_a_socket() {
    let desk = desk();
    let asked = request("https://DESK.example/articles?page=2");
    let answer = desk.send(asked, LIMITS).await.unwrap();
    assert_eq!(answer.body(), "/articles?page=2 at DESK.example");
    let posted = Request::post("https://desk.example/echo").body(Bytes::from("text"));
    let answer = desk.send(posted.unwrap(), LIMITS).await.unwrap();
    assert_eq!(answer.body(), "text");
    let root = desk
        .send(request("https://desk.example"), LIMITS)
        .await
        .unwrap();
    assert_eq!(root.status().as_u16(), 404);
}

#[tokio::test]
async fn there_is_no_other_host() {
    let desk = desk();
    for address in [
        "https://other.example/articles",
        "https://x.desk.example/articles",
        "http://desk.example/articles",
        "https://desk.example:8443/articles",
        "https://user@desk.example/articles",
        "/articles",
    ] {
        let refused = desk.send(request(address), LIMITS).await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{address}"
        );
        let refused = Nowhere.send(request(address), LIMITS).await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{address}"
        );
    }
}

#[tokio::test]
async fn the_limits_are_those_of_a_call_outside() {
    let long = Bytes::from(vec![b'x'; 1001]);
    let posted = Request::post("https://desk.example/echo")
        .body(long)
        .unwrap();
    let answer = desk().send(posted, LIMITS).await;
    assert_eq!(answer.unwrap_err(), FetchError::TooLarge(1000));
    let soon = Limits {
        total: Duration::from_millis(20),
        ..LIMITS
    };
    let answer = desk()
        .send(request("https://desk.example/never"), soon)
        .await;
    assert!(matches!(answer, Err(FetchError::NoAnswer(_))), "{answer:?}");
}
