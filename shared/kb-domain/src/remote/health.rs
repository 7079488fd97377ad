//! How a connection is, in one word.

use serde::Serialize;

/// What an admin can do about a connection next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nobody has consented yet.
    Consent,
    /// The grant is over; connect it again.
    Reconnect,
    /// It was taken back.
    Revoked,
    /// A person stopped it.
    Paused,
    /// It has a grant and is used for nothing yet: try it.
    Ready,
    /// A trial run goes on, or is done: start it.
    Trial,
    /// A listing missed more than is plausible; an admin says whether that may be taken away.
    HeldDeletes,
    /// The other system has it wait, and it goes on by itself.
    Waiting,
    /// The other system does not answer.
    PartnerSilent,
    /// It works.
    Working,
}

impl Health {
    /// Whether it waits for a person.
    pub fn needs_person(self) -> bool {
        matches!(
            self,
            Self::Consent | Self::Reconnect | Self::HeldDeletes | Self::PartnerSilent
        )
    }
}
