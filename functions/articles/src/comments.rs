//! Comments on an article.

use axum::extract::State;
use kb_actions::{RequestContext, articles, comments};
use kb_domain::{Action, ArticleId, Comment, CommentDraft, Locale};
use kb_http::route::{create, get};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, PageQuery, Paging, Param, Rejection, StrictJson,
    StrictQuery,
};
use kb_store::repo::Stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const COMMENTS: &str = "/api/v1/articles/{article}/comments";

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
        let own = value.author == ctx.viewer.user();
        let tells = own || ctx.viewer.may(Action::Moderate);
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
