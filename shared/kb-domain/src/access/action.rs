//! What a caller can do, as a closed list, and sets of it.

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $phrase:literal;)*) => {
        /// Everything that a right can be about. Each action is separate: one who may publish need not be one who may grant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How a sentence goes on after "this needs the right to".
            pub fn phrase(self) -> &'static str {
                match self { $(Self::$name => $phrase,)* }
            }
        }
    };
}

actions! {
    /// Read what the audience admits.
    Read = "read", "read";
    /// Comment on what one may read.
    Comment = "comment", "comment";
    /// Say whether an article helped.
    Vote = "vote", "vote";
    /// Ask the assistant, or the community.
    Ask = "ask", "ask questions";
    /// See tickets.
    SeeTickets = "see_tickets", "see tickets";
    /// Ask for suggestions beside a ticket.
    Suggest = "suggest", "ask for suggestions";
    /// Propose a change to an article.
    Propose = "propose", "propose changes";
    /// Create and change articles.
    Edit = "edit", "edit articles";
    /// Send a draft to review.
    SendToReview = "send_to_review", "send drafts to review";
    /// Approve or reject what is in review.
    Approve = "approve", "approve drafts";
    /// Confirm that an article is still right.
    Verify = "verify", "verify articles";
    /// Make a working revision live, and change who may read.
    Publish = "publish", "publish";
    /// Archive, restore and retire.
    Archive = "archive", "archive and restore";
    /// Remove for good.
    Purge = "purge", "delete permanently";
    /// Approve, hide and mark what readers write.
    Moderate = "moderate", "moderate comments";
    /// Create, rename, move and delete categories and sections.
    Arrange = "arrange", "change categories and sections";
    /// See figures.
    Analyze = "analyze", "see figures";
    /// Take everything out.
    Export = "export", "export";
    /// Invite, change and remove people.
    People = "people", "manage people";
    /// Read the audit log.
    Audit = "audit", "read the audit log";
    /// See what somebody else sees.
    ViewAs = "view_as", "view as somebody else";
    /// Connect other systems.
    Connect = "connect", "connect other systems";
    /// Change portals and settings.
    Configure = "configure", "change settings";
    /// Give and take rights.
    Grant = "grant", "grant rights";
}

/// A set of actions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Actions(u32);

impl Actions {
    /// None.
    pub const NONE: Self = Self(0);

    /// These.
    pub const fn of(actions: &[Action]) -> Self {
        let (mut bits, mut n) = (0, 0);
        while n < actions.len() {
            bits |= 1 << actions[n] as u32;
            n += 1;
        }
        Self(bits)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the action is among them.
    pub const fn has(self, action: Action) -> bool {
        self.0 & (1 << action as u32) != 0
    }

    /// Whether each of those is among these.
    pub const fn include(self, those: Self) -> bool {
        self.0 & those.0 == those.0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |a| self.has(*a))
    }
}

impl std::fmt::Debug for Actions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Actions::of(&[Action::Read, Action::Grant]);
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Action::Read, Action::Grant]
        );
        assert!(!set.has(Action::Edit));
        assert!(set.and(Actions::of(&[Action::Edit])).has(Action::Edit));
        assert_eq!(Actions::of(Action::ALL).iter().count(), Action::ALL.len());
    }

    #[test]
    fn every_action_is_written_by_its_name() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
    }
}
