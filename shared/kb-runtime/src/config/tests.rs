use super::*;

fn resolve(
    flags: &[(&'static str, &str)],
    env: &[(&str, &str)],
    file: Option<&str>,
) -> Result<Config, Faults> {
    let env: BTreeMap<String, String> = env
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect();
    let layers = Layers {
        flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
        environment: &|name| env.get(name).cloned(),
        file: file.map(str::to_owned),
    };
    Config::resolve(Path::new("/data"), &layers)
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let file = Some("listen = \"127.0.0.1:1\"\nlog = \"warn\"");
    let all = resolve(
        &[("listen", "127.0.0.1:3")],
        &[("SIDENOTE_LISTEN", "127.0.0.1:2")],
        file,
    )
    .unwrap();
    assert_eq!(all.listen.port(), 3);
    assert_eq!(all.log, "warn");
    assert_eq!(
        resolve(&[], &[("SIDENOTE_LISTEN", "127.0.0.1:2")], file)
            .unwrap()
            .listen
            .port(),
        2
    );
    assert_eq!(resolve(&[], &[], file).unwrap().listen.port(), 1);
    assert_eq!(resolve(&[], &[], None).unwrap().listen.port(), 8600);
    let short = resolve(
        &[
            ("listen", "9000"),
            (
                "frame-ancestors",
                "'self',https://a.example https://b.example",
            ),
        ],
        &[],
        None,
    );
    let short = short.unwrap();
    assert_eq!(short.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(short.frame_ancestors.len(), 3);
    let sources: Vec<Source> = all.sources.iter().map(|(.., s)| *s).collect();
    assert_eq!(
        sources,
        [
            Source::Flag,
            Source::Default,
            Source::File,
            Source::Default,
            Source::Default,
            Source::Default,
            Source::Default,
            Source::Default
        ]
    );
}

#[test]
fn a_public_address_is_read_and_https_makes_cookies_secure() {
    let none = resolve(&[], &[], None).unwrap();
    assert_eq!((&none.public_url, none.secure_cookies), (&None, false));
    let (_, told, _) = &none.sources[1];
    assert_eq!(told, "http://localhost:8600");
    let https = resolve(&[("public-url", "https://help.example/")], &[], None).unwrap();
    assert!(https.secure_cookies);
    assert_eq!(https.public_url.unwrap().origin(), "https://help.example");
    let faults = resolve(&[("public-url", "help.example")], &[], None).unwrap_err();
    assert!(faults.0[0].starts_with("--public-url: "), "{faults}");
}

#[test]
fn the_sidebar_is_framed_by_origins_and_by_no_pattern() {
    let framed = |origins: &str| resolve(&[("frame-ancestors", origins)], &[], None);
    let good = framed("'self' https://acme.zendesk.com http://localhost:3000").unwrap();
    assert_eq!(good.frame_ancestors.len(), 3);
    for bad in [
        "*",
        "https:",
        "https://*",
        "https://*.zendesk.com",
        "https://acme.zendesk.com/agent",
        "'none'",
        "https://a.example;script-src",
        "acme.zendesk.com",
    ] {
        let faults = framed(bad).unwrap_err();
        assert!(faults.0[0].contains("frame-ancestors"), "{bad}: {faults}");
    }
}

#[test]
fn servers_inside_are_named_exactly() {
    let none = resolve(&[], &[], None).unwrap();
    assert_eq!(none.fetch_allow.to_string(), "");
    let file = Some("fetch-allow = \"keycloak.company.example:8443 127.0.0.1:9000\"");
    let named = resolve(&[], &[], file).unwrap();
    let told = named.fetch_allow.to_string();
    assert_eq!(told, "127.0.0.1:9000 keycloak.company.example:8443");
}

#[test]
fn all_faults_are_reported_together() {
    let faults = resolve(
        &[
            ("listen", "nowhere"),
            ("frame-ancestors", "https://ok.example; script-src *"),
        ],
        &[
            ("SIDENOTE_SECURE_COOKIES", "yes"),
            ("SIDENOTE_TRUSTED_PROXIES", "nginx"),
            ("SIDENOTE_RATE_LIMITS", "key=5/day"),
            ("SIDENOTE_FETCH_ALLOW", "*.company.example"),
        ],
        Some("colour = \"red\"\nlog = [1]"),
    )
    .unwrap_err();
    for word in [
        "listen",
        "frame-ancestors",
        "secure-cookies",
        "trusted-proxies",
        "rate-limits",
        "fetch-allow",
        "colour",
        "log",
    ] {
        assert!(
            faults.0.iter().any(|f| f.contains(word)),
            "{word}: {faults}"
        );
    }
}
