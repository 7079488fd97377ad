//! A process that needs access tokens of one connection, for the test that starts twenty of them. A line on its standard input says
//! `token MICROS`, the moment it is asked at, or `die MICROS`: then it dies with the answer of the token server in its hand. It answers
//! with a line: `token TEXT`, or what it is told instead.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]
#![expect(clippy::print_stdout, reason = "it is asked and answers by lines")]

use async_trait::async_trait;
use bytes::Bytes;
use kb_domain::{ConnectionId, Timestamp};
use kb_fetch::{Fetch, FetchError, Limits, Outside};
use kb_runtime::system::SystemIds;
use kb_store_dynamodb::{Credentials, DynamoTable};
use secrecy::ExposeSecret;
use sidenote_tests::oidc::{grants, outside, registration};
use sidenote_tests::stack::fresh_settings;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The way to the partner, on which it may die.
struct Mortal {
    outside: Outside,
    dies: Arc<AtomicBool>,
}

#[async_trait]
impl Fetch for Mortal {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, FetchError> {
        let answer = self.outside.send(request, limits).await;
        if self.dies.load(Ordering::Relaxed) {
            std::process::abort();
        }
        answer
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, client, endpoint, main, log, key, keys, connection] =
        <[String; 8]>::try_from(arguments).unwrap();
    let mut settings = fresh_settings(&endpoint);
    (settings.main, settings.log) = (main, log);
    settings.credentials = Credentials::new(key, "secret", None, None, "test");
    let table = Arc::new(DynamoTable::new(settings, Arc::new(SystemIds)));
    let dies = Arc::new(AtomicBool::default());
    let line = Mortal {
        outside: outside(&base),
        dies: dies.clone(),
    };
    let grants = grants(table, Path::new(&keys), Arc::new(line));
    let registration = registration(&base, &client);
    let connection: ConnectionId = connection.parse().unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (what, micros) = line.split_once(' ').unwrap();
        dies.store(what == "die", Ordering::Relaxed);
        let now = Timestamp(micros.parse().unwrap());
        let told = grants.bearer(connection, &registration, now).await;
        match told {
            Ok(token) => println!("token {}", token.expose_secret()),
            Err(error) => println!("{error}"),
        }
    }
}
