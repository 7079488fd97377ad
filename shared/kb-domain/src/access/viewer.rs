//! The caller of one request.

use super::action::{Action, Actions};
use super::role::{Area, Grant};
use crate::audience::Level;
use crate::id::{ConnectionId, KeyId, UserId};
use std::collections::BTreeSet;
use std::fmt;

/// Who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Nobody signed in.
    Nobody,
    /// A person.
    Person(UserId),
    /// A program with an API key.
    Key(KeyId),
    /// A person in a frame beside a ticket.
    Frame(UserId),
    /// Whoever owns the data folder or the AWS account.
    Operator,
    /// What another system says, which this connection brings.
    Connection(ConnectionId),
}

impl Who {
    /// The person, if it is one.
    pub fn person(self) -> Option<UserId> {
        match self {
            Self::Person(id) | Self::Frame(id) => Some(id),
            Self::Nobody | Self::Key(_) | Self::Operator | Self::Connection(_) => None,
        }
    }
}

impl fmt::Display for Who {
    /// A name that tells callers apart: the id of the person or key. Everybody who is not signed in has the same one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Person(id) | Self::Frame(id) => fmt::Display::fmt(id, f),
            Self::Key(id) => fmt::Display::fmt(id, f),
            Self::Connection(id) => fmt::Display::fmt(id, f),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// What everybody may do.
const ANYBODY: Actions = Actions::of(&[Action::Read, Action::Vote]);
/// What everybody may do who is signed in.
const SIGNED_IN: Actions = Actions::of(&[Action::Read, Action::Vote, Action::Comment, Action::Ask]);

/// The caller of one request: who it is, the facts that audiences ask for, and the rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who it is.
    pub who: Who,
    /// A name for people; two callers may have the same. Never a secret.
    pub name: String,
    /// How far inside the company they stand.
    pub level: Level,
    /// Segments they belong to.
    pub segments: BTreeSet<String>,
    /// Their department.
    pub department: Option<String>,
    /// Their region.
    pub region: Option<String>,
    /// The product version they use.
    pub product_version: Option<String>,
    /// The ticket systems that they work for: of others they see no ticket. `None` for every system.
    pub systems: Option<BTreeSet<String>>,
    /// The roles they were given.
    pub grants: Vec<Grant>,
    /// The most that this way of signing in allows, whatever the grants say: the scopes of a key, the limits of a frame.
    pub ceiling: Option<Actions>,
}

impl Viewer {
    /// A caller with these rights and no facts.
    pub fn new(who: Who, name: &str, level: Level, grants: Vec<Grant>) -> Self {
        Self {
            who,
            name: name.to_owned(),
            level,
            segments: BTreeSet::new(),
            department: None,
            region: None,
            product_version: None,
            systems: None,
            grants,
            ceiling: None,
        }
    }

    /// Nobody signed in.
    pub fn anonymous() -> Self {
        Self::new(Who::Nobody, "nobody", Level::Public, Vec::new())
    }

    /// The person, if one is signed in.
    pub fn user(&self) -> Option<UserId> {
        self.who.person()
    }

    /// Whether they answer customers or stand further inside, and so may be told matched terms, strengths and audiences.
    pub fn is_staff(&self) -> bool {
        self.level >= Level::Agent || self.may(Action::Edit)
    }

    /// Whether they work for a ticket system; for a ticket that is in none, everybody does.
    pub fn works_for(&self, system: &str) -> bool {
        let systems = self.systems.as_ref();
        systems.is_none_or(|systems| system.is_empty() || systems.contains(system))
    }

    /// Whether they see every audience and state: those who may edit everywhere.
    pub fn oversees(&self) -> bool {
        self.may_in(Action::Edit, Area::Everything)
    }

    /// Whether they hold this right anywhere.
    pub fn may(&self, action: Action) -> bool {
        self.within_ceiling(action)
            && (self.by_themselves().has(action) || self.grants.iter().any(|g| g.allows(action)))
    }

    /// Whether they hold this right in an area.
    pub fn may_in(&self, action: Action, area: Area) -> bool {
        let granted = |g: &Grant| g.allows(action) && g.covers(area);
        self.within_ceiling(action)
            && (self.by_themselves().has(action) || self.grants.iter().any(granted))
    }

    /// Everything they may do anywhere.
    pub fn actions(&self) -> Actions {
        let held: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|a| self.may(*a))
            .collect();
        Actions::of(&held)
    }

    fn within_ceiling(&self, action: Action) -> bool {
        self.ceiling.is_none_or(|most| most.has(action))
    }

    fn by_themselves(&self) -> Actions {
        match self.who {
            Who::Nobody => ANYBODY,
            Who::Person(_) | Who::Frame(_) => SIGNED_IN,
            // Programs and the operator have what they were given.
            Who::Key(_) | Who::Operator | Who::Connection(_) => Actions::NONE,
        }
    }
}
