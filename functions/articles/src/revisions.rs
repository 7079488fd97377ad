//! Revisions of a translation: list, read.

use crate::answer::RevisionAnswer;
use axum::extract::State;
use kb_actions::{articles, translations};
use kb_domain::{Action, ArticleId, Locale};
use kb_http::route::get;
use kb_http::{Answer, Api, At, Caller, Deps, PageQuery, Paging, Rejection, StrictQuery};

const REVISIONS: &str = "/api/v1/articles/{article}/translations/{locale}/revisions";
const REVISION: &str = "/api/v1/articles/{article}/translations/{locale}/revisions/{number}";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(REVISIONS, list)
                .needs(Action::Edit)
                .doc("Revisions without their bodies, newest first")
                .lists::<RevisionAnswer>(),
        )
        .with(
            get(REVISION, read)
                .needs(Action::Edit)
                .doc("A revision with its body")
                .answers::<RevisionAnswer>(),
        )
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale)): At<(ArticleId, Locale)>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let list = format!("revisions of {id} in {locale}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let (found, next) =
        translations::revisions(&deps.kb, &ctx, &whole, &locale, limit, from).await?;
    let line = |revision| RevisionAnswer::of(revision, false);
    let items = found.into_iter().map(line).collect();
    Ok(Answer::ok(
        &paging.page(&deps, items, next.as_deref()).await?,
    ))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale, number)): At<(ArticleId, Locale, u32)>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let revision =
        translations::revision_by_number(&deps.kb, &ctx, &whole, &locale, number).await?;
    Ok(Answer::ok(&RevisionAnswer::of(revision, true)))
}
