//! A connection to another system, and how it goes from one state to the next.

use super::mapping::Mapping;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::id::{ConnectionId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a connection is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Their articles come in.
    KnowledgeIn,
}

impl Use {
    /// Its name in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KnowledgeIn => "knowledge_in",
        }
    }
}

/// How far a use has come. One that is not there was never tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum UseState {
    /// It reads, counts and reports; it writes nothing.
    Dry,
    /// It works.
    On {
        /// How many things the next listing may find missing, by an admin's word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        may_vanish: Option<u64>,
    },
    /// A listing missed more than is plausible: what changes still comes in, and nothing is taken away until an admin says so or
    /// a later listing is plausible.
    Held {
        /// How many were missing.
        missing: u64,
        /// Of how many.
        of: u64,
        /// Since when.
        at: Timestamp,
    },
}

/// Why a grant is no longer good; the console turns it into the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dying {
    /// The other system says so: it was revoked there, or has run out.
    Refused,
    /// A refresh was sent and its answer was lost, so nobody knows which tokens are good.
    Lost,
    /// What it is sealed with does not open it.
    Sealed,
}

/// Whether a connection has a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ConnectionState {
    /// Made, and nobody has consented yet.
    Waiting,
    /// It has a grant.
    Granted,
    /// The grant is over: somebody must consent again. What waits stays.
    Reconnect {
        /// Why.
        why: Dying,
        /// Since when.
        at: Timestamp,
    },
    /// Taken back. Connecting the same account again finds this connection and all that belongs to it.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
}

/// By which client of theirs consent is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthClient {
    /// Its id there.
    pub id: String,
    /// Whether it has a secret, which lies in the vault.
    pub confidential: bool,
}

/// A connection. It holds no secret, and nothing that changes while it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The id.
    pub id: ConnectionId,
    /// Which kind of system, for example `zendesk`.
    pub vendor: String,
    /// The account, for example `zendesk:acme`: its articles are named by it, and there is one connection for it.
    pub system: String,
    /// What people call it.
    pub name: String,
    /// The answers to the vendor's questions.
    pub answers: BTreeMap<String, String>,
    /// By which client consent is asked for; `None` where a token is pasted.
    pub client: Option<OAuthClient>,
    /// Whether it has a grant.
    pub state: ConnectionState,
    /// Since when a person has stopped it.
    pub paused_at: Option<Timestamp>,
    /// What it is used for.
    pub uses: BTreeMap<Use, UseState>,
    /// What an admin said of what comes in.
    pub mapping: Mapping,
    /// Who is told when a person is needed; nobody where the operator made it.
    pub owner: Option<UserId>,
}

impl Connection {
    /// A new one, to which nobody has consented.
    pub fn made(id: ConnectionId, vendor: &str, system: &str, client: Option<OAuthClient>) -> Self {
        Self {
            id,
            vendor: vendor.to_owned(),
            system: system.to_owned(),
            name: system.to_owned(),
            answers: BTreeMap::new(),
            client,
            state: ConnectionState::Waiting,
            paused_at: None,
            uses: BTreeMap::new(),
            mapping: Mapping::default(),
            owner: None,
        }
    }

    /// Somebody has consented. A pause stays; what it was used for before it was taken back is tried dry again.
    #[must_use]
    pub fn granted(&self) -> Self {
        let mut after = self.clone();
        if matches!(self.state, ConnectionState::Revoked { .. }) {
            after.uses.values_mut().for_each(|u| *u = UseState::Dry);
        }
        after.state = ConnectionState::Granted;
        after
    }

    /// Has a use read and report. Errors: there is no grant; it works already.
    pub fn tried(&self, what: Use) -> Result<Self, Error> {
        self.demand_grant()?;
        match self.uses.get(&what) {
            None | Some(UseState::Dry) => Ok(self.with(what, UseState::Dry)),
            Some(_) => conflict("it works already; a trial run changes nothing of that"),
        }
    }

    /// Has a use work. Errors: there is no grant; it was not tried; it works already.
    pub fn started(&self, what: Use) -> Result<Self, Error> {
        self.demand_grant()?;
        match self.uses.get(&what) {
            None => conflict("try it first: a trial run shows what would come in"),
            Some(UseState::Dry) => Ok(self.with(what, UseState::On { may_vanish: None })),
            Some(_) => conflict("it works already"),
        }
    }

    /// A listing missed more than is plausible. Errors: the use takes nothing away in the first place.
    pub fn held(&self, what: Use, missing: u64, of: u64, at: Timestamp) -> Result<Self, Error> {
        match self.uses.get(&what) {
            Some(UseState::On { .. } | UseState::Held { .. }) => {
                Ok(self.with(what, UseState::Held { missing, of, at }))
            }
            _ => conflict("it does not work yet, so nothing of it can be taken away"),
        }
    }

