//! What stands around every answer: whether the server is ready, what may be kept, what crawlers find, and what is refused.

use crate::crawl::crawl;
use crate::harness::{client, indexer};
use kb_domain::{Article, Audience, Kind};
use kb_http::PublicUrl;
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Persona, Text, World};
use serde_json::json;

/// A public portal with an article in two languages, a hidden article beside it, and a portal that only employees enter.
async fn base(seed: u64) -> (World, Client, Article, Article) {
    let mut world = World::new(seed);
    world.settings.public_url = PublicUrl::parse("https://help.example").ok();
    let (portal, section) = world.portal("help", Audience::public()).await;
    let (staff, inner) = world.portal("staff", "employees".parse().unwrap()).await;
    let texts = [
        Text::en("Heron", "It stands."),
        Text::of("zh-Hans", "鹭", "鹭站着。"),
    ];
    let seen = (&portal, section);
    let shown = world.article(seen, Kind::Explicit, "guide", Audience::public(), &texts);
    let shown = shown.await;
    let hidden = "employees".parse::<Audience>().unwrap();
    let texts = [Text::en("Porcupine", "Only here.")];
    let secret = world.article(seen, Kind::Explicit, "guide", hidden.clone(), &texts);
    let secret = secret.await;
    let within = (&staff, inner);
    world
        .article(
            within,
            Kind::Explicit,
            "guide",
            hidden,
            &[Text::en("Badger", "Inside.")],
        )
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let nobody = client(&world);
    (world, nobody, shown, secret)
}

#[tokio::test]
async fn whoever_watches_is_told_whether_the_process_lives_and_the_engines_answer() {
    let (world, nobody, ..) = base(41).await;
    for path in ["/healthz", "/health"] {
        let answer = nobody.get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok"), "{path}");
    }
    let ready = nobody.get("/readyz").await;
    assert_eq!(ready.status, 200, "{ready:?}");
    let told = ready.json();
    assert_eq!(told["ready"], true);
    for engine in ["table main", "table log", "index", "writes"] {
        assert_eq!(told["engines"][engine], "answers", "{told}");
    }
    world.leave_unindexed();
}

#[tokio::test]
async fn crawlers_find_what_everybody_may_read_and_nothing_else_whoever_asks() {
    let (world, nobody, shown, secret) = base(42).await;
    let robots = nobody.get("/robots.txt").await;
    assert!(
        robots
            .text
            .contains("Sitemap: https://help.example/sitemap.xml\n"),
        "{robots:?}"
    );
    let staff = nobody.session(&world.session(Persona::Employee, &[]).await);
    for reader in [&nobody, &staff] {
        let crawled = crawl(reader).await;
        let (walked, addresses) = (crawled.lists.len(), crawled.pages);
        // robots.txt, an index, and each language with its section.
        assert!(walked > 5, "{walked}");
        let key = shown.key.to_string();
        let articles: Vec<&String> = addresses.iter().filter(|a| a.contains(&key)).collect();
        assert_eq!(articles.len(), 2, "{addresses:?}");
        for address in &addresses {
            assert_eq!(nobody.get(address).await.status, 200, "{address}");
            let hidden = [secret.key.to_string(), "staff".into(), "orcupine".into()];
            assert!(!hidden.iter().any(|h| address.contains(h)), "{address}");
        }
    }
    for list in [
        "/staff/en/sitemap.xml",
        "/help/fr/sitemap.xml",
        "/help/en/sections/x/sitemap.xml",
    ] {
        assert_eq!(staff.get(list).await.status, 404, "{list}");
    }
    world.leave_unindexed();
}

#[tokio::test]
async fn a_page_that_the_reader_has_is_not_sent_again_until_it_changes() {
    let (mut world, nobody, shown, _) = base(43).await;
    let url = format!("/help/en/articles/{}-heron", shown.key);
    let page = nobody.get(&url).await;
    let etag = page.header("etag").to_owned();
    assert!(etag.starts_with("W/\""), "{:?}", page.headers);
    assert_eq!(page.header("cache-control"), "private, no-cache");
    for known in [
        etag.clone(),
        format!("\"x\", {etag}"),
        etag.replace("W/", ""),
        "*".to_owned(),
    ] {
        let again = nobody
            .send("GET", &url, &[("if-none-match", &known)], "")
            .await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{known}");
        assert_eq!(again.header("etag"), etag);
        assert_eq!(again.header("cache-control"), "private, no-cache");
    }
    // Who is signed in sees another page, and has none of nobody's.
    let reader = nobody.session(&world.session(Persona::Employee, &[]).await);
    let own = reader
        .send("GET", &url, &[("if-none-match", &etag)], "")
        .await;
    assert_eq!(own.status, 200);
    world
        .publish(shown.id, &Text::en("Heron", "It flies."))
        .await
        .unwrap();
    let changed = nobody
        .send("GET", &url, &[("if-none-match", &etag)], "")
        .await;
    assert_eq!(changed.status, 200);
    assert!(changed.text.contains("It flies."));
    world.leave_unindexed();
}

