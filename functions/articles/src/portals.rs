//! Portals: create, read, list, change, open, close.

use axum::extract::State;
use axum::http::HeaderMap;
use kb_actions::{RequestContext, portals};
use kb_domain::{
    Action, Audience, Comments, Locale, Portal, PortalDraft, PortalId, PortalName, PortalState,
};
use kb_http::route::{create, get, patch, post};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, IfMatch, PageQuery, Paging, Patch, Rejection,
    StrictJson, StrictQuery,
};
use kb_store::repo::Stored;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const PORTALS: &str = "/api/v1/portals";
const PORTAL: &str = "/api/v1/portals/{portal}";
const ACTIVATE: &str = "/api/v1/portals/{portal}/activate";
const CLOSE: &str = "/api/v1/portals/{portal}/close";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(PORTALS, list)
                .anybody()
                .doc("Portals that the caller may enter, by handle")
                .lists::<PortalAnswer>(),
        )
        .with(
            create(PORTALS, make)
                .needs(Action::Configure)
                .doc("Create a portal")
                .takes::<PortalBody>()
                .answers::<PortalAnswer>(),
        )
        .with(
            get(PORTAL, read)
                .anybody()
                .doc("A portal")
                .answers::<PortalAnswer>(),
        )
        .with(
            patch(PORTAL, update)
                .needs(Action::Configure)
                .doc("Change a portal by a merge patch; its handle stays")
                .patches::<PortalDraft>()
                .answers::<PortalAnswer>(),
        )
        .with(
            post(ACTIVATE, activate)
                .needs(Action::Configure)
                .doc("Open a portal to its readers")
                .answers::<PortalAnswer>(),
        )
        .with(
            post(CLOSE, close)
                .needs(Action::Configure)
                .doc("Close a portal to its readers")
                .if_match()
                .answers::<PortalAnswer>(),
        )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PortalBody {
    /// First segment of its pages' addresses.
    handle: String,
    /// Its name in each language.
    name: BTreeMap<Locale, String>,
    locales: Vec<Locale>,
    default_locale: Locale,
    /// Who may enter.
    entry: Audience,
    /// Whether readers may comment on its articles; off when absent.
    #[serde(default)]
    comments: Comments,
}

/// A portal.
#[derive(Serialize, ToSchema)]
#[schema(as = Portal)]
struct PortalAnswer {
    id: PortalId,
    version: u64,
    handle: String,
    name: BTreeMap<Locale, String>,
    locales: Vec<Locale>,
    default_locale: Locale,
    /// Who may enter; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<Audience>,
    state: PortalState,
    /// Whether readers may comment on its articles.
    comments: Comments,
    /// Whether the address without a portal leads here.
    default: bool,
}

impl PortalAnswer {
    fn of(ctx: &RequestContext, stored: &Stored<Portal>) -> Self {
        let portal = stored.value.clone();
        let staff = ctx.viewer.is_staff();
        Self {
            id: portal.id,
            version: stored.version,
            handle: portal.handle,
            name: portal.name,
            locales: portal.locales,
            default_locale: portal.default_locale,
            entry: staff.then_some(portal.entry),
            state: portal.state,
            comments: portal.comments,
            default: portal.default,
        }
    }
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let paging = Paging::read(&deps, &ctx, "portals", query.limit, query.cursor.as_deref()).await?;
    let entered = portals::list(&deps.kb, &ctx).await?;
    let (found, next) = paging.cut(entered, |p| p.value.handle.clone());
    let items = found.iter().map(|p| PortalAnswer::of(&ctx, p)).collect();
    Ok(Answer::ok(
        &paging.page(&deps, items, next.as_deref()).await?,
    ))
}

fn answer(ctx: &RequestContext, portal: &Stored<Portal>) -> Answer {
    Answer::ok(&PortalAnswer::of(ctx, portal)).version(portal.version)
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<PortalBody>,
) -> Result<Created, Rejection> {
    let draft = PortalDraft {
        name: body.name,
        locales: body.locales,
        default_locale: body.default_locale,
        entry: body.entry,
        comments: body.comments,
        default: false,
    };
    let made = portals::create(&deps.kb, &ctx, body.handle, draft).await?;
    let portal = made.value();
    let location = format!("{PORTALS}/{}", portal.value.id);
    let body = PortalAnswer::of(&ctx, portal);
    let answer = Answer::created(&body, location).version(portal.version);
    Ok(Created::of(made, answer))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(portal): At<PortalName>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, portal).await?;
    Ok(answer(&ctx, &found).unless_known(&headers))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<PortalName>,
    patch: Patch<PortalDraft>,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, id).await?;
    let draft = patch.onto(found.version, &PortalAnswer::of(&ctx, &found))?;
    let after = portals::update(&deps.kb, &ctx, found, draft).await?;
    Ok(answer(&ctx, &after))
}

async fn activate(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(portal): At<PortalName>,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, portal).await?;
    let opened = portals::activate(&deps.kb, &ctx, found).await?;
    Ok(answer(&ctx, &opened))
}

async fn close(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(portal): At<PortalName>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let found = portals::read(&deps.kb, &ctx, portal).await?;
    if_match.check(found.version)?;
    let closed = portals::close(&deps.kb, &ctx, found).await?;
    Ok(answer(&ctx, &closed))
}
