//! Who is asking, and what they may do.

use crate::audience::{Audience, Level, allows};
use crate::id::{AudienceId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The kinds of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// Nobody signed in.
    Anonymous,
    /// A signed-in customer.
    Customer,
    /// Somebody who works here.
    Employee,
    /// Somebody who answers customers.
    Agent,
    /// Writes and edits.
    Editor,
    /// Also publishes and archives.
    Publisher,
    /// Also grants and configures.
    Admin,
    /// A program with an API key; its rights are the key's scopes.
    Integration,
}

impl Principal {
    /// Every kind, for tests that walk them all.
    pub const ALL: [Self; 8] = [
        Self::Anonymous,
        Self::Customer,
        Self::Employee,
        Self::Agent,
        Self::Editor,
        Self::Publisher,
        Self::Admin,
        Self::Integration,
    ];
}

/// What a caller may do. Each is separate: one who may publish need not be one who may grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Read what the audience admits.
    View,
    /// Ask for suggestions beside a ticket and see tickets.
    Suggest,
    /// Create and change articles and structure.
    Edit,
    /// Publish, archive, restore.
    Publish,
    /// Change people, keys and settings.
    Grant,
}

/// The caller of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The kind of caller.
    pub principal: Principal,
    /// The person, if one is signed in.
    pub user: Option<UserId>,
    /// A name for the log and the header; never a secret.
    pub name: String,
    /// Segments they belong to.
    pub segments: BTreeSet<String>,
    /// Their department.
    pub department: Option<String>,
    /// Their region.
    pub region: Option<String>,
    /// The product version they use.
    pub product_version: Option<String>,
    /// Sees every audience: those who edit, and keys that may write. Readers and agents never do.
    pub oversees: bool,
    /// What they may do.
    pub rights: BTreeSet<Right>,
}

impl Viewer {
    /// Who it is, and nobody else: the id of a person, the name of a key. Everybody who is not signed in is one.
    pub fn identity(&self) -> String {
        self.user
            .map_or_else(|| self.name.clone(), |user| user.to_string())
    }

    /// Nobody signed in.
    pub fn anonymous() -> Self {
        Self::of(Principal::Anonymous)
    }

    /// A caller of this kind with the rights the kind has by itself. An integration has none but those its key adds.
    pub fn of(principal: Principal) -> Self {
        use Right::{Edit, Grant, Publish, Suggest, View};
        let rights: &[Right] = match principal {
            Principal::Anonymous | Principal::Customer | Principal::Employee => &[View],
            Principal::Integration => &[],
            Principal::Agent => &[View, Suggest],
            Principal::Editor => &[View, Suggest, Edit],
            Principal::Publisher => &[View, Suggest, Edit, Publish],
            Principal::Admin => &[View, Suggest, Edit, Publish, Grant],
        };
        Self {
            principal,
            user: None,
            name: format!("{principal:?}").to_lowercase(),
            segments: BTreeSet::new(),
            department: None,
            region: None,
            product_version: None,
            oversees: matches!(
                principal,
                Principal::Editor | Principal::Publisher | Principal::Admin
            ),
            rights: rights.iter().copied().collect(),
        }
    }

    /// How far inside they stand. A key stands where an agent stands if it may suggest, else with the public.
    pub fn level(&self) -> Level {
        match self.principal {
            Principal::Anonymous => Level::Public,
            Principal::Customer => Level::Customer,
            Principal::Employee => Level::Employee,
            Principal::Integration if !self.may(Right::Suggest) => Level::Public,
            _ => Level::Agent,
        }
    }

    /// Whether they work here, and so may be told matched terms and strengths.
    pub fn is_staff(&self) -> bool {
        self.level() >= Level::Agent
    }

    /// Whether they have this right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// The ids among `registry` that this viewer is admitted to, sorted. Every query takes this set.
    pub fn audiences<'a>(
        &self,
        registry: impl IntoIterator<Item = (&'a AudienceId, &'a Audience)>,
    ) -> Vec<AudienceId> {
        let mut ids: Vec<AudienceId> = registry
            .into_iter()
            .filter(|(_, audience)| allows(self, audience))
            .map(|(id, _)| *id)
            .collect();
        ids.sort();
        ids
    }
}
