//! `/api/v1/connections`: made, read, stepped, taken back.

use crate::answers::ConnectionAnswer;
use crate::{grants, partners};
use axum::extract::State;
use kb_actions::connections::{self, NewConnection, Step};
use kb_actions::{Error, RequestContext};
use kb_connectors::{Fault, vendor};
use kb_domain::remote::{Connection, OAuthClient, Use};
use kb_domain::{Action, ConnectionId};
use kb_http::route::{delete, get, post};
use kb_http::{Answer, Api, At, Caller, Deps, Page, Rejection, StrictJson};
use kb_identity::grants::ConnectError;
use kb_store::record::Stored;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;
use utoipa::ToSchema;

const CONNECTIONS: &str = "/api/v1/connections";
const CONNECTION: &str = "/api/v1/connections/{connection}";
const STEPS: &str = "/api/v1/connections/{connection}/steps";
const PROBE: &str = "/api/v1/connections/{connection}/probe";
/// The page of the connections in the console.
pub(crate) const CONSOLE: &str = "/console/connections";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(CONNECTIONS, list)
                .needs(Action::Configure)
                .doc("Every connection to another system, with how it is doing")
                .answers::<Page<ConnectionAnswer>>(),
        )
        .with(
            post(CONNECTIONS, make)
                .needs(Action::Configure)
                .doc("Make a connection, to which somebody then consents on its page; the same account again is the same connection")
                .takes::<NewBody>()
                .answers::<ConnectionAnswer>(),
        )
        .with(
            get(CONNECTION, one)
                .needs(Action::Configure)
                .doc("A connection, and how it is doing")
                .answers::<ConnectionAnswer>(),
        )
        .with(
            delete(CONNECTION, revoke)
                .needs(Action::Configure)
                .doc("Take a connection back: its grant first, at the other system; what came by it stays")
                .answers::<ConnectionAnswer>(),
        )
        .with(
            post(STEPS, step)
                .needs(Action::Configure)
                .doc("Try a connection, start it, stop it, let it go on, allow what is held, or compare everything now")
                .takes::<StepBody>()
                .answers::<ConnectionAnswer>(),
        )
        .with(
            post(PROBE, probe)
                .needs(Action::Configure)
                .doc("Ask the other system whom the grant stands for and what it reaches")
                .answers::<ProbeAnswer>(),
        )
}

/// A connection by its path.
pub(crate) async fn found(
    deps: &Deps,
    ctx: &RequestContext,
    id: ConnectionId,
) -> Result<Stored<Connection>, Error> {
    connections::read(&deps.kb, ctx, &id.to_string()).await
}

/// A connection with how it is doing.
pub(crate) async fn answered(
    deps: &Deps,
    ctx: &RequestContext,
    connection: &Connection,
) -> Result<ConnectionAnswer, Error> {
    let status = connections::status(&deps.kb, ctx, connection.id).await?;
    let url = ctx.absolute(&format!("{CONSOLE}/{}", connection.id));
    Ok(ConnectionAnswer::of(connection, status, ctx.now, url))
}

async fn list(State(deps): State<Deps>, Caller(ctx): Caller) -> Result<Answer, Rejection> {
    let mut items = Vec::new();
    for connection in connections::list(&deps.kb, &ctx).await? {
        items.push(answered(&deps, &ctx, &connection.value).await?);
    }
    Ok(Answer::ok(&Page::whole(items)))
}

/// A connection to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConnection)]
struct NewBody {
    /// Which kind of system, for example `zendesk`.
    vendor: String,
    /// The answers to its questions, for example `{"subdomain": "acme"}`.
    answers: BTreeMap<String, String>,
    client: ClientBody,
}

/// By which client of theirs consent is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConnectionClient)]
struct ClientBody {
    /// Its id there.
    id: String,
    /// Its secret, where it has one. It is kept sealed and never answered.
    secret: Option<String>,
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<NewBody>,
) -> Result<Answer, Rejection> {
    let new = wanted(
        &body.vendor,
        body.answers,
        &body.client.id,
        body.client.secret.is_some(),
    )?;
    let made = made(&deps, &ctx, new, body.client.secret).await?;
    let location = format!("{CONNECTIONS}/{}", made.value.id);
    let answer = answered(&deps, &ctx, &made.value).await?;
    Ok(Answer::created(&answer, location))
}

/// A connection of these answers. Errors: every one that is wrong.
pub(crate) fn wanted(
    kind: &str,
    answers: BTreeMap<String, String>,
    client: &str,
    confidential: bool,
) -> Result<NewConnection, Error> {
    let unknown = || {
        let detail = "there is no such kind of system";
        kb_domain::Error::field("/vendor", "unknown", detail)
    };
    let profile = vendor(kind).ok_or_else(unknown)?.profile();
    let system = profile.system(&answers)?;
    let client = client.trim();
    let plain = |c: char| c.is_ascii_graphic();
    if client.is_empty() || client.len() > 200 || !client.chars().all(plain) {
        let detail = "the id of the OAuth client, as the other system shows it";
        return Err(kb_domain::Error::field("/client/id", "malformed", detail).into());
    }
    Ok(NewConnection {
        vendor: kind.to_owned(),
        system,
        answers,
        client: Some(OAuthClient {
            id: client.to_owned(),
            confidential,
        }),
    })
}

