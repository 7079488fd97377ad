//! Case 86: the process is killed while several write and read; what was acknowledged is there, and nothing is half-visible.

use crate::harness::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};

/// Something that was acknowledged, with the word that names it.
enum Kept {
    Article(String, String),
    Text(String, String),
    Published(String, String),
    Ticket(String),
}

struct Base {
    corpus: String,
    key: String,
    home: Value,
}

fn base(data: &Path, folder: &Path) -> Base {
    let corpus = write_corpus(folder, 0);
    run(
        data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let key = key(data, "admin,suggest,read");
    let served = Served::start(data);
    let (_, portals) = served.get("/api/v1/portals", None);
    let portal = portals["items"][0]["id"].clone();
    let id = served.get("/api/v1/search?q=forgot", None).1["hits"][0]["article"].clone();
    let article = format!("/api/v1/articles/{}", id.as_str().unwrap());
    let (_, found) = served.get(&article, Some(&key));
    let section = found["home"]["section"].clone();
    Base {
        corpus,
        key,
        home: json!({"portal": portal, "section": section}),
    }
}

/// Writes until the program is gone; tells what was acknowledged.
fn write(base: &Base, address: &str, name: &str, told: &Sender<Kept>) -> Option<()> {
    let tell = |kept| told.send(kept).ok();
    let ask = |method: &str, path: &str, body: &Value, more: &str| {
        let (status, etag, json) = try_ask(
            address,
            method,
            path,
            Some(&base.key),
            Some(&body.to_string()),
            more,
        )?;
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {json}"
        );
        Some((etag, json))
    };
    for n in 0.. {
        let word = format!("{name}n{n}");
        let new = json!({"home": base.home, "audience": {"any": [{"level": "public"}]}, "source_locale": "en"});
        let (_, made) = ask("POST", "/api/v1/articles", &new, "")?;
        let article = made["id"].as_str()?.to_owned();
        tell(Kept::Article(word.clone(), article.clone()))?;
        let path = format!("/api/v1/articles/{article}/translations/en");
        let text = json!({"title": format!("About {word}"), "body": {"format": "markdown", "source": format!("The {word} waits.")}});
        let (etag, _) = ask("PUT", &path, &text, "")?;
        tell(Kept::Text(word.clone(), article.clone()))?;
        let if_match = format!("If-Match: {etag}\r\n");
        ask("POST", &format!("{path}/publish"), &json!({}), &if_match)?;
        tell(Kept::Published(word.clone(), article))?;
        ask(
            "POST",
            "/api/v1/tickets",
            &json!({"system": "load", "id": word, "subject": word}),
            "",
        )?;
        tell(Kept::Ticket(word))?;
    }
    None
}

/// Reads until the program is gone: what a search finds can be read.
fn read(address: &str, name: &str) -> Option<()> {
    for n in 0.. {
        let path = format!("/api/v1/search?q=about+{name}n{}", n % 20);
        let (status, _, found) = try_ask(address, "GET", &path, None, None, "")?;
        assert_eq!(status, 200, "{found}");
        for hit in found["hits"].as_array()?.iter().take(3) {
            let path = format!("/api/v1/articles/{}", hit["article"].as_str()?);
            let (status, _, _) = try_ask(address, "GET", &path, None, None, "")?;
            assert_eq!(status, 200, "{path}");
        }
    }
    None
}

fn check(served: &Served, base: &Base, kept: &[Kept]) {
    let key = Some(base.key.as_str());
    for kept in kept {
        match kept {
            Kept::Article(word, id) => {
                let (status, _) = served.get(&format!("/api/v1/articles/{id}"), key);
                assert_eq!(status, 200, "article {word}");
            }
            Kept::Text(word, id) => {
                let path = format!("/api/v1/articles/{id}/translations/en");
                let (status, text) = served.get(&path, key);
                assert_eq!(status, 200, "text of {word}");
                assert_eq!(text["title"], format!("About {word}"));
                assert_eq!(text["body"]["source"], format!("The {word} waits."));
            }
            Kept::Published(word, id) => {
                let (_, found) = served.get(&format!("/api/v1/search?q={word}"), None);
                assert_eq!(found["hits"][0]["article"], id.as_str(), "{word}: {found}");
            }
            Kept::Ticket(word) => {
                let (status, _) = served.get(&format!("/api/v1/tickets/load/{word}"), key);
                assert_eq!(status, 200, "ticket {word}");
            }
        }
    }
}

fn killed_load(rounds: u64) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let base = base(&data, folder.path());
    let mut all = 0;
    let mut served = Served::start(&data);
    for round in 0..rounds {
        let moment = 1 + round.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 60;
        let address = served.address.clone();
        let (told, heard) = channel();
        let kept = std::thread::scope(|threads| {
            for writer in ["a", "b", "c"] {
                let (told, base, address) = (told.clone(), &base, &address);
                let name = format!("kw{round}{writer}");
                threads.spawn(move || write(base, address, &name, &told));
            }
            drop(told);
            let name = format!("kw{round}a");
            let address = &address;
            threads.spawn(move || read(address, &name));
            let mut kept: Vec<Kept> = heard
                .iter()
                .take(usize::try_from(moment).unwrap())
                .collect();
            drop(served);
            // What was on its way had been acknowledged as well.
            kept.extend(heard);
            kept
        });
        assert!(
            kept.len() as u64 >= moment,
            "the writers stopped by themselves"
        );
        served = Served::start(&data);
        // The index catches up behind the start; an import, also of what is there already, ends when it has.
        let again = run(&data, &["import", &base.corpus, "--audience", "public"]);
        assert_eq!(last_line(&again)["unchanged"], 3);
        check(&served, &base, &kept);
        all += kept.len();
    }
    drop(served);
    // What was told of last is told of again after a kill; a command that ends by itself has heard it all.
    run(&data, &["import", &base.corpus, "--audience", "public"]);
    let healthy = last_line(&run(&data, &["doctor"]));
    assert_eq!(healthy["events"], 0, "{healthy}");
    run(&data, &["reindex"]);
    assert_eq!(
        last_line(&run(&data, &["doctor"])),
        healthy,
        "a new index holds what the old one held"
    );
    assert!(all as u64 >= rounds);
}

/// Two hundred rounds by `tests/long kills`.
#[test]
fn case_086_a_kill_under_load_loses_nothing_that_was_acknowledged() {
    killed_load(rounds(4));
}
