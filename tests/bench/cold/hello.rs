//! A function that knows nothing and asks nobody.

use axum::Router;
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let router = Router::new().fallback(get(|| async { "hello" }));
    lambda_http::run(router).await
}
