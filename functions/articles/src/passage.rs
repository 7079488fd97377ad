//! `GET .../translations/{locale}/passage`: one passage of the live text, to preview and to quote beside a ticket.

use crate::answer::article_id;
use crate::operation;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::get;
use kb_actions::{Error, passages};
use kb_domain::{Action, Locale, Resource};
use kb_http::{Answer, Api, Caller, Deps, Operation, Param, Rejection, SchemaOf, StrictQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    let operation = Operation {
        query: &[Param(
            "anchor",
            "the heading it stands under; the beginning of the text when absent",
        )],
        answer: (200, Some(SchemaOf::of::<PassageText>())),
        ..operation(
            Method::GET,
            "/api/v1/articles/{article}/translations/{locale}/passage",
            "A passage of the live text, as plain text",
            Action::Read,
        )
    };
    Api::new().route(operation, get(handle))
}

#[derive(Deserialize)]
struct Asked {
    anchor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PassageText {
    article: String,
    revision: String,
    locale: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    /// Plain text; a line for each block.
    text: String,
    /// The path of the article's page, at the passage.
    url: String,
}

async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((article, locale)): Path<(String, String)>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Answer, Rejection> {
    let locale: Locale = locale
        .parse()
        .map_err(|_| Error::NotFound(Resource::Translation))?;
    let found = passages::passage(
        &deps.kb,
        &ctx,
        article_id(&article)?,
        &locale,
        asked.anchor.as_deref(),
    )
    .await?;
    Ok(Answer::ok(&PassageText {
        article: found.article.to_string(),
        revision: found.revision.to_string(),
        locale: locale.to_string(),
        title: found.title,
        url: match &found.anchor {
            Some(anchor) => format!("{}#{anchor}", found.url),
            None => found.url,
        },
        anchor: found.anchor,
        heading: found.heading,
        text: found.text,
    }))
}
