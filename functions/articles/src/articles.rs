//! Articles: create, read, list a section, change, archive, restore.

use crate::answer::{article, article_id};
use crate::operation;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::{get, patch, post};
use kb_actions::articles::{self, ArticleChange, NewArticle};
use kb_actions::{Error, reading, structure};
use kb_domain::{ArticleType, Audience, Kind, Locale, NodeId, PortalId, Right, SectionId};
use kb_http::{
    Answer, Api, Caller, Deps, IfMatch, Operation, Param, Rejection, SchemaOf, StrictJson,
    StrictQuery,
};
use kb_store::repo::Whole;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

const ARTICLES: &str = "/api/v1/articles";
const ARTICLE: &str = "/api/v1/articles/{article}";
const LIST: &str = "/api/v1/portals/{portal}/sections/{section}/articles";

pub(crate) fn routes() -> Api {
    let create = Operation {
        body: Some(SchemaOf::of::<ArticleBody>()),
        answer: (201, None),
        ..operation(
            Method::POST,
            ARTICLES,
            "Make an article without texts",
            Right::Edit,
        )
    };
    let change = Operation {
        body: Some(SchemaOf::of::<ChangeBody>()),
        if_match: true,
        ..operation(
            Method::PATCH,
            ARTICLE,
            "Change an article's head",
            Right::Edit,
        )
    };
    let list = Operation {
        query: &[
            Param("locale", "the reader's language"),
            Param("limit", "1 to 100, 20 by default"),
            Param("cursor", "where the page before ended"),
        ],
        ..operation(
            Method::GET,
            LIST,
            "Published articles of a section that the caller may see, in order",
            Right::View,
        )
    };
    let state = |path, summary| Operation {
        if_match: true,
        ..operation(Method::POST, path, summary, Right::Publish)
    };
    Api::new()
        .route(create, post(create_handler))
        .route(
            operation(Method::GET, ARTICLE, "An article's head", Right::View),
            get(read),
        )
        .route(change, patch(update))
        .route(list, get(list_handler))
        .route(
            state(
                "/api/v1/articles/{article}/archive",
                "Take an article out of use",
            ),
            post(archive),
        )
        .route(
            state(
                "/api/v1/articles/{article}/restore",
                "Bring an article back",
            ),
            post(restore),
        )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    #[schema(value_type = String)]
    kind: Kind,
    #[serde(default, rename = "type")]
    #[schema(value_type = String)]
    article_type: ArticleType,
    home: Home,
    position: Option<u32>,
    #[schema(value_type = Object)]
    audience: Audience,
    #[serde(default)]
    labels: Vec<String>,
    #[schema(value_type = String)]
    source_locale: Locale,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    #[schema(value_type = Option<String>)]
    kind: Option<Kind>,
    #[serde(rename = "type")]
    #[schema(value_type = Option<String>)]
    article_type: Option<ArticleType>,
    home: Option<Home>,
    position: Option<u32>,
    #[schema(value_type = Option<Object>)]
    audience: Option<Audience>,
    labels: Option<Vec<String>>,
}

async fn answer(
    deps: &Deps,
    scope: &kb_actions::Scope,
    whole: &Whole,
) -> Result<Answer, Rejection> {
    Ok(Answer::ok(&article(&deps.kb, scope, whole).await?).version(whole.head.version))
}

async fn create_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    StrictJson(body): StrictJson<ArticleBody>,
) -> Result<Answer, Rejection> {
    scope.demand(Right::Edit)?;
    structure::portal(&deps.kb, &scope, body.home.portal).await?;
    let new = NewArticle {
        kind: body.kind,
        article_type: body.article_type,
        section: body.home.section,
        portal: body.home.portal,
        position: body.position,
        audience: body.audience,
        labels: body.labels,
        owner: None,
        source_locale: body.source_locale,
        external: None,
    };
    let whole = articles::create(&deps.kb, &scope, new).await?;
    let location = format!("{ARTICLES}/{}", whole.head.value.id);
    Ok(
        Answer::created(&article(&deps.kb, &scope, &whole).await?, location)
            .version(whole.head.version),
    )
}

async fn read(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(id): Path<String>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &scope, article_id(&id)?).await?;
    answer(&deps, &scope, &whole).await
}

async fn update(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    StrictJson(body): StrictJson<ChangeBody>,
) -> Result<Answer, Rejection> {
    let change = ArticleChange {
        kind: body.kind,
        article_type: body.article_type,
        audience: body.audience,
        labels: body.labels,
        home: body.home.map(|h| (h.portal, h.section)),
        position: body.position,
    };
    let whole = articles::update(&deps.kb, &scope, article_id(&id)?, version, change).await?;
    answer(&deps, &scope, &whole).await
}

async fn archive(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Answer, Rejection> {
    let whole = articles::archive(&deps.kb, &scope, article_id(&id)?, version).await?;
    answer(&deps, &scope, &whole).await
}

async fn restore(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Answer, Rejection> {
    let whole = articles::restore(&deps.kb, &scope, article_id(&id)?, version).await?;
    answer(&deps, &scope, &whole).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    locale: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn list_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((portal, section)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<ListQuery>,
) -> Result<Answer, Rejection> {
    let portal: PortalId = portal.parse().map_err(|_| Error::NotFound("portal"))?;
    let portal = structure::portal(&deps.kb, &scope, portal).await?.value;
    let section: SectionId = section.parse().map_err(|_| Error::NotFound("section"))?;
    let locale = match query.locale {
        Some(text) => text
            .parse::<Locale>()
            .map_err(|e| Rejection::parameter("locale", e.to_string()))?,
        None => portal.default_locale.clone(),
    };
    let list = format!("articles of {section} for {}", scope.viewer.name);
    let from = query
        .cursor
        .map(|c| deps.cursors.open(&list, &c))
        .transpose()?;
    let limit = kb_http::limit(query.limit)?;
    let tree = reading::visible_tree(&deps.kb, &scope, portal.id).await?;
    tree.value
        .get(NodeId::Section(section))
        .ok_or(Error::NotFound("section"))?;
    let (page, next) =
        reading::listed(&deps.kb, &scope, &portal, section, &locale, limit, from).await?;
    let items: Vec<_> = page.iter().map(|a| json!({"article": a.id, "title": a.title, "summary": a.summary, "url": a.url, "locale": a.locale})).collect();
    Ok(Answer::ok(
        &json!({"items": items, "next": next.map(|n| deps.cursors.seal(&list, &n))}),
    ))
}
