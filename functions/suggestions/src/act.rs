//! `POST /api/v1/suggestions/{id}/actions`.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::post;
use kb_actions::suggest::{self, Act};
use kb_domain::{
    Action, ArticleId, InsertMode, Resource, SuggestionAction, SuggestionId, Timestamp,
};
use kb_http::{Answer, Api, Caller, Deps, Operation, Policy, Rejection, SchemaOf, StrictJson};
use serde::Deserialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    let operation = Operation {
        method: Method::POST,
        path: "/api/v1/suggestions/{id}/actions",
        policy: Policy::Needs(Action::Suggest),
        summary: "What the agent did with a suggestion",
        query: &[],
        if_match: false,
        body: Some(SchemaOf::of::<ActBody>()),
        answer: (204, None),
    };
    Api::new().route(operation, post(handle))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActBody {
    #[schema(value_type = String)]
    action: SuggestionAction,
    /// When inserted.
    #[schema(value_type = Option<String>)]
    mode: Option<InsertMode>,
    /// The article.
    #[schema(value_type = String)]
    article: ArticleId,
    /// Why it was dismissed.
    reason: Option<String>,
    /// When, by the caller's clock; the log keeps ours.
    #[serde(rename = "at")]
    #[schema(value_type = Option<String>)]
    _at: Option<Timestamp>,
}

async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<ActBody>,
) -> Result<Answer, Rejection> {
    let id: SuggestionId = id
        .parse()
        .map_err(|_| kb_actions::Error::NotFound(Resource::Suggestion))?;
    let act = Act {
        action: body.action,
        mode: body.mode,
        article: body.article,
        reason: body.reason,
    };
    suggest::act(&deps.kb, &ctx, id, act).await?;
    Ok(Answer::nothing())
}
