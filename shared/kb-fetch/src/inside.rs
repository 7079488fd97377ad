//! Which addresses are not of the public internet.

use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::LazyLock;

/// Networks of the registries of special addresses (RFC 6890 and its registries at IANA) that are not reached over the internet, and
/// those that carry an address of another network inside.
const INSIDE: [&str; 22] = [
    // This network, private, shared by a provider's customers, loopback, link-local with the metadata of clouds.
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    // Protocol assignments, documentation, relays of 6to4, benchmarks.
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    // What the hosts of Azure answer at to their guests; it is not announced anywhere.
    "168.63.129.16/32",
    // Multicast, reserved, broadcast.
    "224.0.0.0/3",
    // Of IPv6 all but global unicast, 2000::/3: loopback, mapped and translated IPv4 (::/8, 64:ff9b::), unique local, link-local,
    // multicast.
    "::/3",
    "4000::/2",
    "8000::/1",
    // Protocol assignments, Teredo among them; documentation; 6to4; documentation again.
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
];

/// Whether an address belongs to the machine, its network, its provider, or to nobody.
pub(crate) fn is_inside(address: IpAddr) -> bool {
    static NETWORKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
        let parse = |text: &&str| text.parse().expect("the list holds networks");
        INSIDE.iter().map(parse).collect()
    });
    NETWORKS.iter().any(|network| network.contains(&address))
}