/// Makes a connection and keeps the secret of its client.
pub(crate) async fn made(
    deps: &Deps,
    ctx: &RequestContext,
    new: NewConnection,
    secret: Option<String>,
) -> Result<Stored<Connection>, Error> {
    let made = connections::make(&deps.kb, ctx, new).await?;
    if let Some(secret) = secret {
        let secret = SecretString::from(secret);
        let grants = grants(deps);
        let kept = grants.keep_client_secret(made.value.id, &secret, ctx.now);
        kept.await.map_err(|error| of_grant(&error))?;
    }
    Ok(made)
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ConnectionId>,
) -> Result<Answer, Rejection> {
    let connection = found(&deps, &ctx, id).await?;
    Ok(Answer::ok(&answered(&deps, &ctx, &connection.value).await?))
}

/// A step of a connection.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Try,
    Start,
    Pause,
    Resume,
    Allow,
    Reconcile,
}

impl From<Word> for Step {
    fn from(word: Word) -> Self {
        match word {
            Word::Try => Self::Try,
            Word::Start => Self::Start,
            Word::Pause => Self::Pause,
            Word::Resume => Self::Resume,
            Word::Allow => Self::Allow,
            Word::Reconcile => Self::Reconcile,
        }
    }
}

/// Which step.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConnectionStep)]
struct StepBody {
    step: Word,
}

async fn step(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ConnectionId>,
    StrictJson(body): StrictJson<StepBody>,
) -> Result<Answer, Rejection> {
    let before = found(&deps, &ctx, id).await?;
    let after = connections::step(&deps.kb, &ctx, &before, body.step.into()).await?;
    Ok(Answer::ok(&answered(&deps, &ctx, &after.value).await?))
}

async fn revoke(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ConnectionId>,
) -> Result<Answer, Rejection> {
    let after = revoked(&deps, &ctx, id).await?;
    Ok(Answer::ok(&answered(&deps, &ctx, &after.value).await?))
}

/// Takes a connection back: the grant at the other system first.
pub(crate) async fn revoked(
    deps: &Deps,
    ctx: &RequestContext,
    id: ConnectionId,
) -> Result<Stored<Connection>, Error> {
    let before = found(deps, ctx, id).await?;
    let withdrawn = partners(deps).withdraw(&before.value, ctx.now).await;
    withdrawn.map_err(|error| of_grant(&error))?;
    connections::revoke(&deps.kb, ctx, &before).await
}

/// Where people reach this program.
pub(crate) fn home(ctx: &RequestContext) -> Url {
    let fallback = || Url::parse("http://localhost").expect("it is an address");
    Url::parse(&ctx.base).unwrap_or_else(|_| fallback())
}

/// An error of grants in the words of the verbs.
pub(crate) fn of_grant(error: &ConnectError) -> Error {
    use kb_domain::ErrorKind::{Conflict, Invalid};
    match error.kind() {
        Conflict | Invalid => kb_domain::Error::Conflict(error.to_string()).into(),
        _ => kb_store::Error::unavailable(kb_store::chain(error)).into(),
    }
}

/// Whom a grant stands for.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionProbe)]
pub(crate) struct ProbeAnswer {
    /// Who consented.
    who: String,
    /// What they are there.
    role: String,
    /// What the grant does not reach: `structure`, `articles` or `readers`.
    refused: Vec<&'static str>,
}

async fn probe(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ConnectionId>,
) -> Result<Answer, Rejection> {
    let connection = found(&deps, &ctx, id).await?;
    let probe = partners(&deps)
        .probe(&connection.value, Use::KnowledgeIn)
        .await;
    let probe = probe.map_err(|fault| of_fault(&fault))?;
    let refused = probe.refused.iter().map(|what| match what {
        kb_connectors::Refused::Structure => "structure",
        kb_connectors::Refused::Articles => "articles",
        kb_connectors::Refused::Readers => "readers",
    });
    Ok(Answer::ok(&ProbeAnswer {
        refused: refused.collect(),
        who: probe.who,
        role: probe.role,
    }))
}

fn of_fault(fault: &Fault) -> Error {
    match fault {
        Fault::Busy(_) | Fault::Unreachable(_) => {
            kb_store::Error::unavailable(fault.to_string()).into()
        }
        _ => kb_domain::Error::Conflict(fault.to_string()).into(),
    }
}
