//! Roles: bundles of actions that are granted together, for a part of the base.

use super::action::{Action, Actions};
use crate::id::PortalId;
use serde::{Deserialize, Serialize};

/// A bundle of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Role {
    /// Answers customers.
    Agent,
    /// Writes drafts.
    Author,
    /// Writes, and arranges sections.
    Editor,
    /// Approves drafts.
    Reviewer,
    /// An editor who also publishes and archives.
    Publisher,
    /// Moderates what readers write.
    Moderator,
    /// Sees figures.
    Analyst,
    /// Manages people.
    PeopleAdmin,
    /// May do everything in its area; what belongs to the whole base only when the area is everything.
    Admin,
}

/// What belongs to no portal: only a grant over everything gives it.
const WHOLE_BASE: Actions = Actions::of(&[
    Action::Configure,
    Action::Connect,
    Action::Grant,
    Action::Audit,
    Action::ViewAs,
    Action::Purge,
    Action::Export,
    Action::People,
]);

const AUTHOR: Actions = Actions::of(&[Action::Edit, Action::SendToReview, Action::Propose]);
const EDITOR: Actions = AUTHOR.and(Actions::of(&[Action::Arrange, Action::Verify]));

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Agent,
        Self::Author,
        Self::Editor,
        Self::Reviewer,
        Self::Publisher,
        Self::Moderator,
        Self::Analyst,
        Self::PeopleAdmin,
        Self::Admin,
    ];

    /// Its name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Publisher => "publisher",
            Self::Moderator => "moderator",
            Self::Analyst => "analyst",
            Self::PeopleAdmin => "people_admin",
            Self::Admin => "admin",
        }
    }

    /// What the role allows.
    pub const fn actions(self) -> Actions {
        match self {
            Self::Agent => Actions::of(&[Action::SeeTickets, Action::Suggest, Action::Propose]),
            Self::Author => AUTHOR,
            Self::Editor => EDITOR,
            Self::Reviewer => Actions::of(&[Action::Approve, Action::Verify]),
            Self::Publisher => EDITOR.and(Actions::of(&[Action::Publish, Action::Archive])),
            Self::Moderator => Actions::of(&[Action::Moderate]),
            Self::Analyst => Actions::of(&[Action::Analyze]),
            Self::PeopleAdmin => Actions::of(&[Action::People]),
            Self::Admin => Actions::of(Action::ALL),
        }
    }
}

/// The part of the base that a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Area {
    /// The whole base.
    Everything,
    /// One portal.
    Portal(PortalId),
}

/// A role over an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub area: Area,
}

impl Grant {
    /// The role over the whole base.
    pub const fn everywhere(role: Role) -> Self {
        Self {
            role,
            area: Area::Everything,
        }
    }

    /// Whether it allows the action anywhere.
    pub fn allows(&self, action: Action) -> bool {
        let belongs_here = self.area == Area::Everything || !WHOLE_BASE.has(action);
        belongs_here && self.role.actions().has(action)
    }

    /// Whether its area contains `area`.
    pub(super) fn covers(&self, area: Area) -> bool {
        self.area == Area::Everything || self.area == area
    }
}
