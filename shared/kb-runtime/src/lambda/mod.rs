//! A function on Lambda: the boot that is the whole `main` of each, by what invokes it.

mod events;
mod http;

pub use crate::aws::Prefetch;

use crate::aws::Stack;
use crate::config::Config;
use crate::error::Error;
use crate::feature::Feature;
use crate::folder::DataFolder;
use crate::system::environment;
use crate::telemetry;
use kb_actions::{Kb, Needs};
use kb_http::Api;
use kb_store::Consumer;
use lambda_runtime_api_client::{PooledClient, body, build_request};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

/// Answers requests with these routes until Lambda ends the process; it does what `needs` says and no more. A fault before the first invocation is logged, told to
/// Lambda, and ends the process with code 3.
pub fn run(api: Api, prefetch: Prefetch, needs: Needs) -> ExitCode {
    let answer = http::Function {
        api,
        prefetch,
        needs,
    };
    start(async |config: &Config, stack| http::start(answer, config, stack).await)
}

/// Takes the events of the table's stream, as [`run`] does requests. `consumer` is made for the base of the stack.
pub fn run_feed(consumer: fn(Kb) -> Arc<dyn Consumer>) -> ExitCode {
    start(async |_: &Config, stack| events::feed(stack.ok_or(Error::NoStack)?, consumer).await)
}

/// Runs what is due whenever the clock says so, and takes the events of the table's stream, as [`run`] does requests.
pub fn run_jobs(features: &'static [Feature]) -> ExitCode {
    start(async |config: &Config, stack| {
        events::jobs(stack.ok_or(Error::NoStack)?, config, features).await
    })
}

fn start(serve: impl AsyncFnOnce(&Config, Option<&Stack>) -> Result<(), Error>) -> ExitCode {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = match threads {
        Ok(threads) => threads.block_on(boot(serve)),
        Err(error) => Err(Error::Lambda(format!("no threads: {error}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::start("info");
            tracing::error!(%error, "the function ends");
            ExitCode::from(3)
        }
    }
}

/// Configuration, logs, engines: in this order, and nothing else before the first invocation.
async fn boot(
    serve: impl AsyncFnOnce(&Config, Option<&Stack>) -> Result<(), Error>,
) -> Result<(), Error> {
    if environment("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err(Error::NotOnLambda);
    }
    let served = async {
        let data = DataFolder::default_path(false, &environment);
        let config = Config::load(&data, BTreeMap::new())?;
        telemetry::start(&config.log);
        let stack = Stack::of(&environment)?;
        serve(&config, stack.as_ref()).await
    };
    match served.await {
        Ok(()) => Ok(()),
        Err(error) => {
            report(&error).await;
            Err(error)
        }
    }
}

/// Tells Lambda why there will be no first invocation, so that the reason stands in the answer to whoever invoked.
async fn report(error: &Error) {
    let fault = json!({"errorType": "Runtime.InitError", "errorMessage": error.to_string(), "stackTrace": []});
    let request = build_request()
        .method("POST")
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", "Runtime.InitError")
        .body(body::Body::from(fault.to_string()));
    let told = match request {
        Ok(request) => PooledClient::builder()
            .build()
            .call(request)
            .await
            .map(drop),
        Err(malformed) => Err(malformed.into()),
    };
    if let Err(error) = told {
        tracing::warn!(%error, "Lambda was not told why the function ends");
    }
}
