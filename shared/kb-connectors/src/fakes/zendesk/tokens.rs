//! Codes and tokens: a code is redeemed once, a refresh ends the pair before it, and an old token that is shown again ends all of them.

use kb_domain::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody consented to.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub client: String,
    pub scopes: BTreeSet<String>,
    pub access: Option<String>,
    pub refresh: Option<String>,
    pub access_until: Timestamp,
    pub refresh_until: Timestamp,
}

/// A code that waits to be redeemed.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub client: String,
    pub redirect: String,
    pub scopes: BTreeSet<String>,
    pub challenge: String,
    pub until: Timestamp,
    /// The grant that it was redeemed for.
    pub grant: Option<u64>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Grants {
    pub codes: BTreeMap<String, Code>,
    pub good: BTreeMap<u64, Grant>,
    /// Every refresh token that there ever was, with its grant.
    pub refreshed: BTreeMap<String, u64>,
    pub rotations: u64,
}

impl Grants {
    /// The grant that an access token opens now.
    pub(super) fn of_access(&self, token: &str, now: Timestamp) -> Option<(u64, &Grant)> {
        let is = |grant: &Grant| grant.access.as_deref() == Some(token) && now < grant.access_until;
        let found = self.good.iter().find(|(_, grant)| is(grant));
        found.map(|(id, grant)| (*id, grant))
    }

    /// Ends a grant with all its tokens.
    pub(super) fn end(&mut self, id: u64) {
        self.good.remove(&id);
    }
}
