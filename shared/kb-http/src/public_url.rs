//! The address that readers know this server by.

use std::fmt;
use url::{Host, Url};

/// An http or https origin without a path: `https://help.example`. Links that leave the server, and the check of where a form comes
/// from, use it and never the `Host` of a request, which whoever sends it can choose.
///
/// As an extractor it is the setting `public-url`; where that is not set, the name under which the gateway was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    https: bool,
    is_local: bool,
}

impl PublicUrl {
    /// Reads an address. Errors: it is no http or https origin; the sentence says what one looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault =
            || format!("\"{text}\" is not an address without a path such as https://help.example");
        let url = Url::parse(text).map_err(|_| fault())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let (true, true, "http" | "https", Some(host)) = (bare, nobody, url.scheme(), url.host())
        else {
            return Err(fault());
        };
        // A pattern is no name, and what else a URL may hold there would be read as the next word of a header.
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if matches!(host, Host::Domain(name) if !name.chars().all(plain)) {
            return Err(fault());
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            is_local: match &host {
                Host::Domain(name) => is_loopback_name(name),
                Host::Ipv4(ip) => ip.is_loopback(),
                Host::Ipv6(ip) => ip.is_loopback(),
            },
            host: host.to_string(),
            https: url.scheme() == "https",
        })
    }

    /// The address of a server on this machine: `localhost`, since no browser takes a passkey for a number.
    pub fn local(port: u16) -> Self {
        Self {
            origin: format!("http://localhost:{port}"),
            host: "localhost".to_owned(),
            https: false,
            is_local: true,
        }
    }

    /// The origin, without a slash at its end, as a browser sends it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of a path, which begins with a slash.
    pub fn with(&self, path: &str) -> String {
        format!("{}{}", self.origin, crate::answer::location(path))
    }

    /// The name or number of the machine, in lower case; a number of IPv6 stands in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether readers reach it by https.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether a page of this origin is one of ours. On one machine every loopback name leads here, at the port of `host`, the
    /// `Host` of the request.
    pub fn is_own(&self, origin: &str, host: Option<&str>) -> bool {
        if origin == self.origin {
            return true;
        }
        let same_port = origin.strip_prefix("http://") == host;
        self.is_local && same_port && Self::parse(origin).is_ok_and(|o| o.is_local)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// Whether a name leads to this machine wherever it is looked up (RFC 6761).
fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_and_everything_else_is_named() {
        for (text, origin, https, local) in [
            ("https://Help.Example", "https://help.example", true, false),
            (
                "https://help.example:443/",
                "https://help.example",
                true,
                false,
            ),
            (
                "http://help.example:8080",
                "http://help.example:8080",
                false,
                false,
            ),
            (
                "http://127.0.0.1:8600",
                "http://127.0.0.1:8600",
                false,
                true,
            ),
            ("http://[::1]:8600", "http://[::1]:8600", false, true),
            (
                "http://localhost:8600",
                "http://localhost:8600",
                false,
                true,
            ),
            (
                "https://例子.example",
                "https://xn--fsqu00a.example",
                true,
                false,
            ),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!(
                (url.origin(), url.is_https(), url.is_local()),
                (origin, https, local),
                "{text}"
            );
        }
        for text in [
            "",
            "help.example",
            "ftp://help.example",
            "https://",
            "https://help.example/kb",
            "https://help.example?x",
            "https://help.example/#x",
            "https://me@help.example",
            "https://*.example",
            "https://a.example;b",
            "'self'",
        ] {
            let fault = PublicUrl::parse(text).unwrap_err();
            assert!(fault.contains("https://help.example"), "{text}: {fault}");
        }
        assert_eq!(
            PublicUrl::parse("http://localhost:8600"),
            Ok(PublicUrl::local(8600))
        );
    }

    #[test]
    fn only_pages_of_this_origin_are_ours_scheme_and_port_included() {
        let https = PublicUrl::parse("https://help.example").unwrap();
        assert!(https.is_own("https://help.example", Some("help.example")));
        for origin in [
            "http://help.example",
            "https://help.example:8443",
            "https://evil.example",
            "null",
            "",
        ] {
            assert!(!https.is_own(origin, Some("help.example")), "{origin}");
        }
        let local = PublicUrl::local(8600);
        for (origin, host) in [
            ("http://localhost:8600", "localhost:8600"),
            ("http://127.0.0.1:8600", "127.0.0.1:8600"),
            ("http://[::1]:8600", "[::1]:8600"),
        ] {
            assert!(local.is_own(origin, Some(host)), "{origin}");
        }
        for (origin, host) in [
            ("http://127.0.0.1:9", "127.0.0.1:8600"),
            ("https://127.0.0.1:8600", "127.0.0.1:8600"),
            ("http://evil.example:8600", "evil.example:8600"),
        ] {
            assert!(!local.is_own(origin, Some(host)), "{origin}");
        }
    }
}
