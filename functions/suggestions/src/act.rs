//! `POST /api/v1/suggestions/{id}/actions`.

use axum::extract::State;
use kb_actions::suggest::{self, Act};
use kb_domain::{Action, ArticleId, InsertMode, SuggestionAction, SuggestionId, Timestamp};
use kb_http::route::post;
use kb_http::{Answer, Api, At, Caller, Deps, Rejection, StrictJson};
use serde::Deserialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    Api::new().with(
        post("/api/v1/suggestions/{id}/actions", record)
            .needs(Action::Suggest)
            .doc("Record what the agent did with a suggestion")
            .takes::<ActBody>()
            .answers_nothing(),
    )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActBody {
    action: SuggestionAction,
    /// How, when inserted.
    mode: Option<InsertMode>,
    /// The article.
    article: ArticleId,
    /// Why it was dismissed.
    reason: Option<String>,
    /// When, by the caller's clock; the log keeps ours.
    #[serde(rename = "at")]
    _at: Option<Timestamp>,
}

async fn record(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<SuggestionId>,
    StrictJson(body): StrictJson<ActBody>,
) -> Result<Answer, Rejection> {
    let act = Act {
        action: body.action,
        mode: body.mode,
        article: body.article,
        reason: body.reason,
    };
    suggest::act(&deps.kb, &ctx, id, act).await?;
    Ok(Answer::nothing())
}
