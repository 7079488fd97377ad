//! `/readyz`: whether the engines answer and take writes, for whoever sends requests here.

use crate::caller::Deps;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kb_store::{TableName, keys};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// One engine may take so long.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// What was found in this second: whoever asks often asks the engines no more often.
#[derive(Clone, Default)]
pub(crate) struct Found(Arc<Mutex<Option<(i64, bool, Value)>>>);

/// Asks every engine. The answer names them and tells nothing else of them.
pub(crate) async fn ready(found: &Found, deps: &Deps) -> Response {
    let now = deps.kb.now().unix_seconds();
    let lock = || found.0.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().clone().filter(|(at, ..)| *at == now);
    let (ready, told) = if let Some((_, ready, told)) = known {
        (ready, told)
    } else {
        let (ready, told) = ask(deps).await;
        *lock() = Some((now, ready, told.clone()));
        (ready, told)
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(told)).into_response()
}

async fn ask(deps: &Deps) -> (bool, Value) {
    let (kb, at) = (&deps.kb, deps.kb.now());
    let (now, table) = (at.unix_seconds(), deps.kb.store().table());
    let gate = keys::gate();
    let main = async { table.get(TableName::Main, &gate, now).await.map(drop) };
    let window = now.div_euclid(60);
    let key = keys::rate("ready", "all", window);
    let now_us = at.micros();
    let log = async {
        let counted = table.add_get(TableName::Log, &key, 1, now_us, (window + 2) * 60);
        counted.await.map(drop)
    };
    let index = async { kb.index().size().await.map(drop) };
    let (main, log, index) = tokio::join!(
        timeout(ANSWER_MAX, main),
        timeout(ANSWER_MAX, log),
        timeout(ANSWER_MAX, index)
    );
    let (mut ready, mut engines) = (true, Map::new());
    let mut note = |name: &str, fault: Option<String>| {
        if let Some(fault) = &fault {
            tracing::warn!(name, fault, "an engine is not ready");
            ready = false;
        }
        let told = if fault.is_none() { "answers" } else { "fails" };
        engines.insert(name.to_owned(), told.into());
    };
    note("table main", fault(main));
    note("table log", fault(log));
    note("index", fault(index));
    note("writes", deps.health.writes().err());
    let told =
        json!({"ready": ready, "engines": engines, "events_waiting": deps.health.events_waiting()});
    (ready, told)
}

fn fault<E: std::fmt::Display>(
    answered: Result<Result<(), E>, tokio::time::error::Elapsed>,
) -> Option<String> {
    match answered {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(late) => Some(late.to_string()),
    }
}
