//! The voter that a browser is in which nobody is signed in: a cookie with an id that this installation has signed.

use crate::caller::{Deps, Settings, cookie, set_cookie, viewer};
use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kb_domain::{VoterId, Who};

/// The cookie.
pub const VOTER_COOKIE: &str = "sidenote_voter";
/// The cookie where readers come by https.
const SECURE_VOTER_COOKIE: &str = "__Host-sidenote_voter";

/// What the signature is for.
const PURPOSE: &str = "voter";
/// How long a browser keeps the cookie: a year.
const MAX_AGE_SECONDS: u32 = 365 * 86_400;

/// The voter of the cookie; `None` for a browser without one, and for everybody who is signed in. It is rejected when this
/// installation has not signed it.
pub struct AnonymousVoter(pub Option<VoterId>);

impl FromRequestParts<Deps> for AnonymousVoter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Rejection> {
        let name = name(&deps.settings);
        let token = cookie(&parts.headers, name);
        let Some(token) = token.filter(|t| !t.is_empty()) else {
            return Ok(Self(None));
        };
        if viewer(parts, deps).await?.who != Who::Nobody {
            return Ok(Self(None));
        }
        let signed = deps.cursors.signed(PURPOSE, token).await?;
        match signed.and_then(|id| id.parse().ok()) {
            Some(id) => Ok(Self(Some(id))),
            None => Err(Rejection::parameter(
                name,
                "this cookie was not made here; delete it and vote again",
            )),
        }
    }
}

/// The `Set-Cookie` of a new voter. Errors: the secret cannot be read.
pub async fn voter_cookie(deps: &Deps, voter: VoterId) -> Result<String, Rejection> {
    let token = deps.cursors.sign(PURPOSE, &voter.to_string()).await?;
    Ok(set(&token, MAX_AGE_SECONDS, &deps.settings))
}

/// The `Set-Cookie` that takes a voter out of the browser.
pub fn clear_voter_cookie(settings: &Settings) -> String {
    set("", 0, settings)
}

fn set(token: &str, max_age: u32, settings: &Settings) -> String {
    set_cookie(name(settings), token, max_age, settings)
}

fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        SECURE_VOTER_COOKIE
    } else {
        VOTER_COOKIE
    }
}
