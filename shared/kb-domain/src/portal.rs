//! Portals: a help center, an HR/IT portal, a brand.

use crate::article::is_slug;
use crate::audience::Audience;
use crate::comment::Comments;
use crate::error::Error;
use crate::id::PortalId;
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether readers may enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum PortalState {
    /// Being set up: staff work, readers see the "not open" page.
    #[default]
    Setup,
    /// Open.
    Active,
    /// Closed for repair: as in set-up, nothing is lost.
    Closed,
}

/// A portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// The id.
    pub id: PortalId,
    /// The first segment of its pages' addresses.
    pub handle: String,
    /// Its name in each language; the default locale's is always there.
    pub name: BTreeMap<Locale, String>,
    /// The languages it offers.
    pub locales: Vec<Locale>,
    /// The language it falls back to.
    pub default_locale: Locale,
    /// Who may enter.
    pub entry: Audience,
    /// Whether it is open.
    pub state: PortalState,
    /// Whether readers may comment on its articles.
    #[serde(default)]
    pub comments: Comments,
}

/// What of a portal can be changed: its handle stays, for addresses name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PortalDraft {
    /// Its name in each language; null takes one away.
    pub name: BTreeMap<Locale, String>,
    /// The languages it offers.
    pub locales: Vec<Locale>,
    /// The language it falls back to.
    pub default_locale: Locale,
    /// Who may enter.
    pub entry: Audience,
    /// Whether readers may comment on its articles.
    #[serde(default)]
    pub comments: Comments,
}

/// First segments of addresses that no portal may take.
const RESERVED: [&str; 12] = [
    "api", "account", "agent", "assets", "auth", "console", "problems", "setup", "sign-in",
    "sign-out", "health", "p",
];

impl Portal {
    /// Refuses a handle that is no slug or is reserved, and a portal without its default locale or name.
    pub fn check(&self) -> Result<(), Error> {
        if !is_slug(&self.handle, 40) || RESERVED.contains(&self.handle.as_str()) {
            return Err(Error::field(
                "/handle",
                "slug",
                "a handle is 1 to 40 lower-case letters, digits and '-', and no reserved word",
            ));
        }
        if !self.locales.contains(&self.default_locale) {
            return Err(Error::field(
                "/locales",
                "default",
                "the locales contain the default locale",
            ));
        }
        if self
            .name
            .get(&self.default_locale)
            .is_none_or(|n| n.trim().is_empty())
        {
            return Err(Error::field(
                "/name",
                "required",
                "give the name in the default locale",
            ));
        }
        self.entry.check()
    }

    /// Its name for a reader of `locale`.
    pub fn name_in(&self, locale: &Locale) -> &str {
        let available: Vec<Locale> = self.name.keys().cloned().collect();
        locale
            .chain(&available, &self.default_locale, &self.default_locale)
            .and_then(|l| self.name.get(l))
            .map_or(&self.handle, |n| n)
    }

    /// Closes it for its readers. Refused when it is not open.
    pub fn close(&self) -> Result<Self, Error> {
        match self.state {
            PortalState::Active => Ok(Self {
                state: PortalState::Closed,
                ..self.clone()
            }),
            PortalState::Setup | PortalState::Closed => {
                Err(Error::Conflict("the portal is not open".into()))
            }
        }
    }

    /// Opens it. Refused without a category: there would be nothing to browse.
    pub fn activate(&self, categories: usize) -> Result<Self, Error> {
        if categories == 0 {
            return Err(Error::Conflict(
                "a portal needs at least one category before it opens; create one first".into(),
            ));
        }
        Ok(Self {
            state: PortalState::Active,
            ..self.clone()
        })
    }
}
