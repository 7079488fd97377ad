//! `key`: make, list, renew and take back what programs come by.

use crate::app::App;
use crate::cli::{Key, KeyCreate, KeyName, KeyRotate, span_seconds};
use crate::commands::person::{areas, context, level, refused};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::api_keys;
use kb_domain::KeyId;
use kb_identity::{IssuedSecret, NewKey};
use kb_store::repo::{ApiKey, KeyScope};
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) async fn run(app: &App, command: &Key, lines: &Lines) -> Result<(), Failure> {
    match command {
        Key::Create(options) => create(app, options, lines).await,
        Key::List => list(app, lines).await,
        Key::Rotate(options) => rotate(app, options, lines).await,
        Key::Revoke(options) => revoke(app, options, lines).await,
    }
}

async fn create(app: &App, options: &KeyCreate, lines: &Lines) -> Result<(), Failure> {
    let mut scopes = BTreeSet::new();
    for word in &options.scopes {
        let scope = serde_json::from_value::<KeyScope>(json!(word.trim()));
        scopes.insert(scope.map_err(|_| {
            Failure::usage(format!(
                "--scopes: \"{word}\" is not one of read, suggest, write, publish, moderate, people, admin"
            ))
        })?);
    }
    let seconds =
        span_seconds(&options.expires).map_err(|e| Failure::usage(format!("--expires: {e}")))?;
    let systems: BTreeSet<String> = options.systems.iter().cloned().collect();
    if systems.iter().any(|s| s.trim().is_empty()) {
        return Err(Failure::usage(
            "--systems: name at least one ticket system, or leave it out",
        ));
    }
    let ctx = context(app).await?;
    let new = NewKey {
        systems,
        level: options.level.as_deref().map(level).transpose()?,
        areas: areas(app, &ctx, &options.portals).await?,
        ..NewKey::of(&options.name, scopes, seconds)
    };
    let made = api_keys::create(&ctx, &app.identity, new).await;
    shown(&made.map_err(refused)?, lines).await
}

async fn shown(fresh: &IssuedSecret, lines: &Lines) -> Result<(), Failure> {
    let note = format!("{}: this is the only time the key is shown.", fresh.id);
    let json = json!({"id": fresh.id, "key": fresh.secret});
    super::end_with_secret(lines, &fresh.secret, note, json).await
}

async fn list(app: &App, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let keys = api_keys::list(&app.kb, &ctx).await.map_err(refused)?;
    for key in &keys {
        let key = &key.value;
        let json = json!({
            "id": key.id, "name": key.name, "prefix": prefix(key), "scopes": key.scopes, "level": key.level, "areas": key.areas, "systems": key.systems,
            "created_at": key.created_at, "expires_at": key.expires_at,
        });
        let scopes: Vec<String> = key.scopes.iter().copied().filter_map(word).collect();
        let ends = key
            .expires_at
            .map_or("never".to_owned(), |end| end.to_string());
        let text = format!(
            "{}  sk_{}…  {}  {}  until {ends}",
            key.id,
            prefix(key),
            key.name,
            scopes.join(",")
        );
        lines.fact(text, json).await?;
    }
    super::end(
        lines,
        Exit::Done,
        String::new(),
        json!({"keys": keys.len()}),
    )
    .await
}

fn word(scope: KeyScope) -> Option<String> {
    json!(scope).as_str().map(str::to_owned)
}

fn prefix(key: &ApiKey) -> &str {
    key.secrets
        .last()
        .map_or("", |secret| secret.prefix.as_str())
}

fn id(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(Failure::usage)
}

async fn rotate(app: &App, options: &KeyRotate, lines: &Lines) -> Result<(), Failure> {
    let overlap =
        span_seconds(&options.overlap).map_err(|e| Failure::usage(format!("--overlap: {e}")))?;
    let ctx = context(app).await?;
    let made = api_keys::rotate(&app.kb, &ctx, &app.identity, id(&options.id)?, overlap).await;
    shown(&made.map_err(refused)?, lines).await
}

async fn revoke(app: &App, options: &KeyName, lines: &Lines) -> Result<(), Failure> {
    let ctx = context(app).await?;
    let revoked = api_keys::revoke(&ctx, &app.identity, id(&options.id)?).await;
    revoked.map_err(refused)?;
    let text = format!("{} opens nothing any more", options.id);
    super::end(lines, Exit::Done, text, json!({"revoked": options.id})).await
}
