//! Case 39: no connection to an address inside, however it is named.

use super::super::*;
use super::peer::{Act, Peer, ok};
use super::world::{LIMITS, PUBLIC, World, get, idle, post};
use crate::address::check;
use crate::inside::is_inside;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::net::{IpAddr, Ipv4Addr};
use url::Url;

/// Written out, and not made from the list that they test.
const INSIDE_V4: &str = "0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.1.2.3 10.96.0.1 10.255.255.255
    100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.0 127.0.0.1 127.0.0.53 127.0.1.1 127.1.1.1 127.255.255.255
    168.63.129.16 169.254.0.0 169.254.0.1 169.254.169.123 169.254.169.253 169.254.169.254 169.254.170.2 169.254.170.23
    169.254.255.255 172.16.0.0 172.16.0.1 172.17.0.1 172.20.10.1 172.31.0.2 172.31.255.255 192.0.0.0 192.0.0.1 192.0.0.8
    192.0.0.170 192.0.0.171 192.0.0.192 192.0.0.255 192.0.2.0 192.0.2.1 192.0.2.255 192.88.99.0 192.88.99.1 192.88.99.255
    192.168.0.0 192.168.0.1 192.168.1.1 192.168.99.100 192.168.178.1 192.168.255.255 198.18.0.0 198.18.0.1 198.19.255.255
    198.51.100.0 198.51.100.1 198.51.100.255 203.0.113.0 203.0.113.1 203.0.113.255 224.0.0.0 224.0.0.1 224.0.0.251 232.1.2.3
    239.255.255.250 239.255.255.255 240.0.0.0 240.0.0.1 250.1.2.3 254.255.255.255 255.255.255.254 255.255.255.255";
const INSIDE_V6: &str = ":: ::1 ::2 ::7f00:1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:172.16.0.1 ::ffff:192.168.1.1 ::ffff:100.64.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::ffff:0:0 64:ff9b::
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1::1 64:ff9b:1::a00:1 100:: 100::1
    100:0:0:1::1 2001:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1
    2001:1ff:ffff::1 2001:db8:: 2001:db8::1 2001:db8:ffff:ffff::1 2002:: 2002:7f00:1:: 2002:7f00:1::1 2002:a00:1::
    2002:a9fe:a9fe:: 2002:c0a8:101::1 2002:808:808::1 3fff:: 3fff::1 3fff:fff:ffff::1 4000::1 5f00::1 8000::1 fc00:: fc00::1
    fd00::1 fd00:ec2::254 fd00:ec2::253 fd12:3456:789a::1 fdff:ffff:ffff:ffff::1 fe80:: fe80::1 fe80::a9fe:a9fe febf::1 fec0::1
    feff::1 ff00:: ff02::1 ff02::fb ff05::2 ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
/// The nearest neighbors of what is inside, and some that everybody knows.
const OUTSIDE: &str = "1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255
    128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0
    192.0.1.255 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255
    198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1
    2003::1 2600::1 2606:4700::1111 2a00:1450:4001::1 3ffe:ffff::1 3fff:1000::1";

fn inside() -> Vec<&'static str> {
    let all = INSIDE_V4
        .split_whitespace()
        .chain(INSIDE_V6.split_whitespace());
    let all: Vec<&str> = all.collect();
    assert!(all.len() >= 120, "{}", all.len());
    all
}

/// An address of IPv6 stands in brackets.
fn host(address: &str) -> String {
    if address.contains(':') {
        format!("[{address}]")
    } else {
        address.to_owned()
    }
}

async fn refused(client: &Outside, address: &str) {
    let answer = client.send(post(address, "x"), LIMITS).await;
    assert!(
        matches!(answer, Err(FetchError::Forbidden(_))),
        "{address}: {answer:?}"
    );
}

#[test]
fn what_lies_inside_is_told_from_what_lies_outside() {
    for address in inside() {
        assert!(is_inside(address.parse().unwrap()), "{address}");
    }
    for address in OUTSIDE.split_whitespace() {
        assert!(!is_inside(address.parse().unwrap()), "{address}");
    }
}