#[tokio::test]
async fn a_change_is_made_for_the_version_that_a_proxy_gave_back_in_its_own_form() {
    let (world, nobody, shown, _) = base(44).await;
    let admin = nobody.bearer(&world.key(&[KeyScope::Admin]).await);
    let path = format!("/api/v1/articles/{}/translations/en", shown.id);
    let text = json!({"title": "Heron", "body": {"format": "markdown", "source": "It stands."}});
    let forms: [fn(&str) -> String; 3] = [
        |e| format!("W/{e}"),
        |_| "*".to_owned(),
        |e| format!("\"1\", {e}"),
    ];
    for form in forms {
        let etag = admin.get(&path).await.header("etag").to_owned();
        let sent = admin
            .json("PUT", &path, &[("if-match", &form(&etag))], &text)
            .await;
        assert_eq!(sent.status, 200, "{sent:?}");
    }
    let etag = admin.get(&path).await.header("etag").to_owned();
    for known in ["*", &etag, &format!("W/{etag}")] {
        let again = admin
            .send("GET", &path, &[("if-none-match", known)], "")
            .await;
        assert_eq!(again.status, 304, "{known}");
    }
    let stale = admin
        .json("PUT", &path, &[("if-match", "W/\"1\"")], &text)
        .await;
    assert_eq!(stale.status, 412);
    let only_new = admin
        .json("PUT", &path, &[("if-none-match", "*")], &text)
        .await;
    assert_eq!(only_new.status, 412, "{only_new:?}");
    let none = admin.json("PUT", &path, &[], &text).await;
    assert_eq!(none.status, 428);
    world.leave_unindexed();
}

#[tokio::test]
async fn case_019_a_redirect_is_kept_by_nobody() {
    let (world, nobody, _, secret) = base(45).await;
    let staff = nobody.session(&world.session(Persona::Employee, &[]).await);
    for (client, path) in [
        (&nobody, "/".to_owned()),
        (&nobody, "/help".to_owned()),
        (&staff, format!("/help/en/articles/{}", secret.key)),
    ] {
        let moved = client.get(&path).await;
        assert!((300..400).contains(&moved.status), "{path}");
        assert_eq!(moved.header("cache-control"), "private, no-store", "{path}");
    }
    world.leave_unindexed();
}

#[tokio::test]
async fn what_must_stand_once_is_refused_twice_and_a_scheme_is_read_in_any_case() {
    let (mut world, nobody, ..) = base(46).await;
    let key = world.key(&[KeyScope::Read]).await;
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let value = format!("{scheme} {key}");
        let answer = nobody
            .send("GET", "/api/v1/portals", &[("authorization", &value)], "")
            .await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
    for (name, value) in [
        ("host", "evil.example"),
        ("authorization", "Bearer x"),
        ("origin", "https://a.example"),
    ] {
        let twice = nobody.send_twice("/api/v1/portals", name, value).await;
        assert_eq!(twice.status, 400, "{name}");
        assert!(twice.text.contains(name), "{twice:?}");
    }
    assert_eq!(
        nobody.get("/").await.header("strict-transport-security"),
        ""
    );
    world.settings.secure_cookies = true;
    let https = client(&world).get("/").await;
    assert!(
        https
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
    world.leave_unindexed();
}

#[tokio::test]
async fn long_texts_are_compressed_where_that_tells_nothing() {
    let (world, nobody, shown, _) = base(47).await;
    let admin = nobody.bearer(&world.key(&[KeyScope::Admin]).await);
    let encoding = async |client: &Client, path: &str| {
        let answer = client
            .send("GET", path, &[("accept-encoding", "br, gzip")], "")
            .await;
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer.header("content-encoding").to_owned()
    };
    assert_eq!(encoding(&nobody, "/help/en/").await, "gzip");
    assert_eq!(encoding(&nobody, "/healthz").await, "");
    // Its ETag names one row of bytes.
    let path = format!("/api/v1/articles/{}/translations/en", shown.id);
    assert_eq!(encoding(&admin, &path).await, "");
    let plain = nobody.get("/help/en/").await;
    assert!(
        plain.text.contains("<html"),
        "nobody asked for another encoding"
    );
    world.leave_unindexed();
}

async fn breaks() -> &'static str {
    panic!("the secret of the handler")
}

#[tokio::test]
async fn case_100_a_panic_is_a_500_with_its_request_id_and_the_next_request_is_answered() {
    let world = World::new(48);
    let routes = axum::Router::new()
        .route("/api/v1/breaks", axum::routing::get(breaks))
        .route("/breaks", axum::routing::get(breaks));
    let nobody = Client::new(kb_http::finish(routes, world.deps()));
    for path in ["/api/v1/breaks", "/breaks"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status, 500, "{path}");
        let id = answer.header("x-request-id");
        let is_page = !path.starts_with("/api");
        assert!(id.len() == 32, "{answer:?}");
        assert_eq!(answer.text.contains(id), is_page, "{answer:?}");
        for word in ["secret", "panic", ".rs:", "/src/"] {
            assert!(!answer.text.contains(word), "{path}: {}", answer.text);
        }
        assert_eq!(nobody.get("/healthz").await.status, 200);
    }
    world.leave_unindexed();
}
