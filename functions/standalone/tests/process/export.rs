//! Everything is taken out beside a running `serve`, and comes back into an empty base.

use crate::harness::*;
use serde_json::{Value, json};
use std::path::Path;

/// Every file below a folder, by its path.
fn files(root: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (std::collections::BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for child in std::fs::read_dir(folder).unwrap() {
            let path = child.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy();
                found.insert(name.into_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A base with two languages, three formats, a later draft, an article out of use, an empty category and rights.
fn varied_base(folder: &Path, served: &Served, data: &Path) -> String {
    let docs = folder.join("docs");
    for (name, text) in [
        (
            "en/account/sign-in/reset.md",
            "---\ntitle: Reset your password\ntype: troubleshooting\nkind: implicit\nlabels: [product:vpn, howto]\nredirect_from: [/old/reset]\nposition: 4\n---\nSee [codes](codes.html).\n",
        ),
        (
            "zh-CN/account/sign-in/reset.md",
            "---\ntitle: 重置密码\n---\n打开登录页。\n",
        ),
        (
            "en/account/sign-in/codes.html",
            "<h1>Codes</h1><p>Numbers.</p>",
        ),
        (
            "en/account/sign-in/codes-again.html",
            "<h1>Codes</h1><p>Other numbers.</p>",
        ),
        ("en/billing/fees.txt", "The porcupine pays."),
        (
            "en/billing/rules.md",
            "---\ntitle: Rules\naudience: agents\ndraft: true\n---\nNot yet.\n",
        ),
    ] {
        let path = docs.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = run(
        data,
        &[
            "import",
            docs.to_str().unwrap(),
            "--audience",
            "public",
            "--activate",
        ],
    );
    assert_eq!(last_line(&output)["created"], 6);
    let admin = key(data, "admin");
    let find = |word: &str| {
        let found = served
            .get(&format!("/api/v1/search?q={word}"), Some(&admin))
            .1;
        found["hits"][0]["article"].as_str().unwrap().to_owned()
    };
    // A draft behind a live text, whose bytes no reader of front matter may touch.
    let reset = format!("/api/v1/articles/{}/translations/en", find("reset"));
    let (_, etag, _) = served.ask("GET", &reset, Some(&admin), None, "");
    let draft =
        json!({"title": "Reset your password", "body": {"format": "markdown", "source": TRICKY}});
    let put = served.ask(
        "PUT",
        &reset,
        Some(&admin),
        Some(&draft.to_string()),
        &format!("If-Match: {etag}\r\n"),
    );
    assert_eq!(put.0, 200, "{}", put.2);
    let fees = format!("/api/v1/articles/{}", find("porcupine"));
    let (_, etag, head) = served.ask("GET", &fees, Some(&admin), None, "");
    let archived = served.ask(
        "POST",
        &format!("{fees}/archive"),
        Some(&admin),
        None,
        &format!("If-Match: {etag}\r\n"),
    );
    assert_eq!(archived.0, 200);
    let portal = head["home"]["portal"].as_str().unwrap();
    let empty = json!({"name": {"en": "Empty", "zh-Hans": "空的"}});
    assert_eq!(
        served
            .post(
                &format!("/api/v1/portals/{portal}/sections"),
                &admin,
                &empty
            )
            .0,
        201
    );
    admin
}

const TRICKY: &str =
    "\u{feff}---\ntitle: not a title\n---\r\n# A heading\n\n{% raw %}\u{200b}ﬁ\u{301}\t \n\n\n";

/// Head and texts of an article as an admin reads them, without what another base gives anew.
fn comparable(served: &Served, admin: &str, id: &str) -> Value {
    let (_, head) = served.get(&format!("/api/v1/articles/{id}"), Some(admin));
    let mut texts = Vec::new();
    for translation in head["translations"].as_array().unwrap() {
        for which in ["live", "working"] {
            let locale = translation["locale"].as_str().unwrap();
            let path = format!("/api/v1/articles/{id}/translations/{locale}?revision={which}");
            let (status, text) = served.get(&path, Some(admin));
            texts.push(json!([
                locale,
                which,
                status,
                text["title"],
                text["summary"],
                text["body"],
                text["lifecycle"]
            ]));
        }
    }
    json!([
        head["kind"],
        head["type"],
        head["audience"],
        head["labels"],
        head["source_locale"],
        head["state"],
        head["external"],
        head["placements"][0]["position"],
        texts
    ])
}

/// What stands in the records of an export: articles by their external id, with the ids that they have there.
fn ids_of(export: &Path) -> std::collections::BTreeMap<String, String> {
    let records = std::fs::read_to_string(export.join("records.jsonl")).unwrap();
    let records = records
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    records
        .filter(|r| r["record"] == "article")
        .map(|r| {
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            (
                text(&r["article"]["external"]["id"]),
                text(&r["article"]["id"]),
            )
        })
        .collect()
}

/// Three readers vote on the article about passwords, and one on that about codes.
fn vote_on_everything(served: &Served) {
    for (word, body) in [
        ("reset", json!({"value": "yes"})),
        ("reset", json!({"value": "no", "reason": "unclear"})),
        (
            "reset",
            json!({"value": "no", "text": "Wie bitte?", "locale": "zh-Hans"}),
        ),
        ("codes", json!({"value": "yes"})),
    ] {
        let found = served.get(&format!("/api/v1/search?q={word}"), None).1;
        let id = found["hits"][0]["article"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/articles/{id}/vote");
        let voted = served.ask("PUT", &path, None, Some(&body.to_string()), "");
        assert_eq!(voted.0, 200, "{}", voted.2);
    }
}

/// A comment on the article about passwords, in two lines, and a hidden one.
fn comment(served: &Served, admin: &str, data: &Path) {
    let (_, head) = served.get("/api/v1/portals", Some(admin));
    let portal = head["items"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/portals/{portal}");
    let (_, etag, _) = served.ask("GET", &path, Some(admin), None, "");
    let etag = format!("If-Match: {etag}\r\n");
    let on = served.ask(
        "PATCH",
        &path,
        Some(admin),
        Some("{\"comments\":\"on\"}"),
        &etag,
    );
    assert_eq!(on.0, 200, "{}", on.2);
    let found = served.get("/api/v1/search?q=reset", None).1;
    let article = found["hits"][0]["article"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/articles/{article}/comments");
    for text in ["Thank you.\n\nIt works.", "Rude words"] {
        let posted = served.post(
            &path,
            admin,
            &json!({"text": text, "points_out_error": true}),
        );
        assert_eq!(posted.0, 201, "{}", posted.1);
    }
    let rude = comments(data, "open").pop().unwrap();
    let rude = rude["id"].as_str().unwrap();
    let hidden = run(data, &["comments", "hide", &article, rude]);
    assert_eq!(hidden.status.code(), Some(0), "{hidden:?}");
    let twice = run(data, &["comments", "hide", &article, rude]);
    assert_eq!(twice.status.code(), Some(0));
    let absent = run(
        data,
        &[
            "comments",
            "hide",
            &article,
            "cmt_00000000000000000000000000",
        ],
    );
    assert_eq!(absent.status.code(), Some(4), "{absent:?}");
}

/// A queue of comments, as `comments list` tells it.
fn comments(data: &Path, queue: &str) -> Vec<Value> {
    let output = run(data, &["comments", "list", "--queue", queue]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap());
    lines
        .filter(|l: &Value| l["text"].is_string() && l["author"].is_null())
        .collect()
}

/// The same without what another base gives anew.
fn said(comments: Vec<Value>) -> Vec<Value> {
    let said = comments.into_iter();
    said.map(|c| {
        json!([
            c["id"],
            c["text"],
            c["state"],
            c["points_out_error"],
            c["created_at"]
        ])
    })
    .collect()
}

/// What `votes` says of each title.
fn counts(data: &Path) -> Vec<Value> {
    let output = run(data, &["votes"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap());
    let lines = lines.filter(|l: &Value| l["article"].is_string());
    let mut found: Vec<Value> = lines
        .map(|l| json!([l["title"], l["yes"], l["no"], l["net"], l["reasons"]]))
        .collect();
    found.sort_by_key(ToString::to_string);
    found
}

#[test]
fn an_export_beside_a_running_serve_comes_back_into_an_empty_base() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let admin = varied_base(folder.path(), &served, &data);
    vote_on_everything(&served);
    comment(&served, &admin, &data);
    let out = folder.path().join("out");
    let output = run(&data, &["export", out.to_str().unwrap()]);
    let end = last_line(&output);
    assert_eq!(output.status.code(), Some(0), "{end}");
    assert_eq!(
        (
            &end["articles"],
            &end["translations"],
            &end["revisions"],
            &end["failed"]
        ),
        (&json!(5), &json!(6), &json!(7), &json!(0))
    );
    let first = files(&out);
    assert_eq!(
        first["drafts/help/account/sign-in/reset-your-password.en.md"],
        TRICKY.as_bytes()
    );
    assert_eq!(
        first["content/help/account/sign-in/reset-your-password.zh-Hans.md"],
        "打开登录页。\n".as_bytes()
    );
    assert!(
        first.contains_key("archived/help/billing/billing/fees.en.txt"),
        "{:?}",
        first.keys()
    );
    // What is there is never written over, and nothing half is left beside it.
    let again = run(&data, &["export", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(4));
    assert!(
        last_line(&again)["error"]
            .as_str()
            .unwrap()
            .contains("remove it")
    );
    let archive = folder.path().join("out.tar.gz");
    assert_eq!(
        run(&data, &["export", archive.to_str().unwrap()])
            .status
            .code(),
        Some(0)
    );
    let beside: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|c| c.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|n| n.contains("part"))
        .collect();
    assert_eq!(beside, Vec::<String>::new());

    // Into an empty base beside its own serve; a second run, the archive, and the base it came from change nothing.
    let second = folder.path().join("second");
    let other = Served::start(&second);
    let brought = last_line(&run(
        &second,
        &["import", out.to_str().unwrap(), "--activate"],
    ));
    assert_eq!(
        (&brought["created"], &brought["failed"]),
        (&json!(6), &json!(0)),
        "{brought}"
    );
    for (data, source) in [(&second, &out), (&second, &archive), (&data, &out)] {
        let same = last_line(&run(data, &["import", source.to_str().unwrap()]));
        let changed = ["created", "updated", "failed"].map(|f| same[f].as_u64().unwrap());
        assert_eq!(changed, [0, 0, 0], "{same}");
    }
    let other_admin = key(&second, "admin");
    let out_again = folder.path().join("again");
    assert_eq!(
        run(&second, &["export", out_again.to_str().unwrap()])
            .status
            .code(),
        Some(0)
    );
    let (before, after) = (ids_of(&out), ids_of(&out_again));
    assert_eq!(before.len(), 5);
    assert_eq!(counts(&data).len(), 2);
    assert_eq!(counts(&second), counts(&data));
    for queue in ["open", "hidden"] {
        let kept = said(comments(&data, queue));
        assert_eq!(kept.len(), 1, "{queue}");
        assert_eq!(said(comments(&second, queue)), kept);
    }
    for (external, id) in &before {
        let mut expected = comparable(&served, &admin, id);
        if external.ends_with("fees") {
            // What was out of use comes back out of use, and unpublished: its text waits as a draft.
            expected[8][0] = json!([
                "en",
                "live",
                404,
                "There is no such thing",
                null,
                null,
                null
            ]);
            expected[8][1][6] = "draft".into();
        }
        assert_eq!(
            comparable(&other, &other_admin, &after[external]),
            expected,
            "{external}"
        );
    }
    let live = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        let mut live: Vec<Vec<u8>> = files
            .iter()
            .filter(|(n, _)| n.starts_with("content/") || n.starts_with("drafts/r"))
            .map(|(_, b)| b.clone())
            .collect();
        live.sort();
        live
    };
    assert_eq!(live(&first), live(&files(&out_again)));
    // Readers find it, old address included; those who edit find the empty category, in both languages.
    assert_eq!(
        other.get("/api/v1/search?q=reset", None).1["hits"][0]["title"],
        "Reset your password"
    );
    assert_eq!(other.page("/old/reset").0, 301);
    assert_eq!(
        other.get("/api/v1/search?q=porcupine", None).1["total"]["value"],
        0
    );
    let portal = other.get("/api/v1/portals", None).1["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let sections = format!("/api/v1/portals/{portal}/sections");
    assert!(!other.get(&sections, None).1.to_string().contains("Empty"));
    let editor = key(&second, "write");
    let tree = other.get(&sections, Some(&editor)).1.to_string();
    assert!(tree.contains("Empty") && tree.contains("空的"), "{tree}");
    // A form that this program does not know yet is refused in one sentence.
    std::fs::write(
        out.join("sidenote-export.json"),
        "{\"format\":99,\"program\":\"sidenote 9\",\"begun_at\":\"\"}",
    )
    .unwrap();
    let newer = run(&second, &["import", out.to_str().unwrap()]);
    assert_eq!(newer.status.code(), Some(4));
    assert!(last_line(&newer)["error"].as_str().unwrap().contains("99"));
}
