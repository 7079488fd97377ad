//! `/api/v1/me`: who is asking, and their own sessions.

use axum::extract::State;
use kb_actions::{Error, RequestContext, people};
use kb_domain::{Action, KeyId, Level, Locale, Resource, Timestamp, UserId, Who};
use kb_http::route::{delete, get, patch};
use kb_http::{Answer, Api, At, Caller, Deps, Page, Patch, Rejection, SessionSecret};
use kb_store::repo::{Person, Session, Stored};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

const ME: &str = "/api/v1/me";
const SESSIONS: &str = "/api/v1/me/sessions";
const SESSION: &str = "/api/v1/me/sessions/{session}";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(ME, read)
                .signed_in()
                .doc("The caller: a person, or a program with a key")
                .answers::<MeAnswer>(),
        )
        .with(
            patch(ME, update)
                .signed_in()
                .doc("Change one's own name and language by a merge patch")
                .patches::<MeEdit>()
                .answers::<MeAnswer>(),
        )
        .with(
            get(SESSIONS, list)
                .signed_in()
                .doc("The caller's own sessions, the newest first")
                .answers::<Page<SessionAnswer>>(),
        )
        .with(
            delete(SESSIONS, end_others)
                .signed_in()
                .doc("End every session of the caller but this one, and every frame")
                .answers_nothing(),
        )
        .with(
            delete(SESSION, end)
                .signed_in()
                .doc("End a session of the caller")
                .answers_nothing(),
        )
}

/// Who is asking.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
struct MeAnswer {
    /// The person, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<UserId>,
    /// The key, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<KeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    level: Level,
    /// What they may do somewhere.
    actions: Vec<Action>,
    segments: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

impl MeAnswer {
    fn of(ctx: &RequestContext, person: Option<&Stored<Person>>) -> Self {
        let viewer = &ctx.viewer;
        let key = match viewer.who {
            Who::Key(id) => Some(id),
            _ => None,
        };
        Self {
            id: viewer.user(),
            key,
            version: person.map(|p| p.version),
            name: viewer.name.clone(),
            mail: person.and_then(|p| p.value.mail.clone()),
            level: viewer.level,
            actions: viewer.actions().iter().collect(),
            segments: viewer.segments.clone(),
            locale: person.and_then(|p| p.value.locale.clone()),
        }
    }
}

async fn read(State(deps): State<Deps>, Caller(ctx): Caller) -> Result<Answer, Rejection> {
    let person = match ctx.viewer.who {
        Who::Person(_) => Some(people::own(&deps.kb, &ctx).await?),
        _ => None,
    };
    Ok(answer(&ctx, person.as_ref()))
}

fn answer(ctx: &RequestContext, person: Option<&Stored<Person>>) -> Answer {
    let answer = Answer::ok(&MeAnswer::of(ctx, person));
    match person {
        Some(person) => answer.version(person.version),
        None => answer,
    }
}

/// What one changes of oneself.
#[derive(Deserialize, Serialize, ToSchema)]
struct MeEdit {
    name: String,
    #[serde(default)]
    locale: Option<Locale>,
}

async fn update(
    State(deps): State<Deps>,
    Caller(mut ctx): Caller,
    patch: Patch<MeEdit>,
) -> Result<Answer, Rejection> {
    let before = people::own(&deps.kb, &ctx).await?;
    let edit = patch.onto(before.version, &MeAnswer::of(&ctx, Some(&before)))?;
    let (name, locale) = (edit.name, edit.locale);
    let after = people::change_own(&deps.kb, &ctx, &before, &name, locale).await?;
    ctx.viewer.name.clone_from(&after.value.name);
    Ok(answer(&ctx, Some(&after)))
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionAnswer {
    id: String,
    /// What the browser says it is.
    browser: String,
    created_at: Timestamp,
    /// When it was last used, to half an hour.
    seen_at: Timestamp,
    /// When it ends, used or not.
    expires_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionAnswer {
    fn of(session: Session, current: &str) -> Self {
        Self {
            current: session.id == current,
            id: session.id,
            browser: session.browser,
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
        }
    }
}

/// Errors: it is no person, who alone have sessions.
async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    SessionSecret(secret): SessionSecret,
) -> Result<Answer, Rejection> {
    let person = people::own(&deps.kb, &ctx).await?;
    let current = match secret {
        Some(secret) => deps.identity.signed_in(&secret).await?,
        None => None,
    };
    let current = current.map(|found| found.session.value);
    let mut sessions = deps.identity.sessions(&person.value).await?;
    if let Some(current) = &current
        && sessions.iter().all(|s| s.id != current.id)
    {
        // The list lags; this one is here.
        sessions.insert(0, current.clone());
    }
    let current = current.map_or_else(String::new, |session| session.id);
    let items = sessions.into_iter();
    let items = items.map(|s| SessionAnswer::of(s, &current)).collect();
    Ok(Answer::ok(&Page::whole(items)))
}

async fn end(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(session): At<String>,
) -> Result<Answer, Rejection> {
    let person = people::own(&deps.kb, &ctx).await?;
    deps.identity.end_session(person.value.id, &session).await?;
    Ok(Answer::nothing())
}

async fn end_others(
    State(deps): State<Deps>,
    SessionSecret(secret): SessionSecret,
) -> Result<Answer, Rejection> {
    let ended = match secret {
        Some(secret) => deps.identity.end_other_sessions(&secret).await?,
        None => None,
    };
    ended.ok_or(Error::NotFound(Resource::Session))?;
    Ok(Answer::nothing())
}
