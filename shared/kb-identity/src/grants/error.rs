//! Why a connection does not get what it asks for.

use crate::oauth::TokenFault;
use crate::secret_keys::VaultClosed;
use kb_domain::{ErrorKind, Timestamp};

/// Why a person must consent anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// Nobody has consented yet.
    NoConsent,
    /// The partner does not take the grant any more.
    Refused,
    /// We took it back.
    Withdrawn,
    /// It was renewed, and what came of that is lost.
    Lost,
    /// It has ended, and cannot be renewed.
    Expired,
    /// The secret by which the partner knows us is not kept here.
    NoSecret,
}

impl Reconnect {
    /// The stable word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoConsent => "no_consent",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::NoSecret => "no_client_secret",
        }
    }
}

/// The error of everything about grants. None of its texts holds a secret or what a partner said in its own words.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A callback that is not the answer to a consent that began in this browser and is not over: forged, replayed, late, of another
    /// partner. One sentence for all of them.
    #[error(
        "this consent did not begin in this browser, or it is over; begin again from the page of the connection"
    )]
    Callback,
    /// A person must consent.
    #[error("a person must connect again: {}", .0.code())]
    Reconnect(Reconnect),
    /// Somebody renews the grant; ask again at this moment.
    #[error("the grant is being renewed")]
    Busy(Timestamp),
    /// The partner is not reached, or gives no answer.
    #[error("the partner's sign-in does not answer: {0}")]
    Unreachable(String),
    /// The partner answers, and makes no tokens; the grant may be good all the same.
    #[error("the partner's sign-in answers: {0}")]
    Partner(String),
    /// Nothing can be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultClosed),
    /// The table.
    #[error(transparent)]
    Store(#[from] kb_store::Error),
}

impl ConnectError {
    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Callback => ErrorKind::Invalid,
            Self::Reconnect(_) => ErrorKind::Conflict,
            Self::Busy(_) | Self::Unreachable(_) | Self::Partner(_) => ErrorKind::Unavailable,
            Self::Vault(closed) => closed.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl From<TokenFault> for ConnectError {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::NotSent(cause) | TokenFault::Unsure(cause) => Self::Unreachable(cause),
            TokenFault::Refused => Self::Reconnect(Reconnect::Refused),
            TokenFault::Answered(word) => Self::Partner(word),
        }
    }
}
