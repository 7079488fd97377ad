//! Cases 33 and 34: what may be sent and asked that no form sends. Every answer is one of the problems, within bounded work.

use crate::harness::{client, indexer};
use futures::StreamExt;
use kb_actions::comments;
use kb_domain::{Audience, CommentDraft, Comments, Kind};
use kb_http::{Operation, OperationKind};
use kb_testkit::{Answered, Client, Persona, Text, World};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A base with an article, and a client that may do everything.
async fn base(seed: u64) -> (World, Client, impl Fn(&str) -> String) {
    let mut world = World::new(seed);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = Text::en(
        "The heron manual",
        "A heron stands in the water and not on the plan.",
    );
    let article = world
        .article(
            (&portal, section),
            Kind::Explicit,
            "guide",
            Audience::public(),
            &[text],
        )
        .await;
    world.set_comments(portal.id, Comments::On).await;
    let ctx = world.ctx(Persona::Admin).await;
    let draft = CommentDraft {
        text: "It does not.".to_owned(),
        points_out_error: false,
    };
    let (kb, locale) = (&world.kb, &article.source_locale);
    let posted = comments::post(kb, &ctx, &article, locale, draft).await;
    let comment = world.commit(posted.unwrap()).await.value.id.to_string();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    // A program may not do everything: it has no vote.
    let admin = client(&world).session(&world.session(Persona::Admin, &[]).await);
    let (article, portal, section) = (
        article.id.to_string(),
        portal.id.to_string(),
        section.to_string(),
    );
    let fill = move |path: &str| {
        let known = [
            ("article", article.as_str()),
            ("comment", &comment),
            ("portal", &portal),
            ("section", &section),
            ("locale", "en"),
            ("person", "usr_00000000000000000000000000"),
            ("key", "key_00000000000000000000000000"),
            ("connection", "con_00000000000000000000000000"),
            ("id", "sgn_00000000000000000000000000"),
        ];
        let filled = known.iter().fold(path.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        // Whatever else a path names is not there.
        filled
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    };
    (world, admin, fill)
}

fn is_problem(answer: &Answered, asked: &str) {
    let json = answer.json();
    assert!(
        (400..500).contains(&answer.status),
        "{asked}: {} {}",
        answer.status,
        answer.text
    );
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{asked}: {}",
        answer.text
    );
    let detail = json["detail"].as_str().unwrap_or_default();
    assert!(
        json["type"]
            .as_str()
            .unwrap_or_default()
            .starts_with("/problems/")
            && !detail.is_empty(),
        "{asked}: {}",
        answer.text
    );
    // What is wrong is said in a sentence, not by sending everything back.
    assert!(
        answer.text.len() < 4_000,
        "{asked}: {} bytes",
        answer.text.len()
    );
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let long = "x".repeat(900_000);
    vec![
        ("nothing", Vec::new()),
        ("no JSON", b"<html>".to_vec()),
        ("depth", [b"[".repeat(10_000), b"]".repeat(10_000)].concat()),
        ("depth in an object", [b"{\"a\":".repeat(10_000), b"1".to_vec(), b"}".repeat(10_000)].concat()),
        ("unclosed depth", b"{\"a\":[".repeat(50_000)),
        ("a key twice", b"{\"title\":\"a\",\"title\":\"b\"}".to_vec()),
        ("a key twice, spelled otherwise", b"{\"title\":\"a\",\"t\\u0069tle\":\"b\"}".to_vec()),
        ("a huge number", b"{\"position\":1e400,\"limit\":1e400}".to_vec()),
        ("a long number", format!("{{\"position\":{},\"limit\":1}}", "9".repeat(5_000)).into_bytes()),
        ("a negative number", b"{\"position\":-1,\"limit\":-1}".to_vec()),
        ("half a pair", b"{\"title\":\"\\ud800\",\"summary\":\"x\"}".to_vec()),
        ("the other half", b"{\"title\":\"\\udc00\\ud800\"}".to_vec()),
        ("null in a list", b"{\"labels\":[null],\"tags\":[null],\"locales\":[null]}".to_vec()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("wrong types", b"{\"title\":7,\"body\":\"text\",\"ticket\":[],\"name\":1,\"handle\":{},\"action\":true}".to_vec()),
        ("unknown fields", b"{\"__proto__\":{},\"constructor\":1,\"role\":\"admin\"}".to_vec()),
        ("cut off", b"{\"title\":\"a".to_vec()),
        ("something behind", b"{} {}".to_vec()),
        ("a mark in front", b"\xef\xbb\xbf{}".to_vec()),
        ("not UTF-8", b"{\"title\":\"\xff\xfe\"}".to_vec()),
        ("UTF-16", "{\"title\":\"a\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a NUL", b"{\"title\":\"a\0b\"}".to_vec()),
        ("a long key", format!("{{\"{long}\":1}}").into_bytes()),
        ("a long wrong value", format!("{{\"position\":\"{long}\",\"kind\":\"{long}\",\"limit\":\"{long}\"}}").into_bytes()),
        ("a comment", b"{/* */}".to_vec()),
    ]
}

fn with_body() -> Vec<Operation> {
    let routes = sidenote::commands::routes();
    let all = routes
        .operations()
        .iter()
        .filter(|o| o.body.is_some())
        .cloned();
    all.collect()
}

#[tokio::test]
async fn case_033_no_json_is_stranger_than_a_problem() {
    let (_world, admin, fill) = base(33).await;
    let operations = with_body();
    assert!(operations.len() >= 8, "{}", operations.len());
    for operation in operations {
        let path = fill(operation.path);
        for (name, body) in bodies() {
            let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
            let answer = admin
                .send(operation.method.as_str(), &path, &headers, body)
                .await;
            is_problem(&answer, &format!("{} {path} with {name}", operation.method));
        }
        // What is not JSON by its type is not read as JSON, and the other way round.
        for (content_type, body, status) in [
            ("text/html", "{}", 415),
            ("text/plain", "{\"title\":\"a\"}", 415),
            ("application/x-www-form-urlencoded", "title=a", 415),
            ("application/jsonp", "{}", 415),
            ("application/json; charset=utf-16", "<html>", 400),
        ] {
            let headers = [("content-type", content_type), ("if-match", "\"1\"")];
            let answer = admin
                .send(operation.method.as_str(), &path, &headers, body)
                .await;
            is_problem(&answer, &format!("{path} as {content_type}"));
            assert_eq!(answer.status, status, "{path} as {content_type}");
        }
    }
}

#[tokio::test]
async fn case_033_a_body_of_a_hundred_megabytes_is_refused_before_it_is_read() {
    let (_world, admin, fill) = base(34).await;
    for operation in with_body() {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = sent.clone();
        let chunk = vec![b' '; 64 * 1_024];
        let chunks = futures::stream::iter(0..1_600).map(move |_| {
            counted.fetch_add(chunk.len(), Ordering::Relaxed);
            Ok::<_, std::io::Error>(chunk.clone())
        });
        let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
        let body = axum::body::Body::from_stream(chunks);
        let answer = admin
            .send(
                operation.method.as_str(),
                &fill(operation.path),
                &headers,
                body,
            )
            .await;
        is_problem(&answer, operation.path);
        assert_eq!(answer.status, 413, "{}", operation.path);
        assert!(
            sent.load(Ordering::Relaxed) < 1_200_000,
            "{} bytes of {}",
            sent.load(Ordering::Relaxed),
            operation.path
        );
    }
}

#[tokio::test]
async fn case_034_what_is_typed_is_text_and_what_filters_is_checked() {
    let (_world, admin, _) = base(35).await;
    // An address holds 65,534 bytes; longer ones end before they are ours.
    let many = (0..10_000).map(|n| format!("{n:x} ")).collect::<String>();
    for typed in [
        "title:heron",
        "heron AND NOT plan",
        "\"heron",
        "heron\"",
        "(heron",
        "heron)",
        "*heron",
        "heron*",
        "heron~2^9",
        "+heron -plan",
        "[heron TO plan]",
        "{heron TO *}",
        "heron && plan",
        "!heron",
        "_exists_:heron",
        "heron\\",
        "heron'; DROP TABLE x; --",
        "${heron}",
        "{{heron}}",
        "<heron>",
        "heron\0",
        "heron\u{202e}",
        "h\u{e9}ron heron",
        "heron\u{200b}",
        "heron 🦢",
    ] {
        let found = ask(&admin, typed).await;
        assert_eq!(
            (found.status, &found.json()["hits"][0]["title"]),
            (200, &"The heron manual".into()),
            "{typed}"
        );
    }
    for typed in [
        "",
        " ",
        "\0",
        "***",
        "\"\"",
        "((((",
        "-",
        "AND",
        "。？！",
        "\u{202e}",
        "🦢",
        "\u{fffd}",
        &many,
        &"a".repeat(60_000),
        &"鹭".repeat(6_000),
        &"(".repeat(20_000),
    ] {
        let status = if typed.chars().count() > 2_000 {
            400
        } else {
            200
        };
        let found = ask(&admin, typed).await;
        assert_eq!(
            found.status,
            status,
            "{} characters from {:?}",
            typed.len(),
            typed.chars().next()
        );
        assert!(found.text.len() < 20_000);
        let page = admin
            .get(&format!("/help/en/search?q={}", encoded(typed)))
            .await;
        assert_eq!(page.status, status);
    }
    for (query, status) in [
        ("q=%ff", 200),
        ("q=%ed%a0%80", 200),
        ("q=a&q=b", 400),
        ("q[]=a", 400),
        ("nonsense=1", 400),
        ("locale=klingon-x", 400),
        ("locale=", 400),
        ("locale=../../etc", 400),
        ("lang=%00", 400),
        ("kind=secret", 400),
        ("kind=explicit,,tacit", 200),
        ("type=A%20B", 400),
        ("type=none", 200),
        ("label=a%0ab", 200),
        ("label=%22%20OR%20%221%22=%221", 200),
        ("section=x&portal=help", 400),
        ("section=sec_7", 400),
        ("portal=nowhere", 404),
        ("portal=prt_7", 404),
        ("limit=-1", 400),
        ("limit=1.5", 400),
        ("limit=99999999999999999999", 400),
        ("limit=NaN", 400),
        ("offset=-1", 400),
        ("offset=x", 400),
        ("locale=tlh", 200),
        ("lang=tlh", 200),
        ("locale=zh-TW", 200),
        ("locale=EN-us", 200),
    ] {
        let answer = admin.get(&format!("/api/v1/search?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        if status != 200 {
            is_problem(&answer, query);
        }
    }
}

/// What was typed, as a form sends it.
fn encoded(typed: &str) -> String {
    utf8_percent_encode(typed, NON_ALPHANUMERIC)
        .to_string()
        .replace("%20", "+")
}

async fn ask(client: &Client, typed: &str) -> Answered {
    client
        .get(&format!("/api/v1/search?q={}", encoded(typed)))
        .await
}

#[tokio::test]
async fn case_034_ids_of_no_form_name_nothing() {
    let (_world, admin, _) = base(36).await;
    let routes = sidenote::commands::routes();
    let operations = routes
        .operations()
        .iter()
        .filter(|o| is(o, OperationKind::Api));
    for operation in operations {
        for id in [
            "x",
            "art_7",
            "art_zzzzzzzzzzzzzzzzzzzzzzzzzz",
            "..",
            "%2e%2e%2f",
            "%00",
            "%ff",
            "%0d%0aX-A:1",
            "null",
            &"a".repeat(5_000),
            "🦢",
        ] {
            let id = if id.is_ascii() {
                id.to_owned()
            } else {
                utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
            };
            let parts = operation.path.split('/').map(|part| {
                if part.starts_with('{') {
                    id.as_str()
                } else {
                    part
                }
            });
            let path = parts.collect::<Vec<_>>().join("/");
            let answer = admin.get(&path).await;
            is_problem(&answer, &path);
            assert!(
                matches!(answer.status, 400 | 404),
                "{path}: {}",
                answer.status
            );
            assert_eq!(answer.header("x-a"), "");
        }
    }
    let pages = routes
        .operations()
        .iter()
        .filter(|o| is(o, OperationKind::Page));
    for page in pages {
        for id in [
            "x",
            "..",
            "%2e%2e",
            "%00",
            "%ff",
            "%0d%0aX-A:1",
            "00000000",
            &"a".repeat(5_000),
        ] {
            let parts = page
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { id } else { part });
            let path = parts.collect::<Vec<_>>().join("/");
            let answer = admin.get(&path).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            assert_eq!(answer.header("x-a"), "", "{path}");
            assert!(!answer.header("location").starts_with("//"), "{path}");
        }
    }
}

/// Whether an operation is of this kind and reads what its path names.
fn is(operation: &Operation, kind: OperationKind) -> bool {
    operation.kind == kind && operation.method == "GET" && operation.path.contains('{')
}
