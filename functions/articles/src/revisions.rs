//! Revisions of a translation: list, read.

use crate::answer::{RevisionAnswer, article_id};
use crate::operation;
use crate::translations::locale_of;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::get;
use kb_actions::{Error, articles, translations};
use kb_domain::{Action, Resource};
use kb_http::{
    Answer, Api, Caller, Deps, Operation, PAGE_PARAMS, PageQuery, Paging, Rejection, SchemaOf,
    StrictQuery,
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    let list_all = Operation {
        query: &PAGE_PARAMS,
        answer: (200, Some(SchemaOf::of::<RevisionList>())),
        ..operation(
            Method::GET,
            "/api/v1/articles/{article}/translations/{locale}/revisions",
            "Revisions without their bodies, newest first",
            Action::Edit,
        )
    };
    let read = Operation {
        answer: (200, Some(SchemaOf::of::<RevisionAnswer>())),
        ..operation(
            Method::GET,
            "/api/v1/articles/{article}/translations/{locale}/revisions/{number}",
            "A revision with its body",
            Action::Edit,
        )
    };
    Api::new().route(list_all, get(list)).route(read, get(one))
}

#[derive(Serialize, ToSchema)]
struct RevisionList {
    items: Vec<RevisionAnswer>,
    next: Option<String>,
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((id, locale)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let list = format!("revisions of {id} in {locale}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let (limit, from) = (paging.limit, paging.from.clone());
    let (page, next) =
        translations::revisions(&deps.kb, &ctx, &whole, &locale, limit, from).await?;
    let line = |revision| RevisionAnswer::of(revision, false);
    Ok(Answer::ok(&RevisionList {
        items: page.into_iter().map(line).collect(),
        next: paging.next(&deps, next.as_deref()).await?,
    }))
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((id, locale, number)): Path<(String, String, String)>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let number = number
        .parse()
        .map_err(|_| Error::NotFound(Resource::Revision))?;
    let revision =
        translations::revision_by_number(&deps.kb, &ctx, &whole, &locale, number).await?;
    Ok(Answer::ok(&RevisionAnswer::of(revision, true)))
}
