//! `/api/v1/keys`: make, list, renew, take back.

use axum::extract::State;
use kb_actions::api_keys;
use kb_domain::{Action, Area, KeyId, Level, Timestamp};
use kb_http::route::{delete, get, post};
use kb_http::{Answer, Api, At, Caller, Deps, Page, Rejection, StrictJson};
use kb_identity::{IssuedSecret, NewKey};
use kb_store::repo::{ApiKey, KeyScope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

const KEYS: &str = "/api/v1/keys";
const KEY: &str = "/api/v1/keys/{key}";
const ROTATE: &str = "/api/v1/keys/{key}/rotate";
/// How long a key is good when nobody says: ninety days.
const SECONDS: i64 = 90 * 86_400;
/// How long the old secret is good beside a new one when nobody says: a day.
pub(crate) const OVERLAP_SECONDS: i64 = 86_400;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(KEYS, list)
                .needs(Action::Configure)
                .doc("Every API key, the oldest first, without its secrets")
                .answers::<Page<KeyAnswer>>(),
        )
        .with(
            post(KEYS, make)
                .needs(Action::Configure)
                .doc("Make an API key; its secret is told this once, so the request takes no Idempotency-Key")
                .takes::<KeyBody>()
                .answers::<SecretAnswer>(),
        )
        .with(
            delete(KEY, revoke)
                .needs(Action::Configure)
                .doc("Take a key back: it opens nothing from the next request on"),
        )
        .with(
            post(ROTATE, rotate)
                .needs(Action::Configure)
                .doc("Make a new secret of a key; the old one stays good for a while")
                .takes::<Rotation>()
                .answers::<SecretAnswer>(),
        )
}

/// What a key may do.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Read,
    Suggest,
    Write,
    Publish,
    Moderate,
    People,
    Admin,
}

impl Scope {
    const ALL: [(Self, KeyScope); 7] = [
        (Self::Read, KeyScope::Read),
        (Self::Suggest, KeyScope::Suggest),
        (Self::Write, KeyScope::Write),
        (Self::Publish, KeyScope::Publish),
        (Self::Moderate, KeyScope::Moderate),
        (Self::People, KeyScope::People),
        (Self::Admin, KeyScope::Admin),
    ];

    fn of(scope: KeyScope) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, s)| *s == scope).map(|(own, _)| own)
    }

    fn scope(self) -> KeyScope {
        match self {
            Self::Read => KeyScope::Read,
            Self::Suggest => KeyScope::Suggest,
            Self::Write => KeyScope::Write,
            Self::Publish => KeyScope::Publish,
            Self::Moderate => KeyScope::Moderate,
            Self::People => KeyScope::People,
            Self::Admin => KeyScope::Admin,
        }
    }
}

/// An API key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct KeyAnswer {
    id: KeyId,
    name: String,
    /// The beginning of its secret, after `sk_`; absent for a key of before.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    scopes: Vec<Scope>,
    /// How far inside it stands.
    level: Level,
    /// Where it may do what its scopes say.
    areas: Vec<Area>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl From<ApiKey> for KeyAnswer {
    fn from(key: ApiKey) -> Self {
        let newest = key.secrets.last().map(|s| s.prefix.clone());
        Self {
            id: key.id,
            name: key.name,
            prefix: newest.filter(|p| !p.is_empty()),
            scopes: key.scopes.into_iter().filter_map(Scope::of).collect(),
            level: key.level,
            areas: key.areas,
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}

async fn list(State(deps): State<Deps>, Caller(ctx): Caller) -> Result<Answer, Rejection> {
    let found = api_keys::list(&deps.kb, &ctx).await?.into_iter();
    let items: Vec<KeyAnswer> = found.map(|k| k.value.into()).collect();
    Ok(Answer::ok(&Page::whole(items)))
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    /// What it is for.
    name: String,
    scopes: Vec<Scope>,
    /// How far inside it stands; with agents where it suggests, else with the public, when absent.
    level: Option<Level>,
    /// Where it may do what its scopes say; everywhere when absent.
    areas: Option<Vec<Area>>,
    /// How long it is good; ninety days when absent, a year at most.
    expires_in_seconds: Option<i64>,
}

/// A secret, told once.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeySecret)]
struct SecretAnswer {
    id: KeyId,
    /// The secret.
    key: String,
    expires_in_seconds: i64,
}

fn secret(issued: IssuedSecret) -> Result<SecretAnswer, Rejection> {
    let id = issued.id.parse().map_err(kb_actions::Error::from)?;
    Ok(SecretAnswer {
        id,
        key: issued.secret,
        expires_in_seconds: issued.seconds,
    })
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<KeyBody>,
) -> Result<Answer, Rejection> {
    let new = NewKey {
        name: body.name,
        scopes: body
            .scopes
            .into_iter()
            .map(Scope::scope)
            .collect::<BTreeSet<_>>(),
        level: body.level,
        areas: body.areas.unwrap_or_else(|| vec![Area::Everything]),
        seconds: body.expires_in_seconds.unwrap_or(SECONDS),
    };
    let made = secret(api_keys::create(&ctx, &deps.identity, new).await?)?;
    let location = format!("{KEYS}/{}", made.id);
    Ok(Answer::created(&made, location))
}

async fn revoke(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(key): At<KeyId>,
) -> Result<Answer, Rejection> {
    api_keys::revoke(&ctx, &deps.identity, key).await?;
    Ok(Answer::nothing())
}

/// How a secret is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// How long the old secret is good beside the new one; a day when absent, a week at most.
    overlap_seconds: Option<i64>,
}

async fn rotate(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(key): At<KeyId>,
    StrictJson(sent): StrictJson<Rotation>,
) -> Result<Answer, Rejection> {
    let overlap = sent.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    let made = api_keys::rotate(&deps.kb, &ctx, &deps.identity, key, overlap).await?;
    Ok(Answer::ok(&secret(made)?))
}
