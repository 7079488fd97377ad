//! `POST /api/v1/frame-bearers`: a session's cookie for the short bearer that a frame keeps in memory.

use axum::extract::State;
use kb_actions::Error;
use kb_domain::Action;
use kb_http::route::post;
use kb_http::{Answer, Api, Caller, Deps, Rejection, SessionSecret};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    Api::new().with(
        post("/api/v1/frame-bearers", issue)
            .needs(Action::Suggest)
            .doc("A bearer of fifteen minutes for the sidebar; needs a signed-in session, not a key or another bearer")
            .answers::<BearerAnswer>(),
    )
}

#[derive(Serialize, ToSchema)]
struct BearerAnswer {
    /// Goes into `Authorization: Bearer`; it is kept in memory and in no address.
    token: String,
    /// How long it is good.
    expires_in_seconds: i64,
}

async fn issue(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    SessionSecret(session): SessionSecret,
) -> Result<Answer, Rejection> {
    let (Some(person), Some(_)) = (ctx.viewer.user(), session) else {
        return Err(Error::Unauthenticated.into());
    };
    let fresh = deps.identity.open_session(person, true).await?;
    Ok(Answer::ok(&BearerAnswer {
        token: fresh.secret,
        expires_in_seconds: kb_identity::FRAME_SECONDS,
    }))
}
