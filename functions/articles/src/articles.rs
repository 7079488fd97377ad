//! Articles: create, read, list a section, change, move, archive, restore.

use crate::answer::{ArticleAnswer, article_id, portal_id};
use crate::operation;
use crate::portals::object;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::{get, patch, post};
use kb_actions::articles::{self, ArticleChange, NewArticle};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{
    Action, ArticleId, ArticleType, Audience, Kind, Locale, NodeId, PortalId, Resource, SectionId,
    UserId,
};
use kb_http::schema::{AudienceSchema, KindSchema};
use kb_http::{
    Answer, Api, Caller, Created, Deps, IfMatch, Operation, PAGE_PARAMS, Paging, Param, Rejection,
    SchemaOf, StrictJson, StrictQuery, merge, writable,
};
use kb_store::repo::ArticleWithTexts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const ARTICLES: &str = "/api/v1/articles";
const ARTICLE: &str = "/api/v1/articles/{article}";
const LIST: &str = "/api/v1/portals/{portal}/sections/{section}/articles";

pub(crate) fn routes() -> Api {
    let article = || Some(SchemaOf::of::<ArticleAnswer>());
    let make = Operation {
        body: Some(SchemaOf::of::<ArticleBody>()),
        answer: (201, article()),
        ..operation(
            Method::POST,
            ARTICLES,
            "Make an article without texts",
            Action::Edit,
        )
    };
    let read = Operation {
        answer: (200, article()),
        ..operation(Method::GET, ARTICLE, "An article's head", Action::Read)
    };
    let change = Operation {
        body: Some(SchemaOf::of::<ArticlePatch>()),
        if_match: true,
        answer: (200, article()),
        ..operation(
            Method::PATCH,
            ARTICLE,
            "Change an article's head by a merge patch",
            Action::Edit,
        )
    };
    let list = Operation {
        query: &[
            Param("locale", "the reader's language"),
            PAGE_PARAMS[0],
            PAGE_PARAMS[1],
        ],
        answer: (200, Some(SchemaOf::of::<ArticleList>())),
        ..operation(
            Method::GET,
            LIST,
            "Published articles of a section that the caller may see, in order",
            Action::Read,
        )
    };
    let verb = |path, summary, right| Operation {
        if_match: true,
        answer: (200, article()),
        ..operation(Method::POST, path, summary, right)
    };
    let move_it = Operation {
        body: Some(SchemaOf::of::<MoveBody>()),
        ..verb(
            "/api/v1/articles/{article}/move",
            "Give an article another home section",
            Action::Edit,
        )
    };
    let archive_it = verb(
        "/api/v1/articles/{article}/archive",
        "Take an article out of use",
        Action::Archive,
    );
    let restore_it = verb(
        "/api/v1/articles/{article}/restore",
        "Bring an article back",
        Action::Archive,
    );
    Api::new()
        .create(make, create)
        .route(read, get(one))
        .route(change, patch(update))
        .route(list, get(section))
        .route(move_it, post(move_home))
        .route(archive_it, post(archive))
        .route(restore_it, post(restore))
}

/// The section that an article belongs to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HomeBody)]
struct Home {
    #[schema(value_type = String)]
    portal: PortalId,
    #[schema(value_type = String)]
    section: SectionId,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ArticleBody {
    #[serde(default)]
    #[schema(value_type = Option<KindSchema>)]
    kind: Kind,
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<String>)]
    article_type: ArticleType,
    home: Home,
    /// Its place in the section; behind all others when absent.
    position: Option<u32>,
    /// Who may read it.
    #[schema(value_type = AudienceSchema)]
    audience: Audience,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    labels: Vec<String>,
    /// The language it is written in first.
    #[schema(value_type = String)]
    source_locale: Locale,
    /// Who answers for it; the caller, when absent.
    #[schema(value_type = Option<String>)]
    owner: Option<UserId>,
}

/// A merge patch (RFC 7396): fields that are absent stay.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made")]
struct ArticlePatch {
    kind: Option<KindSchema>,
    r#type: Option<String>,
    /// Merged with what it is: null takes one of its lists away. Needs the right to publish.
    audience: Option<AudienceSchema>,
    labels: Option<Vec<String>>,
    /// null for nobody.
    owner: Option<String>,
    home: Option<Home>,
    position: Option<u32>,
}

#[derive(Deserialize)]
struct Changed {
    kind: Kind,
    #[serde(rename = "type")]
    article_type: ArticleType,
    audience: Audience,
    labels: Vec<String>,
    owner: Option<UserId>,
    home: Option<Home>,
    position: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    home: Home,
    /// Its place in the section; the one it has, when absent.
    position: Option<u32>,
}

