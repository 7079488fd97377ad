//! The portal and language that an address names.

use crate::old_address::old_address;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use kb_actions::{Error, RequestContext, portals, urls};
use kb_domain::{ErrorKind, Locale, Node, Portal, PortalName, Resource};
use kb_http::{Address, Caller, Deps, PageError, portal_shell};
use kb_pages::{Card, Shell, Texts};

/// The portal and language of an address, for a reader who may enter. An address in another form of the language, or in one
/// that the portal does not offer, leads to the right one.
pub(crate) struct Place {
    pub ctx: RequestContext,
    pub portal: Portal,
    pub locale: Locale,
    pub texts: Texts,
    /// The path as it was asked for, decoded.
    pub path: String,
}

impl FromRequestParts<Deps> for Place {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, PageError> {
        let Caller(ctx) = Caller::from_request_parts(parts, deps).await?;
        let uri = &parts.uri;
        let address = Address::of(uri.path());
        let portal = portals::read(
            &deps.kb,
            &ctx,
            PortalName::Handle(address.portal.to_string()),
        )
        .await;
        let (portal, locale): (Portal, Locale) = match (portal, address.locale.parse()) {
            (Ok(portal), Ok(locale)) => (portal.value, locale),
            (Err(error), _) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {
                let found = old_address(deps, &ctx, uri.path(), "", &HeaderMap::new()).await?;
                let absent = || Error::NotFound(Resource::Page).into();
                return Err(found.map_or_else(absent, PageError::Moved));
            }
        };
        let offered = portal.locales.contains(&locale);
        let right = if offered {
            &locale
        } else {
            &portal.default_locale
        };
        if right.as_str() != address.locale {
            let rest = if address.rest.is_empty() {
                "/"
            } else {
                address.rest
            };
            let query = uri.query().map_or(String::new(), |q| format!("?{q}"));
            let url = format!("/{}/{right}{rest}{query}", portal.handle);
            return Err(PageError::Moved(url));
        }
        let path = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
        Ok(Self {
            texts: Texts::of(&locale),
            path: path.into_owned(),
            ctx,
            portal,
            locale,
        })
    }
}

impl Place {
    /// Errors: the page was asked for at another address than its own; the reader is sent there.
    pub fn check(&self, url: &str) -> Result<(), PageError> {
        if self.path == url {
            Ok(())
        } else {
            Err(PageError::Moved(url.to_owned()))
        }
    }

    /// A category or section as an entry of a list, without what stands below it.
    pub fn card(&self, node: &Node) -> Card {
        let default = &self.portal.default_locale;
        Card {
            name: node.name_in(&self.locale, default).to_owned(),
            url: urls::node_url(&self.portal, &self.locale, node),
            description: self.description(node),
            children: Vec::new(),
        }
    }

    /// What a category or section is about; empty when it does not say.
    pub fn description(&self, node: &Node) -> String {
        let text = node.description_in(&self.locale, &self.portal.default_locale);
        text.unwrap_or_default().to_owned()
    }

    /// The shell of a page with this title; `url_in` returns its address in another language.
    pub fn shell(&self, title: &str, url_in: impl Fn(&Locale) -> String) -> Shell {
        portal_shell(&self.ctx.viewer, &self.portal, &self.locale, title, url_in)
    }
}
