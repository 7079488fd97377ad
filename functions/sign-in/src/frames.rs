//! The bearers of a sidebar in a frame: from a session, by a pairing, and renewed.

use axum::extract::State;
use kb_actions::Error;
use kb_domain::Action;
use kb_http::route::post;
use kb_http::{
    Answer, Api, Caller, Class, Counted, Deps, FrameSecret, OwnSite, PairingSecret, Rejection,
    SessionSecret, StrictJson, clear_pairing_cookie, frame_cookie, pairing_cookie,
};
use kb_identity::{FRAME_SECONDS, IssuedFrame, PAIRING_SECONDS, Paired};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const BEARERS: &str = "/api/v1/frame-bearers";
const RENEW: &str = "/api/v1/frame-bearers/renew";
const PAIRINGS: &str = "/api/v1/frame-pairings";
const HOLD: &str = "/api/v1/frame-pairings/hold";
const JOIN: &str = "/api/v1/frame-pairings/join";
const TAKE: &str = "/api/v1/frame-pairings/take";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            post(BEARERS, issue)
                .needs(Action::Suggest)
                .doc("A bearer of fifteen minutes for the sidebar; needs a signed-in session, not a key or another bearer")
                .answers::<BearerAnswer>(),
        )
        .with(
            post(RENEW, renew)
                .proof()
                // A frame renews as often as tickets are opened, and a secret of 256 bits is not found by trying.
                .counted(Counted::As(Class::Key))
                .doc("A fresh bearer for the secret that renews it; a secret that comes a second time ends the frame")
                .takes::<Renewal>()
                .answers::<BearerAnswer>(),
        )
        .with(
            post(PAIRINGS, begin)
                .proof()
                .counted(Counted::As(Class::Write))
                .doc("Begin a pairing: a frame on another site waits by it for a window of its own to sign in")
                .answers::<PairingAnswer>(),
        )
        .with(
            post(HOLD, hold)
                .proof()
                .doc("Keep a pairing in this browser while somebody signs in")
                .takes::<Pairing>()
                .answers_nothing(),
        )
        .with(
            post(JOIN, join)
                .needs(Action::Suggest)
                .doc("Join the session of this browser to a pairing, to the one that is kept in the browser when none is named")
                .takes::<Joining>()
                .answers_nothing(),
        )
        .with(
            post(TAKE, take)
                .proof()
                // A frame asks every two seconds, ninety times at most.
                .counted(Counted::As(Class::Key))
                .doc("What came of a pairing: a bearer once somebody has signed in for it, which is answered once")
                .takes::<Pairing>()
                .answers::<TakenAnswer>(),
        )
}

#[derive(Serialize, ToSchema)]
struct BearerAnswer {
    /// Goes into `Authorization: Bearer`, and into no address.
    token: String,
    /// How long it is good.
    expires_in_seconds: i64,
    /// What renews it, once; absent where a cookie of the frame does.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<String>,
}

impl BearerAnswer {
    fn of(issued: IssuedFrame) -> Self {
        Self {
            token: issued.token,
            expires_in_seconds: FRAME_SECONDS,
            renewal: issued.renewal,
        }
    }
}

async fn issue(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    SessionSecret(session): SessionSecret,
) -> Result<Answer, Rejection> {
    let (Some(_), Some(session)) = (ctx.viewer.user(), session) else {
        return Err(Error::Unauthenticated.into());
    };
    let opened = deps.identity.open_frame(&session).await?;
    let opened = opened.ok_or(Error::Unauthenticated)?;
    Ok(Answer::ok(&BearerAnswer::of(opened)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Renewal {
    /// The secret that came with the bearer; the frame's cookie when absent.
    renewal: Option<String>,
}

async fn renew(
    State(deps): State<Deps>,
    _: OwnSite,
    FrameSecret(kept): FrameSecret,
    StrictJson(sent): StrictJson<Renewal>,
) -> Result<Answer, Rejection> {
    let renewed = match sent.renewal.or(kept) {
        Some(secret) => deps.identity.renew_frame(&secret).await?,
        None => None,
    };
    let renewed = renewed.ok_or(Error::Unauthenticated)?;
    Ok(Answer::ok(&BearerAnswer::of(renewed)))
}

#[derive(Serialize, ToSchema)]
struct PairingAnswer {
    /// Known to the frame and to the window that it opens, and to nobody else.
    pairing: String,
    /// How long it is good.
    expires_in_seconds: i64,
}

async fn begin(State(deps): State<Deps>, _: OwnSite) -> Result<Answer, Rejection> {
    let begun = deps.identity.begin_pairing().await?;
    Ok(Answer::ok(&PairingAnswer {
        pairing: begun.secret,
        expires_in_seconds: PAIRING_SECONDS,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pairing {
    /// The pairing.
    pairing: String,
}

async fn hold(
    State(deps): State<Deps>,
    _: OwnSite,
    StrictJson(sent): StrictJson<Pairing>,
) -> Result<Answer, Rejection> {
    let cookie = pairing_cookie(&sent.pairing, &deps.settings);
    // What is no secret of ours is not kept.
    Ok(Answer::nothing().cookie(cookie))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    /// The pairing; the one that is kept in the browser when absent.
    pairing: Option<String>,
}

async fn join(
    State(deps): State<Deps>,
    SessionSecret(session): SessionSecret,
    PairingSecret(kept): PairingSecret,
    StrictJson(sent): StrictJson<Joining>,
) -> Result<Answer, Rejection> {
    let session = session.ok_or(Error::Unauthenticated)?;
    let joined = match sent.pairing.or(kept) {
        Some(pairing) => deps.identity.join_pairing(&pairing, &session).await?,
        None => false,
    };
    if !joined {
        let over = "this pairing is over; press Sign in beside the ticket again".to_owned();
        return Err(Error::from(kb_domain::Error::Conflict(over)).into());
    }
    let cookie = clear_pairing_cookie(&deps.settings);
    Ok(Answer::nothing().cookie(Some(cookie)))
}

#[derive(Serialize, ToSchema)]
struct TakenAnswer {
    /// Whether nobody has signed in for it yet: ask again in two seconds.
    waiting: bool,
    /// The bearer, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer: Option<BearerAnswer>,
}

async fn take(
    State(deps): State<Deps>,
    _: OwnSite,
    StrictJson(sent): StrictJson<Pairing>,
) -> Result<Answer, Rejection> {
    let opened = match deps.identity.take_pairing(&sent.pairing).await? {
        Paired::Waiting => None,
        Paired::Opened(issued) => Some(issued),
        Paired::Over => return Err(Error::Unauthenticated.into()),
    };
    let cookie = opened.as_ref().and_then(|o| o.cookie.as_deref());
    let cookie = cookie.map(frame_cookie);
    let (waiting, bearer) = (opened.is_none(), opened.map(BearerAnswer::of));
    Ok(Answer::ok(&TakenAnswer { waiting, bearer }).cookie(cookie))
}
