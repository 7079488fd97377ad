//! What a token endpoint answers.

use oauth2::basic::BasicTokenType;
use oauth2::{ExtraTokenFields, StandardTokenResponse, TokenResponse};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is read besides the fields of the standard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Extra {
    /// How long the refresh token is good, in seconds.
    #[serde(default)]
    refresh_token_expires_in: Option<u64>,
}

impl ExtraTokenFields for Extra {}

pub(crate) type TokenAnswer = StandardTokenResponse<Extra, BasicTokenType>;

/// A pair of tokens.
pub(crate) struct Tokens {
    pub access: SecretString,
    /// `None` where the partner gives none, or means the one before.
    pub refresh: Option<SecretString>,
    /// `None` where the partner means what was asked for.
    pub scopes: Option<BTreeSet<String>>,
    pub access_seconds: Option<i64>,
    pub refresh_seconds: Option<i64>,
}

impl Tokens {
    /// A token that a person made at the partner. It is good until the partner says otherwise.
    pub(crate) fn pasted(access: SecretString) -> Self {
        Self {
            access,
            refresh: None,
            scopes: None,
            access_seconds: None,
            refresh_seconds: None,
        }
    }
}

impl From<TokenAnswer> for Tokens {
    fn from(answer: TokenAnswer) -> Self {
        let secret = |text: &String| SecretString::from(text.as_str());
        let scopes = answer.scopes();
        let scopes = scopes.map(|all| all.iter().map(|s| s.to_string()).collect());
        // A life that no calendar holds is as good as no end.
        let seconds = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        Self {
            access: secret(answer.access_token().secret()),
            refresh: answer.refresh_token().map(|t| secret(t.secret())),
            scopes,
            access_seconds: answer.expires_in().map(|d| seconds(d.as_secs())),
            refresh_seconds: answer.extra_fields().refresh_token_expires_in.map(seconds),
        }
    }
}
