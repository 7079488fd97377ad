//! `key create`: a key for a program, printed once.

use crate::app::App;
use crate::cli::{KeyCreate, span_seconds};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_events::Actor;
use kb_store::repo::KeyScope;
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) async fn create(app: &App, options: &KeyCreate, lines: &Lines) -> Result<(), Failure> {
    let mut scopes = BTreeSet::new();
    for word in &options.scopes {
        let scope = serde_json::from_value::<KeyScope>(json!(word.trim()));
        scopes.insert(scope.map_err(|_| {
            Failure::usage(format!(
                "--scopes: \"{word}\" is not one of read, suggest, write, publish, moderate, admin"
            ))
        })?);
    }
    let name = options.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Failure::usage("--name: give 1 to 100 characters"));
    }
    let systems: BTreeSet<String> = options.systems.iter().cloned().collect();
    if systems.iter().any(|s| s.trim().is_empty()) {
        return Err(Failure::usage(
            "--systems: name at least one ticket system, or leave it out",
        ));
    }
    let seconds =
        span_seconds(&options.expires).map_err(|e| Failure::usage(format!("--expires: {e}")))?;
    let fresh = app
        .identity
        .create_key_for(name, scopes, systems, seconds, Actor::Operator)
        .await
        .map_err(Failure::environment)?;
    let text = format!("{}\nThis is the only time the key is shown.", fresh.secret);
    super::end(
        lines,
        Exit::Done,
        text,
        json!({"id": fresh.id, "key": fresh.secret}),
    )
    .await
}
