//! A pair of tokens as it lies in the vault.

use crate::oauth::Tokens;
use crate::secret_keys::VaultClosed;
use crate::vault::Place;
use kb_domain::Timestamp;
use kb_store::Key;
use kb_store::repo::Grant;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// An access token, and what renews it.
pub(crate) struct Pair {
    pub access: SecretString,
    pub refresh: Option<SecretString>,
    access_until: Option<Timestamp>,
}

/// What is sealed. It lives while it is sealed or opened, no longer.
#[derive(Serialize, Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    access: std::borrow::Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    refresh: Option<std::borrow::Cow<'a, str>>,
}

/// Where the pair of a generation lies.
pub(crate) fn place(row: &Key, generation: u64) -> Place<'_> {
    Place {
        what: "tokens",
        row,
        generation,
    }
}

impl Pair {
    /// Reads what was in the vault. Errors: it is no pair.
    pub(crate) fn read(opened: &SecretString, grant: &Grant) -> Result<Self, VaultClosed> {
        let form: Form =
            serde_json::from_str(opened.expose_secret()).map_err(|_| VaultClosed::Damaged)?;
        Ok(Self {
            access: SecretString::from(&*form.access),
            refresh: form.refresh.as_deref().map(SecretString::from),
            access_until: grant.access_until,
        })
    }

    /// Whether the access token is not at its end.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        self.access_until.is_none_or(|end| now < end)
    }
}

/// New tokens as they are sealed; where the partner gives no refresh token, the one before goes on.
pub(crate) fn sealable(tokens: &Tokens, before: Option<&SecretString>) -> SecretString {
    let refresh = tokens.refresh.as_ref().or(before);
    let form = Form {
        access: tokens.access.expose_secret().into(),
        refresh: refresh.map(|token| token.expose_secret().into()),
    };
    let text = Zeroizing::new(serde_json::to_string(&form).expect("texts are JSON"));
    SecretString::from(text.as_str())
}