/// What the standard library knows is inside, is.
#[test]
fn the_list_holds_what_others_call_special() {
    let mut random = StdRng::seed_from_u64(39);
    let mut special = 0;
    for _ in 0..200_000 {
        let v4 = Ipv4Addr::from_bits(random.random());
        let is_special = v4.is_private()
            || v4.is_loopback()
            || v4.is_link_local()
            || v4.is_documentation()
            || v4.is_multicast()
            || v4.is_unspecified()
            || v4.octets()[0] >= 240;
        special += usize::from(is_special);
        assert!(!is_special || is_inside(v4.into()), "{v4}");
        assert!(is_inside(v4.to_ipv6_mapped().into()), "{v4}");
        assert!(is_inside(v4.to_ipv6_compatible().into()), "{v4}");
    }
    assert!(special > 10_000);
}

#[tokio::test]
async fn case_039_no_name_leads_inside() {
    let peer = Peer::new(Act::Close).await;
    let world = World::around(&peer);
    let client = world.client("");
    let v6 = "2606:4700::1111";
    for (n, address) in inside().into_iter().enumerate() {
        for (among, addresses) in [
            ("alone", vec![address]),
            ("first", vec![address, PUBLIC, v6]),
            ("last", vec![PUBLIC, v6, address]),
        ] {
            let name = format!("{among}-{n}.example");
            world.name(&name, &addresses);
            refused(&client, &format!("https://{name}/")).await;
        }
    }
    assert_eq!(peer.connections().await, 0);
    // The same way leads somewhere if all of them lie outside.
    world.name("outside.example", &[PUBLIC, v6]);
    let _ = client.send(get("https://outside.example/"), LIMITS).await;
    assert!(peer.connections().await > 0);
}

#[tokio::test]
async fn case_039_no_number_leads_anywhere() {
    let peer = Peer::new(Act::Keep(ok("inside"))).await;
    let client = World::around(&peer).client("");
    for address in inside().into_iter().chain(OUTSIDE.split_whitespace()) {
        refused(&client, &format!("https://{}/", host(address))).await;
        refused(&client, &format!("https://{}:443/x?y=z", host(address))).await;
        refused(&client, &format!("http://{}/", host(address))).await;
    }
    assert_eq!(peer.connections().await, 0);
}

/// Redirects to what the query names, and links to it.
fn misleading(request: &str) -> Vec<u8> {
    let (_, rest) = request.split_once("/?to=").unwrap();
    let to = rest.split(' ').next().unwrap();
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {to}\r\nLink: <{to}>; rel=\"next\"\r\nContent-Length: {}\r\n\r\n{to}",
        to.len()
    )
    .into_bytes()
}

/// What a partner answers is an address like any other once somebody follows it.
#[tokio::test]
async fn case_039_no_redirect_and_no_link_leads_inside() {
    let peer = Peer::new(Act::Make(misleading)).await;
    let world = World::around(&peer);
    world.name("partner.example", &[PUBLIC]);
    let client = world.client("partner.example:9000");
    for (n, address) in inside().into_iter().enumerate() {
        let name = format!("n{n}.example");
        world.name(&name, &[address]);
        for to in [
            format!("https://{}/", host(address)),
            format!("https://{name}/"),
        ] {
            let asked = get(&format!("http://partner.example:9000/?to={to}"));
            let answer = client.send(asked, LIMITS).await.unwrap();
            idle().await;
            assert_eq!(answer.status().as_u16(), 302);
            refused(&client, answer.headers()["location"].to_str().unwrap()).await;
            refused(&client, std::str::from_utf8(answer.body()).unwrap()).await;
        }
    }
    // That of the partner itself, kept from the first to the last.
    assert_eq!(peer.connections().await, 1);
    assert_eq!(world.dialed().len(), 1);
}

