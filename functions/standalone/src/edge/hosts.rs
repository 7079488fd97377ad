//! Under which names the server answers.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use kb_http::{ProblemKind, PublicUrl, Rejection};
use std::net::IpAddr;

/// The names that lead here. A page of another site can have its own name looked up as an address of this machine, and then reads
/// what it likes; only the `Host` of the request tells.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    pub public: Option<PublicUrl>,
    /// Whether other machines reach it under names that nobody has told.
    pub any: bool,
}

impl Hosts {
    /// Errors: the request says no host, or one that is not known here. An address is always known: no other site has it as a name.
    pub(super) fn check(&self, headers: &HeaderMap, version: Version) -> Result<(), Rejection> {
        let refused = |kind, detail: &str| Err(Rejection::Request(kind, detail.to_owned()));
        let Some(host) = headers.get(header::HOST) else {
            return match version {
                Version::HTTP_11 => refused(ProblemKind::Malformed, "say the Host"),
                _ => Ok(()),
            };
        };
        let host = host.to_str().ok().and_then(|h| h.parse::<Authority>().ok());
        match host {
            Some(host) if self.any || self.knows(host.host()) => Ok(()),
            Some(_) => refused(
                ProblemKind::UnknownHost,
                "this server is not known by this name; if it should be, set public-url to its address",
            ),
            None => refused(ProblemKind::Malformed, "the Host cannot be read"),
        }
    }

    fn knows(&self, host: &str) -> bool {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok()
            || PublicUrl::parse(&format!("http://{name}")).is_ok_and(|url| url.is_local())
            || self.public.as_ref().is_some_and(|url| url.host() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(hosts: &Hosts, host: Option<&'static str>) -> u16 {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        let checked = hosts.check(&headers, Version::HTTP_11);
        checked.map_or_else(|e| e.kind().status(), |()| 200)
    }

    #[test]
    fn a_name_that_nobody_told_is_refused() {
        let local = Hosts {
            public: None,
            any: false,
        };
        for host in [
            "localhost:8600",
            "LOCALHOST",
            "127.0.0.1:8600",
            "[::1]:8600",
            "a.localhost",
            "192.168.1.7:8600",
        ] {
            assert_eq!(status(&local, Some(host)), 200, "{host}");
        }
        assert_eq!(status(&local, Some("evil.example:8600")), 421);
        assert_eq!(status(&local, Some("localhost.evil.example")), 421);
        assert_eq!(status(&local, Some("a b")), 400);
        assert_eq!(status(&local, None), 400);
        let public = Hosts {
            public: PublicUrl::parse("https://help.example").ok(),
            any: false,
        };
        assert_eq!(status(&public, Some("Help.Example.")), 200);
        assert_eq!(status(&public, Some("other.example")), 421);
        let open = Hosts {
            public: None,
            any: true,
        };
        assert_eq!(status(&open, Some("kb.internal:8600")), 200);
    }
}
