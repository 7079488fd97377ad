//! What the HTTP functions are given, in either home.

use crate::config::Config;
use kb_actions::Kb;
use kb_fetch::Fetch;
use kb_http::{CursorSecret, Cursors, Deps, Health, Limiter, Settings};
use kb_identity::Identity;
use kb_identity::vault::Vault;
use std::sync::Arc;

/// What they are given; `secret` seals the cursors of lists.
pub(crate) fn deps(
    kb: &Kb,
    identity: &Identity,
    secret: Arc<dyn CursorSecret>,
    (fetch, vault): (Arc<dyn Fetch>, Vault),
    config: &Config,
    (demo, health): (bool, Arc<dyn Health>),
) -> Deps {
    let settings = Settings {
        public_url: config.public_url.clone(),
        secure_cookies: config.secure_cookies,
        frame_ancestors: config.frame_ancestors.clone(),
        demo,
    };
    Deps {
        kb: kb.clone(),
        identity: identity.clone(),
        cursors: Cursors::new(secret),
        health,
        fetch,
        vault,
        limits: Limiter::new(
            kb.store().table().clone(),
            kb.clock().clone(),
            config.limits.clone(),
        ),
        settings: Arc::new(settings),
    }
}
