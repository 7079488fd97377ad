//! Where a request comes from, as far as it can be believed.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// The name of the header in which proxies say for whom they ask.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client, noted on a request by whatever took the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What is counted as one client: an address of IPv4, or the network of 64 bits that an address of IPv6 stands in, since whoever
    /// has one of its addresses has all of them.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks, separated by spaces. Errors: every one that is neither.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let (mut proxies, mut faults) = (Vec::new(), Vec::new());
        for word in text.split_whitespace() {
            let network = word.parse::<IpNet>();
            match network.or_else(|_| word.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => proxies.push(network),
                Err(_) => faults.push(format!(
                    "\"{word}\" is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/8"
                )),
            }
        }
        if faults.is_empty() {
            Ok(Self(proxies))
        } else {
            Err(faults)
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who asks: the peer, or the last address in the header that is no proxy of ours. What stands before it is what the client
    /// itself wrote.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter();
        let told: Vec<&str> = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .collect();
        for word in told.into_iter().rev() {
            if !self.trusts(client) {
                break;
            }
            match word.trim().parse::<IpAddr>() {
                Ok(next) => client = next.to_canonical(),
                Err(_) => break,
            }
        }
        ClientAddress(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, told: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in told {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies = TrustedProxies::parse(proxies).unwrap();
        proxies
            .client(peer.parse().unwrap(), &headers)
            .0
            .to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        assert_eq!(client("", "127.0.0.1", &["9.9.9.9"]), "127.0.0.1");
        let one = "127.0.0.1";
        assert_eq!(client(one, "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client(one, "127.0.0.1", &["9.9.9.9"]), "9.9.9.9");
        assert_eq!(client(one, "8.8.8.8", &["9.9.9.9"]), "8.8.8.8");
        assert_eq!(client(one, "127.0.0.1", &["1.1.1.1, 9.9.9.9"]), "9.9.9.9");
        assert_eq!(client(one, "127.0.0.1", &["1.1.1.1", "9.9.9.9"]), "9.9.9.9");
        assert_eq!(
            client(one, "127.0.0.1", &["9.9.9.9, nonsense"]),
            "127.0.0.1"
        );
        let chain = "127.0.0.1 10.0.0.0/8";
        assert_eq!(
            client(chain, "127.0.0.1", &["1.1.1.1, 9.9.9.9, 10.1.2.3"]),
            "9.9.9.9"
        );
        assert_eq!(client(chain, "::ffff:127.0.0.1", &["9.9.9.9"]), "9.9.9.9");
    }

    #[test]
    fn what_is_no_address_is_named() {
        let faults = TrustedProxies::parse("127.0.0.1 proxy 10.0.0.0/99").unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("proxy"));
    }

    #[test]
    fn an_address_of_ipv6_counts_with_its_network() {
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network();
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:9.9.9.9"), "9.9.9.9");
    }
}
