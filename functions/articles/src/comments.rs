//! Comments on an article.

use axum::extract::State;
use kb_actions::{RequestContext, articles, comments};
use kb_domain::{
    Action, ArticleId, Comment, CommentDraft, CommentEdit, CommentId, CommentQueue, Locale,
    PortalId, access,
};
use kb_http::route::{create, delete, get, patch};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, IfMatch, PageQuery, Paging, Param, Patch, Rejection,
    StrictJson, StrictQuery,
};
use kb_store::repo::Stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const COMMENTS: &str = "/api/v1/articles/{article}/comments";
const COMMENT: &str = "/api/v1/articles/{article}/comments/{comment}";
const QUEUE: &str = "/api/v1/comments";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(COMMENTS, list)
                .anybody()
                .doc("Comments on an article, oldest first; none where they are off")
                .lists::<CommentAnswer>(),
        )
        .with(
            create(COMMENTS, post)
                .needs(Action::Comment)
                .doc("Comment on an article; it waits where comments are approved first")
                .query(&[Param(
                    "locale",
                    "the language of the page that it is written on",
                )])
                .takes::<CommentDraft>()
                .answers::<CommentAnswer>(),
        )
        .with(
            get(COMMENT, read)
                .anybody()
                .doc("A comment on an article")
                .answers::<CommentAnswer>(),
        )
        .with(
            patch(COMMENT, update)
                .needs(Action::Comment)
                .doc("Change a comment by a merge patch: its author the text, those who moderate its state and marks")
                .patches::<CommentEdit>()
                .answers::<CommentAnswer>(),
        )
        .with(
            delete(COMMENT, remove)
                .needs(Action::Comment)
                .doc("Delete a comment: its author, or those who moderate")
                .if_match()
                .answers_nothing(),
        )
        .with(
            get(QUEUE, queue)
                .needs(Action::Moderate)
                .doc("Comments of a portal by what is to be done about them, oldest first")
                .query(&[
                    Param("portal", "the portal's id"),
                    Param(
                        "queue",
                        "waiting, the default, open, answered or hidden",
                    ),
                ])
                .lists::<CommentAnswer>(),
        )
}

/// A comment as its caller may see it.
#[derive(Serialize, ToSchema)]
struct CommentAnswer {
    version: u64,
    #[serde(flatten)]
    comment: Comment,
}

impl CommentAnswer {
    fn of(ctx: &RequestContext, stored: Stored<Comment>) -> Self {
        let Stored { value, version } = stored;
        let moderates = ctx.demand_in(Action::Moderate, value.portal).is_ok();
        let tells = moderates || access::wrote(&ctx.viewer, &value);
        let author = value.author.filter(|_| tells);
        let comment = Comment { author, ..value };
        Self { version, comment }
    }
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let article = articles::read(&deps.kb, &ctx, id).await?.head.value;
    let list = format!("comments on {id}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let (found, next) = comments::list(&deps.kb, &ctx, &article, limit, from).await?;
    let items = found.into_iter().map(|c| CommentAnswer::of(&ctx, c));
    Ok(Answer::ok(
        &paging.page(&deps, items.collect(), next.as_deref()).await?,
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostQuery {
    locale: Option<Locale>,
}

async fn post(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    StrictQuery(query): StrictQuery<PostQuery>,
    StrictJson(draft): StrictJson<CommentDraft>,
) -> Result<Created, Rejection> {
    let article = articles::read(&deps.kb, &ctx, id).await?.head.value;
    let locale = query
        .locale
        .unwrap_or_else(|| article.source_locale.clone());
    let made = comments::post(&deps.kb, &ctx, &article, &locale, draft).await?;
    let body = CommentAnswer::of(&ctx, made.value().clone());
    let location = format!("/api/v1/articles/{id}/comments/{}", body.comment.id);
    let answer = Answer::created(&body, location).version(body.version);
    Ok(Created::of(made, answer))
}

fn answer(ctx: &RequestContext, comment: Stored<Comment>) -> Answer {
    let version = comment.version;
    Answer::ok(&CommentAnswer::of(ctx, comment)).version(version)
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((article, id)): At<(ArticleId, CommentId)>,
) -> Result<Answer, Rejection> {
    let article = articles::read(&deps.kb, &ctx, article).await?.head.value;
    let comment = comments::read(&deps.kb, &ctx, &article, id).await?;
    Ok(answer(&ctx, comment))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((article, id)): At<(ArticleId, CommentId)>,
    patch: Patch<CommentEdit>,
) -> Result<Answer, Rejection> {
    let article = articles::read(&deps.kb, &ctx, article).await?.head.value;
    let before = comments::read(&deps.kb, &ctx, &article, id).await?;
    let edit = patch.onto(before.version, &CommentAnswer::of(&ctx, before.clone()))?;
    let changed = comments::change(&deps.kb, &ctx, &article, &before, edit).await?;
    Ok(answer(&ctx, changed.commit(deps.kb.store()).await?))
}

async fn remove(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((article, id)): At<(ArticleId, CommentId)>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let article = articles::read(&deps.kb, &ctx, article).await?.head.value;
    let before = comments::read(&deps.kb, &ctx, &article, id).await?;
    if_match.check(before.version)?;
    let removed = comments::remove(&deps.kb, &ctx, &article, &before)?;
    removed.commit(deps.kb.store()).await?;
    Ok(Answer::nothing())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueQuery {
    portal: PortalId,
    #[serde(default = "waiting")]
    queue: CommentQueue,
    limit: Option<usize>,
    cursor: Option<String>,
}

fn waiting() -> CommentQueue {
    CommentQueue::Waiting
}

async fn queue(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<QueueQuery>,
) -> Result<Answer, Rejection> {
    let list = format!("comments:{}:{}", query.queue.as_str(), query.portal);
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let (kb, portal) = (&deps.kb, query.portal);
    let (found, next) = comments::queue(kb, &ctx, portal, query.queue, limit, from).await?;
    let items = found.into_iter().map(|(c, _)| CommentAnswer::of(&ctx, c));
    Ok(Answer::ok(
        &paging.page(&deps, items.collect(), next.as_deref()).await?,
    ))
}
