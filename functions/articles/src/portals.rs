//! Portals: create, read, list, change, open, close.

use crate::answer::portal_id;
use crate::operation;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::routing::{get, patch, post};
use kb_actions::RequestContext;
use kb_actions::portals::{self, PortalDraft};
use kb_domain::{Action, Audience, Comments, Locale, Portal, PortalId, PortalState};
use kb_http::schema::AudienceSchema;
use kb_http::{
    Answer, Api, Caller, Created, Deps, IfMatch, Operation, PAGE_PARAMS, PageQuery, Paging,
    Rejection, SchemaOf, StrictJson, StrictQuery, merge, writable,
};
use kb_store::repo::Stored;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

const PORTALS: &str = "/api/v1/portals";
const PORTAL: &str = "/api/v1/portals/{portal}";
const ACTIVATE: &str = "/api/v1/portals/{portal}/activate";
const CLOSE: &str = "/api/v1/portals/{portal}/close";

pub(crate) fn routes() -> Api {
    let answer = || (200, Some(SchemaOf::of::<PortalAnswer>()));
    let list_all = Operation {
        query: &PAGE_PARAMS,
        answer: (200, Some(SchemaOf::of::<PortalList>())),
        ..operation(
            Method::GET,
            PORTALS,
            "Portals that the caller may enter, by handle",
            Action::Read,
        )
    };
    let make = Operation {
        body: Some(SchemaOf::of::<PortalBody>()),
        answer: (201, answer().1),
        ..operation(Method::POST, PORTALS, "Make a portal", Action::Configure)
    };
    let read = Operation {
        answer: answer(),
        ..operation(Method::GET, PORTAL, "A portal", Action::Read)
    };
    let change = Operation {
        body: Some(SchemaOf::of::<PortalPatch>()),
        if_match: true,
        answer: answer(),
        ..operation(
            Method::PATCH,
            PORTAL,
            "Change a portal by a merge patch; its handle stays",
            Action::Configure,
        )
    };
    let open = Operation {
        answer: answer(),
        ..operation(
            Method::POST,
            ACTIVATE,
            "Open a portal to its readers",
            Action::Configure,
        )
    };
    let shut = Operation {
        if_match: true,
        answer: answer(),
        ..operation(
            Method::POST,
            CLOSE,
            "Close a portal for its readers",
            Action::Configure,
        )
    };
    Api::new()
        .route(list_all, get(list))
        .create(make, create)
        .route(read, get(one))
        .route(change, patch(update))
        .route(open, post(activate))
        .route(shut, post(close))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PortalBody {
    /// First segment of its pages' addresses.
    handle: String,
    /// Its name in each language.
    #[schema(value_type = HashMap<String, String>)]
    name: BTreeMap<Locale, String>,
    #[schema(value_type = Vec<String>)]
    locales: Vec<Locale>,
    #[schema(value_type = String)]
    default_locale: Locale,
    /// Who may enter.
    #[schema(value_type = AudienceSchema)]
    entry: Audience,
}

/// A merge patch (RFC 7396): fields that are absent stay.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made")]
struct PortalPatch {
    /// Its name in each language; null takes one away.
    name: Option<HashMap<String, Option<String>>>,
    locales: Option<Vec<String>>,
    default_locale: Option<String>,
    entry: Option<AudienceSchema>,
}

#[derive(Deserialize)]
struct Changed {
    name: BTreeMap<Locale, String>,
    locales: Vec<Locale>,
    default_locale: Locale,
    entry: Audience,
}

/// A portal.
#[derive(Serialize, ToSchema)]
#[schema(as = Portal)]
struct PortalAnswer {
    #[schema(value_type = String)]
    id: PortalId,
    version: u64,
    handle: String,
    #[schema(value_type = HashMap<String, String>)]
    name: BTreeMap<Locale, String>,
    #[schema(value_type = Vec<String>)]
    locales: Vec<Locale>,
    #[schema(value_type = String)]
    default_locale: Locale,
    /// Who may enter; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AudienceSchema>)]
    entry: Option<Audience>,
    /// setup, active or closed.
    #[schema(value_type = String)]
    state: PortalState,
}

impl PortalAnswer {
    fn of(ctx: &RequestContext, stored: &Stored<Portal>) -> Self {
        let portal = stored.value.clone();
        let staff = ctx.viewer.may(Action::Edit) || ctx.viewer.is_staff();
        Self {
            id: portal.id,
            version: stored.version,
            handle: portal.handle,
            name: portal.name,
            locales: portal.locales,
            default_locale: portal.default_locale,
            entry: staff.then_some(portal.entry),
            state: portal.state,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct PortalList {
    items: Vec<PortalAnswer>,
    next: Option<String>,
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let paging = Paging::read(&deps, &ctx, "portals", query.limit, query.cursor.as_deref()).await?;
    let portals = portals::list(&deps.kb, &ctx).await?;
    let (page, next) = paging.cut(portals, |p| p.value.handle.clone());
    Ok(Answer::ok(&PortalList {
        items: page.iter().map(|p| PortalAnswer::of(&ctx, p)).collect(),
        next: paging.next(&deps, next.as_deref()).await?,
    }))
}

fn answer(ctx: &RequestContext, portal: &Stored<Portal>) -> Answer {
    Answer::ok(&PortalAnswer::of(ctx, portal)).version(portal.version)
}

async fn create(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<PortalBody>,
) -> Result<Created, Rejection> {
    let draft = PortalDraft {
        name: body.name,
        locales: body.locales,
        default_locale: body.default_locale,
        entry: body.entry,
        comments: Comments::Off,
    };
    let made = portals::create(&deps.kb, &ctx, body.handle, draft).await?;
    let portal = made.value();
    let location = format!("{PORTALS}/{}", portal.value.id);
    let body = PortalAnswer::of(&ctx, portal);
    let answer = Answer::created(&body, location).version(portal.version);
    Ok(Created::of(made, answer))
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(portal): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, portal_id(&portal)?).await?;
    Ok(answer(&ctx, &found).unless_known(&headers))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(portal): Path<String>,
    if_match: IfMatch,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    ctx.demand(Action::Configure)?;
    let id = portal_id(&portal)?;
    let found = portals::read(&deps.kb, &ctx, id).await?;
    if_match.check(found.version)?;
    let stored = serde_json::json!(PortalAnswer::of(&ctx, &found));
    let mut merged = stored.clone();
    merge(&mut merged, Value::Object(sent));
    let fields = ["name", "locales", "default_locale", "entry"];
    let changed: Changed = writable(object(merged), &stored, &fields)?;
    let draft = PortalDraft {
        name: changed.name,
        locales: changed.locales,
        default_locale: changed.default_locale,
        entry: changed.entry,
        comments: found.value.comments,
    };
    let after = portals::update(&deps.kb, &ctx, found, draft).await?;
    Ok(answer(&ctx, &after))
}

/// A merged object; a patch that is an object leaves one.
pub(crate) fn object(merged: Value) -> Map<String, Value> {
    match merged {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

async fn activate(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(portal): Path<String>,
) -> Result<Answer, Rejection> {
    ctx.demand(Action::Configure)?;
    let found = portals::read(&deps.kb, &ctx, portal_id(&portal)?).await?;
    let opened = portals::activate(&deps.kb, &ctx, found).await?;
    Ok(answer(&ctx, &opened))
}

async fn close(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(portal): Path<String>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, portal_id(&portal)?).await?;
    if_match.check(found.version)?;
    let closed = portals::close(&deps.kb, &ctx, found).await?;
    Ok(answer(&ctx, &closed))
}
