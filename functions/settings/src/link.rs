//! The address of a link: its code stands behind the `#`, which no server sees.

use kb_actions::RequestContext;

/// Where a sign-in link leads to.
pub(crate) fn sign_in_url(ctx: &RequestContext, code: &str) -> String {
    format!("{}/sign-in#{code}", ctx.base)
}
