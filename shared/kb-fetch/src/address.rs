//! What may be asked, by its address alone.

use crate::allowed::Allowed;
use crate::fetch::FetchError;
use http::Uri;
use url::{Host, Url};

/// Whether an address may be asked, as far as it can be told without looking it up: https on its usual port, no user, and a name with a
/// dot. The parser of URLs makes a number of every spelling of one, and numbers are refused whole: nobody resolves them, so nobody would
/// look where they lead. Errors: [`FetchError::Forbidden`].
pub fn check(address: &Url) -> Result<(), FetchError> {
    let is_named = match address.host() {
        Some(Host::Domain(name)) => name.contains('.') && !name.ends_with('.'),
        _ => false,
    };
    let is_bare = address.username().is_empty() && address.password().is_none();
    if is_named && is_bare && address.scheme() == "https" && address.port().is_none() {
        Ok(())
    } else {
        Err(forbidden(address.host_str()))
    }
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The name, or the number of an exception; one of IPv6 in brackets.
    pub host: String,
    pub port: u16,
    pub is_https: bool,
    /// Whether it may lie inside.
    pub is_exception: bool,
}

impl Target {
    /// Errors: [`FetchError::Forbidden`].
    pub fn of(uri: &Uri, allowed: &Allowed) -> Result<Self, FetchError> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(forbidden(uri.host()));
        };
        let is_https = scheme == "https";
        let host = authority.host();
        let usual = if is_https { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(usual);
        let is_bare = !authority.as_str().contains('@');
        let is_exception = is_bare && (is_https || scheme == "http") && allowed.holds(host, port);
        if !is_exception {
            // The connection goes where `Uri` says, and it was `Url` that was checked: they must mean the same host.
            let url = Url::parse(&uri.to_string()).map_err(|_| forbidden(Some(host)))?;
            check(&url)?;
            if !is_bare || url.host_str() != Some(host.to_ascii_lowercase().as_str()) {
                return Err(forbidden(Some(host)));
            }
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            is_https,
            is_exception,
        })
    }

    /// The host without the brackets that an address of IPv6 has in a URL.
    pub fn bare_host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }
}

/// The rest of an address may be secret.
fn forbidden(host: Option<&str>) -> FetchError {
    FetchError::Forbidden(host.unwrap_or("an address without a host").to_owned())
}

#[cfg(test)]
mod tests;