    /// An admin says that what was missing may go, with the next listing and no other. Errors: nothing is held.
    pub fn allowed(&self, what: Use) -> Result<Self, Error> {
        match self.uses.get(&what) {
            Some(UseState::Held { missing, .. }) => {
                let may_vanish = Some(*missing);
                Ok(self.with(what, UseState::On { may_vanish }))
            }
            _ => conflict("nothing is held"),
        }
    }

    /// A listing was plausible and is done: nothing is held any more, and an admin's word for it is spent.
    #[must_use]
    pub fn listed(&self, what: Use) -> Self {
        match self.uses.get(&what) {
            Some(UseState::On { .. } | UseState::Held { .. }) => {
                self.with(what, UseState::On { may_vanish: None })
            }
            _ => self.clone(),
        }
    }

    /// A person stops it. Errors: it was taken back; it is paused already.
    pub fn paused(&self, at: Timestamp) -> Result<Self, Error> {
        self.demand_use()?;
        if self.paused_at.is_some() {
            return conflict("it is paused already");
        }
        let mut after = self.clone();
        after.paused_at = Some(at);
        Ok(after)
    }

    /// A person lets it go on. Errors: it was taken back; it is not paused.
    pub fn resumed(&self) -> Result<Self, Error> {
        self.demand_use()?;
        if self.paused_at.is_none() {
            return conflict("it is not paused");
        }
        let mut after = self.clone();
        after.paused_at = None;
        Ok(after)
    }

    /// Its grant is over. Errors: it has none. The first reason stays until somebody consents.
    pub fn needs_consent(&self, why: Dying, at: Timestamp) -> Result<Self, Error> {
        match self.state {
            ConnectionState::Granted => {
                let mut after = self.clone();
                after.state = ConnectionState::Reconnect { why, at };
                Ok(after)
            }
            ConnectionState::Reconnect { .. } => Ok(self.clone()),
            _ => conflict("it has no grant"),
        }
    }

    /// Taken back. Errors: it was already.
    pub fn revoked(&self, at: Timestamp) -> Result<Self, Error> {
        self.demand_use()?;
        let mut after = self.clone();
        after.state = ConnectionState::Revoked { at };
        after.paused_at = None;
        Ok(after)
    }

    /// Whether a use may ask the other system now.
    pub fn asks(&self, what: Use) -> bool {
        self.state == ConnectionState::Granted
            && self.paused_at.is_none()
            && self.uses.contains_key(&what)
    }

    /// Whether a use may write here what it reads.
    pub fn writes(&self, what: Use) -> bool {
        self.asks(what) && self.uses.get(&what) != Some(&UseState::Dry)
    }

    /// Whether what came in is written there and not here: it comes in now, or goes on coming in once somebody has consented again.
    pub fn holds_texts(&self) -> bool {
        !matches!(self.state, ConnectionState::Revoked { .. })
            && matches!(
                self.uses.get(&Use::KnowledgeIn),
                Some(UseState::On { .. } | UseState::Held { .. })
            )
    }

    /// Whether a use writes here once a pause is over.
    pub fn writes_once_resumed(&self, what: Use) -> bool {
        let mut resumed = self.clone();
        resumed.paused_at = None;
        resumed.writes(what)
    }

    /// How many things may be missing from a listing of `of` that are taken away without asking anybody: a fifth, and fifty of a
    /// small base; more by an admin's word.
    pub fn may_vanish(&self, what: Use, of: u64) -> u64 {
        let plausible = (of / 5).max(50);
        match self.uses.get(&what) {
            Some(UseState::On { may_vanish }) => plausible.max(may_vanish.unwrap_or(0)),
            Some(UseState::Held { .. }) => plausible,
            _ => 0,
        }
    }

    fn with(&self, what: Use, state: UseState) -> Self {
        let mut after = self.clone();
        after.uses.insert(what, state);
        after
    }

    fn demand_grant(&self) -> Result<(), Error> {
        match self.state {
            ConnectionState::Granted => Ok(()),
            ConnectionState::Waiting => conflict("nobody has consented yet"),
            ConnectionState::Reconnect { .. } => conflict("its grant is over; connect it again"),
            ConnectionState::Revoked { .. } => conflict("it was taken back; connect it again"),
        }
    }

    fn demand_use(&self) -> Result<(), Error> {
        match self.state {
            ConnectionState::Revoked { .. } => conflict("it was taken back"),
            _ => Ok(()),
        }
    }
}

fn conflict<T>(why: &str) -> Result<T, Error> {
    Err(Error::Conflict(why.to_owned()))
}
