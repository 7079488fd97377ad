//! The address of a link: its code stands behind the `#`, which no server sees.

use kb_http::Settings;

/// Where a sign-in link leads to; a path alone where nobody said under which address this server is reached.
pub(crate) fn sign_in_url(settings: &Settings, code: &str) -> String {
    format!("{}/sign-in#{code}", settings.public_url)
}
