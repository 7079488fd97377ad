//! A function that asks a table for one item at every request. Its client is built by hand, without the chain of defaults, and opens
//! no connection before it is asked.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use std::env::var;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let keys = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(var("AWS_REGION")?))
        .credentials_provider(Credentials::new(keys.0, keys.1, None, None, "environment"));
    config.set_endpoint_url(var("AWS_ENDPOINT_URL_DYNAMODB").ok());
    let router = Router::new()
        .fallback(get(ask))
        .with_state(Client::from_conf(config.build()));
    lambda_http::run(router).await
}

async fn ask(State(table): State<Client>) -> (StatusCode, &'static str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let call = table
        .get_item()
        .table_name("main")
        .key("p", text("art"))
        .key("s", text("head"));
    match call.send().await {
        Ok(_) => (StatusCode::OK, "hello"),
        Err(_) => (StatusCode::BAD_GATEWAY, "the table does not answer"),
    }
}
