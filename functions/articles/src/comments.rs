//! Comments on an article.

use axum::extract::State;
use kb_actions::{RequestContext, articles, comments};
use kb_domain::{Action, ArticleId, Comment};
use kb_http::route::get;
use kb_http::{Answer, Api, At, Caller, Deps, PageQuery, Paging, Rejection, StrictQuery};
use kb_store::repo::Stored;
use serde::Serialize;
use utoipa::ToSchema;

const COMMENTS: &str = "/api/v1/articles/{article}/comments";

pub(crate) fn routes() -> Api {
    Api::new().with(
        get(COMMENTS, list)
            .anybody()
            .doc("Comments on an article, oldest first; none where they are off")
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
