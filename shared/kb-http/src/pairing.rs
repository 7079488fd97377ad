//! The cookies of a frame: one keeps a pairing in a window of our own while somebody signs in there for it, one renews its bearer.

use crate::caller::{Settings, cookie, set_cookie};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

const PAIRING_COOKIE: &str = "sidenote_pairing";

/// The pairing that the browser keeps.
#[derive(Clone)]
pub struct PairingSecret(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for PairingSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let kept = cookie(&parts.headers, PAIRING_COOKIE);
        Ok(Self(kept.map(str::to_owned)))
    }
}

const FRAME_COOKIE: &str = "__Host-sidenote_frame";

/// What renews a frame's bearer, where the browser keeps it for frames of ours below the site that shows this one.
#[derive(Clone)]
pub struct FrameSecret(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for FrameSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let kept = cookie(&parts.headers, FRAME_COOKIE);
        Ok(Self(kept.map(str::to_owned)))
    }
}

/// The `Set-Cookie` that keeps what renews a frame's bearer, apart for each site that shows us in a frame (CHIPS). A browser that
/// does not know it, or reaches us by http from elsewhere than this machine, keeps none.
pub fn frame_cookie(secret: &str) -> String {
    let max_age = kb_identity::staff_session_seconds();
    format!(
        "{FRAME_COOKIE}={secret}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age={max_age}"
    )
}

/// The `Set-Cookie` that keeps a pairing; `None` for what is not of the form of one.
pub fn pairing_cookie(pairing: &str, settings: &Settings) -> Option<String> {
    let secret = pairing.strip_prefix("pr_")?;
    let is_one = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
    let max_age = kb_identity::PAIRING_SECONDS;
    is_one.then(|| set_cookie(PAIRING_COOKIE, pairing, max_age, settings))
}

/// The `Set-Cookie` that takes a pairing out of the browser.
pub fn clear_pairing_cookie(settings: &Settings) -> String {
    set_cookie(PAIRING_COOKIE, "", 0, settings)
}
