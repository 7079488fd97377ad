//! What is known of the tokens where a call made none.

use oauth2::RequestTokenError;
use oauth2::basic::BasicErrorResponse;

/// Why there are no tokens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// Nothing was sent.
    NotSent(String),
    /// The partner does not take the code or the refresh token: `invalid_grant`.
    Refused,
    /// The partner has answered, and made no tokens. Holds a word for it and nothing secret.
    Answered(String),
    /// Nobody knows whether the partner made tokens; if it did, they are lost.
    Unsure(String),
}

/// A call that made no tokens.
#[derive(Debug, thiserror::Error)]
#[error("no tokens")]
pub(crate) struct CallFault(pub TokenFault);

impl From<RequestTokenError<CallFault, BasicErrorResponse>> for TokenFault {
    fn from(error: RequestTokenError<CallFault, BasicErrorResponse>) -> Self {
        match error {
            RequestTokenError::Request(fault) => fault.0,
            // The client lets no answer pass but a good one. What it says may hold tokens and is not repeated.
            RequestTokenError::ServerResponse(_)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => Self::Unsure("no answer that can be read".to_owned()),
        }
    }
}
