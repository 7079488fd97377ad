//! `POST /api/v1/frame-bearers`: a session's cookie for the short bearer that a frame keeps in memory.

use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use kb_actions::Error;
use kb_domain::Action;
use kb_http::{Answer, Api, Caller, Deps, Operation, Policy, Rejection, SchemaOf, SessionSecret};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    let operation = Operation {
        method: Method::POST,
        path: "/api/v1/frame-bearers",
        policy: Policy::Needs(Action::Suggest),
        summary: "A bearer of fifteen minutes for the sidebar; needs a signed-in session, not a key or another bearer",
        query: &[],
        if_match: false,
        body: None,
        answer: (200, Some(SchemaOf::of::<BearerAnswer>())),
    };
    Api::new().route(operation, post(handle))
}

#[derive(Serialize, ToSchema)]
struct BearerAnswer {
    /// Goes into `Authorization: Bearer`; it is kept in memory and in no address.
    token: String,
    /// How long it is good.
    expires_in_seconds: i64,
}

async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    SessionSecret(session): SessionSecret,
) -> Result<Answer, Rejection> {
    let (Some(person), Some(_)) = (ctx.viewer.user(), session) else {
        return Err(Error::Unauthenticated.into());
    };
    ctx.demand(Action::Suggest)?;
    let fresh = deps.identity.open_session(person, true).await?;
    Ok(Answer::ok(&BearerAnswer {
        token: fresh.secret,
        expires_in_seconds: kb_identity::FRAME_SECONDS,
    }))
}