/// A published article in a list.
#[derive(Serialize, ToSchema)]
struct ArticleLine {
    #[schema(value_type = String)]
    article: ArticleId,
    title: String,
    summary: String,
    url: String,
    /// The language served.
    #[schema(value_type = String)]
    locale: Locale,
}

#[derive(Serialize, ToSchema)]
struct ArticleList {
    items: Vec<ArticleLine>,
    next: Option<String>,
}

async fn answer(
    deps: &Deps,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
) -> Result<Answer, Rejection> {
    let body = ArticleAnswer::of(&deps.kb, ctx, whole).await?;
    Ok(Answer::ok(&body).version(whole.head.version))
}

async fn create(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<ArticleBody>,
) -> Result<Created, Rejection> {
    ctx.demand(Action::Edit)?;
    portals::read(&deps.kb, &ctx, body.home.portal).await?;
    let new = NewArticle {
        kind: body.kind,
        article_type: body.article_type,
        section: body.home.section,
        portal: body.home.portal,
        position: body.position,
        audience: body.audience,
        labels: body.labels,
        owner: body.owner,
        source_locale: body.source_locale,
        external: None,
        comments: None,
    };
    let made = articles::create(&deps.kb, &ctx, new).await?;
    let head = &made.value().head;
    let location = format!("{ARTICLES}/{}", head.value.id);
    let body = ArticleAnswer::of(&deps.kb, &ctx, made.value()).await?;
    let answer = Answer::created(&body, location).version(head.version);
    Ok(Created::of(made, answer))
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, article_id(&id)?).await?;
    answer(&deps, &ctx, &whole).await
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    ctx.demand(Action::Edit)?;
    let id = article_id(&id)?;
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    if_match.check(whole.head.version)?;
    let stored = json!(ArticleAnswer::of(&deps.kb, &ctx, &whole).await?);
    let mut merged = stored.clone();
    merge(&mut merged, Value::Object(sent));
    let fields = [
        "kind", "type", "audience", "labels", "owner", "home", "position",
    ];
    let changed: Changed = writable(object(merged), &stored, &fields)?;
    let change = ArticleChange {
        kind: Some(changed.kind),
        article_type: Some(changed.article_type),
        audience: Some(changed.audience),
        labels: Some(changed.labels),
        owner: Some(changed.owner),
        home: changed.home.map(|h| (h.portal, h.section)),
        position: changed.position,
        comments: None,
    };
    let whole = articles::update(&deps.kb, &ctx, whole, change).await?;
    answer(&deps, &ctx, &whole).await
}

async fn move_home(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
    StrictJson(body): StrictJson<MoveBody>,
) -> Result<Answer, Rejection> {
    ctx.demand(Action::Edit)?;
    portals::read(&deps.kb, &ctx, body.home.portal).await?;
    let change = ArticleChange {
        home: Some((body.home.portal, body.home.section)),
        position: body.position,
        ..ArticleChange::default()
    };
    let whole = articles::read(&deps.kb, &ctx, article_id(&id)?).await?;
    if_match.check(whole.head.version)?;
    let whole = articles::update(&deps.kb, &ctx, whole, change).await?;
    answer(&deps, &ctx, &whole).await
}

async fn archive(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, article_id(&id)?).await?;
    if_match.check(whole.head.version)?;
    let whole = articles::archive(&deps.kb, &ctx, whole).await?;
    answer(&deps, &ctx, &whole).await
}

async fn restore(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, article_id(&id)?).await?;
    if_match.check(whole.head.version)?;
    let whole = articles::restore(&deps.kb, &ctx, whole).await?;
    answer(&deps, &ctx, &whole).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    locale: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn section(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((portal, section)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<ListQuery>,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal_id(&portal)?)
        .await?
        .value;
    let section: SectionId = section
        .parse()
        .map_err(|_| Error::NotFound(Resource::Section))?;
    let locale = match query.locale {
        Some(text) => text
            .parse::<Locale>()
            .map_err(|e| Rejection::parameter("locale", e.to_string()))?,
        None => portal.default_locale.clone(),
    };
    let list = format!("articles of {section} in {locale}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
    tree.value
        .get(NodeId::Section(section))
        .ok_or(Error::NotFound(Resource::Section))?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let (page, next) =
        browse::listed(&deps.kb, &ctx, &portal, section, &locale, limit, from).await?;
    let line = |a: browse::ArticleSummary| ArticleLine {
        article: a.id,
        title: a.title,
        summary: a.summary,
        url: a.url,
        locale: a.locale,
    };
    Ok(Answer::ok(&ArticleList {
        items: page.into_iter().map(line).collect(),
        next: paging.next(&deps, next.as_deref()).await?,
    }))
}
