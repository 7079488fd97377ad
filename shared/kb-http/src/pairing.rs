//! The cookie that keeps a pairing in a window of our own, while somebody signs in there for a frame.

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
