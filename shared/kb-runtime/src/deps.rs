//! What the HTTP functions are given, in either home.

use crate::config::Config;
use kb_actions::Kb;
use kb_http::{CursorSecret, Cursors, Deps, Settings};
use kb_identity::Identity;
use std::sync::Arc;

/// What they are given; `secret` seals the cursors of lists.
pub(crate) fn deps(
    kb: &Kb,
    identity: &Identity,
    secret: Arc<dyn CursorSecret>,
    config: &Config,
    demo: bool,
    public_url: String,
) -> Deps {
    let settings = Settings {
        secure_cookies: config.secure_cookies,
        frame_ancestors: config.frame_ancestors.clone(),
        demo,
        public_url,
    };
    Deps {
        kb: kb.clone(),
        identity: identity.clone(),
        cursors: Cursors::new(secret),
        settings: Arc::new(settings),
    }
}
