use super::*;

fn target(address: &str) -> Result<Target, FetchError> {
    Target::of(&address.parse().unwrap(), &Allowed::default())
}

#[test]
fn names_outside_are_asked() {
    for good in [
        "https://acme.zendesk.com/api/v2/help_center/articles.json?page=2",
        "https://ACME.Zendesk.com/",
        "https://acme.zendesk.com:443/",
        "https://xn--bcher-kva.example/",
        "https://a_b.example",
        "https://10.example/",
        "https://127.0.0.1.example/",
    ] {
        let found = target(good).unwrap();
        assert_eq!((found.port, found.is_https), (443, true), "{good}");
        assert!(!found.is_exception, "{good}");
        assert!(check(&good.parse().unwrap()).is_ok(), "{good}");
    }
}

#[test]
fn what_is_no_name_outside_is_refused() {
    for bad in [
        "http://acme.zendesk.com/",
        "ftp://acme.zendesk.com/",
        "https://localhost/",
        "https://intranet/",
        "https://acme.zendesk.com./",
        "https://acme.zendesk.com:8443/",
        "https://acme.zendesk.com:80/",
        "https://user@acme.zendesk.com/",
        "https://user:secret@acme.zendesk.com/",
        "https://acme.zendesk.com@evil.example/",
        "https://8.8.8.8/",
        "https://8.8.8.8./",
        "https://0x8.8.8.8/",
        "https://134744072/",
        "https://[2606:4700::1111]/",
        "https://[::ffff:8.8.8.8]/",
        "https://8.8.8.0x8/",
        "https://1.2.3.4.5/",
        "https://name.0x7f/",
    ] {
        assert!(target(bad).is_err(), "{bad}");
        let parsed = bad.parse::<Url>();
        assert!(parsed.is_err() || check(&parsed.unwrap()).is_err(), "{bad}");
    }
}

/// `Uri` says where the connection goes and `Url` is what is checked: what only one of them reads is asked by nobody.
#[test]
fn an_address_that_two_parsers_read_differently_is_refused() {
    let empty_user = "https://@acme.example/";
    assert!(check(&empty_user.parse().unwrap()).is_ok());
    assert!(target(empty_user).is_err());
    for encoded in ["https://ac%6de.example/", "https://äcme.example/"] {
        assert!(check(&encoded.parse().unwrap()).is_ok(), "{encoded}");
        assert!(encoded.parse::<Uri>().is_err(), "{encoded}");
    }
    for without_host in ["/articles", "acme.example:443"] {
        let refused = target(without_host);
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{without_host}"
        );
    }
}

#[test]
fn a_refusal_tells_nothing_of_the_rest_of_the_address() {
    let refused = target("https://user:secret@10.0.0.1/token?key=secret").unwrap_err();
    assert_eq!(refused, FetchError::Forbidden("10.0.0.1".to_owned()));
}

#[test]
fn an_exception_is_asked_at_its_port_by_both_schemes() {
    let allowed = Allowed::parse("127.0.0.1:9000 rt.company.example:8443 [::1]:80").unwrap();
    let target = |address: &str| Target::of(&address.parse().unwrap(), &allowed);
    for good in [
        "http://127.0.0.1:9000/",
        "https://127.0.0.1:9000/",
        "https://RT.company.example:8443/",
        "http://[::1]/",
    ] {
        assert!(target(good).unwrap().is_exception, "{good}");
    }
    assert_eq!(target("http://[::1]/").unwrap().bare_host(), "::1");
    for bad in [
        "http://127.0.0.1:9001/",
        "http://127.0.0.1/",
        "http://127.1:9000/",
        "http://2130706433:9000/",
        "http://[::ffff:127.0.0.1]:9000/",
        "http://user@127.0.0.1:9000/",
        "ftp://127.0.0.1:9000/",
        "http://rt.company.example/",
        "http://x.rt.company.example:8443/",
    ] {
        assert!(target(bad).is_err(), "{bad}");
    }
    // At its usual port the name is one like any other.
    assert!(!target("https://rt.company.example/").unwrap().is_exception);
}