/// The address in IPv6: mapped, translated, tunneled.
fn within_v6(v4: Ipv4Addr, random: &mut StdRng) -> String {
    let [.., high, low] = v4.to_ipv6_mapped().segments();
    match random.random_range(0..6) {
        0 => format!("[::ffff:{v4}]"),
        1 => format!("[::FFFF:{high:x}:{low:X}]"),
        2 => format!("[0:0:0:0:0:ffff:{high:04x}:{low:04x}]"),
        3 => format!("[64:ff9b::{v4}]"),
        4 => format!("[2002:{high:x}:{low:x}::]"),
        _ => format!("[::{v4}]"),
    }
}

/// The address as `inet_aton` reads it: one to four parts, of which the last holds what is left, each to base 8, 10 or 16.
fn in_parts(v4: Ipv4Addr, dot: &str, random: &mut StdRng) -> String {
    let first = random.random_range(0..4);
    let last = v4.to_bits() & u32::MAX.checked_shr(8 * first).unwrap_or(0);
    let octets = v4.octets();
    let parts = octets[..first as usize].iter().map(|o| u32::from(*o));
    let number = |part: u32| match random.random_range(0..5) {
        0 => format!("0x{part:x}"),
        1 => format!("0X{part:02X}"),
        2 => format!("0{part:o}"),
        3 => format!("000{part:o}"),
        _ => part.to_string(),
    };
    let numbers: Vec<String> = parts.chain([last]).map(number).collect();
    numbers.join(dot)
}

/// Another character that is read as this digit.
fn restyled(digit: char, style: u32) -> String {
    let Some(value) = digit.to_digit(10) else {
        return digit.to_string();
    };
    let from = |zero: char| char::from_u32(zero as u32 + value).unwrap().to_string();
    match (style, value) {
        (0, _) => from('０'),
        (1, _) => from('𝟎'),
        (2, 0) => "⓪".to_owned(),
        (2, _) => char::from_u32('①' as u32 + value - 1).unwrap().to_string(),
        (3, _) => format!("%{:02x}", digit as u32),
        _ => digit.to_string(),
    }
}

/// Some way to write an address that some program reads as that.
fn spelled(v4: Ipv4Addr, random: &mut StdRng) -> String {
    if random.random_range(0..2) == 0 {
        return within_v6(v4, random);
    }
    let dot = [".", ".", ".", "。", "．", "｡", "%2e"][random.random_range(0..7)];
    let mut text = in_parts(v4, dot, random);
    if random.random_range(0..4) == 0 {
        text.push_str(dot);
    }
    let style = random.random_range(0..8);
    text.chars().map(|c| restyled(c, style)).collect()
}

#[tokio::test]
async fn case_039_no_spelling_of_a_number_passes() {
    let peer = Peer::new(Act::Keep(ok("inside"))).await;
    let world = World::around(&peer);
    let client = world.client("");
    let mut random = StdRng::seed_from_u64(120);
    let known: Vec<Ipv4Addr> = INSIDE_V4
        .split_whitespace()
        .map(|a| a.parse().unwrap())
        .collect();
    let (mut read_by_both, mut read_as_a_number) = (0, 0);
    for n in 0..20_000 {
        let v4 = if n % 2 == 0 {
            known[random.random_range(0..known.len())]
        } else {
            Ipv4Addr::from_bits(random.random())
        };
        let address = format!("https://{}/", spelled(v4, &mut random));
        // What neither parser reads cannot be asked for.
        let url = address.parse::<Url>();
        if let Ok(url) = &url {
            assert!(check(url).is_err(), "{address}");
            let host = url.host_str().unwrap().trim_matches(['[', ']']);
            read_as_a_number += usize::from(host.parse::<IpAddr>().is_ok());
        }
        if address.parse::<http::Uri>().is_ok() {
            refused(&client, &address).await;
            read_by_both += usize::from(url.is_ok());
        }
    }
    assert!(
        read_by_both > 8_000 && read_as_a_number > 15_000,
        "{read_by_both} {read_as_a_number}"
    );
    assert_eq!(world.dialed(), []);
    assert_eq!(peer.connections().await, 0);
}
