//! Articles: create, read, list a section, change, move, archive, restore.

use crate::answer::{ArticleAnswer, Home};
use axum::extract::State;
use kb_actions::articles::{self, ArticleChange, NewArticle};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{
    Action, ArticleId, ArticleType, Audience, Comments, Kind, Locale, NodeId, PortalName, Resource,
    SectionId, UserId,
};
use kb_http::route::{create, get, patch, post};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, IfMatch, Paging, Param, Patch, Rejection, StrictJson,
    StrictQuery,
};
use kb_store::repo::ArticleWithTexts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ARTICLES: &str = "/api/v1/articles";
const ARTICLE: &str = "/api/v1/articles/{article}";
const MOVE: &str = "/api/v1/articles/{article}/move";
const ARCHIVE: &str = "/api/v1/articles/{article}/archive";
const RESTORE: &str = "/api/v1/articles/{article}/restore";
const LIST: &str = "/api/v1/portals/{portal}/sections/{section}/articles";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            create(ARTICLES, make)
                .needs(Action::Edit)
                .doc("Create an article without texts")
                .takes::<ArticleBody>()
                .answers::<ArticleAnswer>(),
        )
        .with(
            get(ARTICLE, read)
                .anybody()
                .doc("An article's head")
                .answers::<ArticleAnswer>(),
        )
        .with(
            patch(ARTICLE, update)
                .needs(Action::Edit)
                .doc("Change an article's head by a merge patch")
                .patches::<ArticleDraft>()
                .answers::<ArticleAnswer>(),
        )
        .with(
            get(LIST, section)
                .anybody()
                .doc("Published articles of a section that the caller may see, in order")
                .query(&[Param("locale", "the reader's language")])
                .lists::<ArticleLine>(),
        )
        .with(
            post(MOVE, relocate)
                .needs(Action::Edit)
                .doc("Give an article another home section")
                .if_match()
                .takes::<MoveBody>()
                .answers::<ArticleAnswer>(),
        )
        .with(
            post(ARCHIVE, archive)
                .needs(Action::Archive)
                .doc("Take an article out of use")
                .if_match()
                .answers::<ArticleAnswer>(),
        )
        .with(
            post(RESTORE, restore)
                .needs(Action::Archive)
                .doc("Bring an article back")
                .if_match()
                .answers::<ArticleAnswer>(),
        )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ArticleBody {
    #[serde(default)]
    kind: Kind,
    #[serde(default, rename = "type")]
    article_type: ArticleType,
    home: Home,
    /// Its place in the section; behind all others when absent.
    position: Option<u32>,
    /// Who may read it.
    audience: Audience,
    #[serde(default)]
    labels: Vec<String>,
    /// The language it is written in first.
    source_locale: Locale,
    /// Who answers for it; the caller, when absent.
    owner: Option<UserId>,
    /// Whether readers may comment on it; as its portal says, when absent.
    comments: Option<Comments>,
}

/// The fields of a head that can be changed.
#[derive(Deserialize, ToSchema)]
struct ArticleDraft {
    kind: Kind,
    #[serde(rename = "type")]
    article_type: ArticleType,
    /// Merged with what it is: null takes one of its lists away. Needs the right to publish.
    audience: Audience,
    labels: Vec<String>,
    /// Who answers for it; null for nobody.
    owner: Option<UserId>,
    home: Option<Home>,
    /// Its place in the section; the one it has, when absent.
    position: Option<u32>,
    /// Whether readers may comment on it; null for what its portal says.
    comments: Option<Comments>,
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
    article: ArticleId,
    title: String,
    summary: String,
    url: String,
    /// The language served.
    locale: Locale,
}

impl ArticleLine {
    fn of(ctx: &RequestContext, summary: browse::ArticleSummary) -> Self {
        Self {
            article: summary.id,
            title: summary.title,
            summary: summary.summary,
            url: ctx.absolute(&summary.url),
            locale: summary.locale,
        }
    }
}

async fn answer(
    deps: &Deps,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
) -> Result<Answer, Rejection> {
    let body = ArticleAnswer::of(&deps.kb, ctx, whole).await?;
    Ok(Answer::ok(&body).version(whole.head.version))
}

/// An article in the version that the caller means.
async fn current(
    deps: &Deps,
    ctx: &RequestContext,
    id: ArticleId,
    if_match: IfMatch,
) -> Result<ArticleWithTexts, Rejection> {
    let whole = articles::read(&deps.kb, ctx, id).await?;
    if_match.check(whole.head.version)?;
    Ok(whole)
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<ArticleBody>,
) -> Result<Created, Rejection> {
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
        comments: body.comments,
    };
    let made = articles::create(&deps.kb, &ctx, new).await?;
    let head = &made.value().head;
    let location = format!("{ARTICLES}/{}", head.value.id);
    let body = ArticleAnswer::of(&deps.kb, &ctx, made.value()).await?;
    let answer = Answer::created(&body, location).version(head.version);
    Ok(Created::of(made, answer))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    answer(&deps, &ctx, &whole).await
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    patch: Patch<ArticleDraft>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let version = whole.head.version;
    let draft = patch.onto(version, &ArticleAnswer::of(&deps.kb, &ctx, &whole).await?)?;
    let change = ArticleChange {
        kind: Some(draft.kind),
        article_type: Some(draft.article_type),
        audience: Some(draft.audience),
        labels: Some(draft.labels),
        owner: Some(draft.owner),
        home: draft.home.map(|h| (h.portal, h.section)),
        position: draft.position,
        comments: Some(draft.comments),
    };
    let whole = articles::update(&deps.kb, &ctx, whole, change).await?;
    answer(&deps, &ctx, &whole).await
}

async fn relocate(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    if_match: IfMatch,
    StrictJson(body): StrictJson<MoveBody>,
) -> Result<Answer, Rejection> {
    portals::read(&deps.kb, &ctx, body.home.portal).await?;
    let change = ArticleChange {
        home: Some((body.home.portal, body.home.section)),
        position: body.position,
        ..ArticleChange::default()
    };
    let whole = current(&deps, &ctx, id, if_match).await?;
    let whole = articles::update(&deps.kb, &ctx, whole, change).await?;
    answer(&deps, &ctx, &whole).await
}

async fn archive(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let whole = current(&deps, &ctx, id, if_match).await?;
    let whole = articles::archive(&deps.kb, &ctx, whole).await?;
    answer(&deps, &ctx, &whole).await
}

async fn restore(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let whole = current(&deps, &ctx, id, if_match).await?;
    let whole = articles::restore(&deps.kb, &ctx, whole).await?;
    answer(&deps, &ctx, &whole).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    locale: Option<Locale>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn section(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((portal, section)): At<(PortalName, SectionId)>,
    StrictQuery(query): StrictQuery<ListQuery>,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value;
    let locale = query
        .locale
        .unwrap_or_else(|| portal.default_locale.clone());
    let list = format!("articles of {section} in {locale}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
    tree.value
        .get(NodeId::Section(section))
        .ok_or(Error::NotFound(Resource::Section))?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let (found, next) =
        browse::listed(&deps.kb, &ctx, &portal, section, &locale, limit, from).await?;
    let items = found
        .into_iter()
        .map(|found| ArticleLine::of(&ctx, found))
        .collect();
    Ok(Answer::ok(
        &paging.page(&deps, items, next.as_deref()).await?,
    ))
}
