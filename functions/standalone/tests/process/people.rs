//! People and keys from the command line, with and without a running `serve`.

use crate::harness::*;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

fn lines(data: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = run(data, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text}");
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn exit(data: &Path, arguments: &[&str]) -> Option<i32> {
    run(data, arguments).status.code()
}

/// What a person sees: the lines of the output, and those beside it.
fn shown(data: &Path, arguments: &[&str]) -> (Vec<String>, String) {
    let output = Command::new(PROGRAM)
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let out = text(output.stdout).lines().map(str::to_owned).collect();
    (out, text(output.stderr))
}

fn form(served: &Served, path: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer[9..12].parse().unwrap()
}

#[test]
fn serve_prints_a_link_for_the_first_admin_until_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || Served::start_as(&data, &["serve", "--listen", "127.0.0.1:0"], &[]);
    let link = |said: &[Value]| {
        let found = said.iter().find_map(|l| l["setup"].as_str());
        found.map(str::to_owned)
    };
    let (served, said) = start();
    let first = link(&said).unwrap();
    assert!(
        first.starts_with("http://localhost:") && first.contains("/setup#su_"),
        "{first}"
    );
    drop(served);
    let (served, said) = start();
    let second = link(&said).unwrap();
    let code = |url: &str| url.rsplit_once('#').unwrap().1.to_owned();
    let body = |url: &str| {
        format!(
            "code={}&name=Ana&mail=ana%40example.com&language=en&portal=Help&entry=public",
            code(url)
        )
    };
    assert_eq!(
        form(&served, "/setup", &body(&first)),
        422,
        "a new start ends the old link"
    );
    // While it runs, another link can be made, which ends the one before.
    let third = lines(
        &data,
        &["setup", "link", "--url", "https://help.example.com/"],
    );
    let third = third.last().unwrap()["setup"].as_str().unwrap().to_owned();
    assert!(
        third.starts_with("https://help.example.com/setup#su_"),
        "{third}"
    );
    assert_eq!(form(&served, "/setup", &body(&second)), 422);
    assert_eq!(form(&served, "/setup", &body(&third)), 303);
    assert_eq!(form(&served, "/setup", &body(&third)), 404);
    assert_eq!(exit(&data, &["setup", "link"]), Some(4));
    assert_eq!(
        exit(&data, &["setup", "link", "--url", "help.example.com"]),
        Some(2)
    );
    assert_eq!(
        exit(&data, &["person", "leave", "ana@example.com"]),
        Some(4),
        "the last admin stays"
    );
    drop(served);
    let (_served, said) = start();
    assert_eq!(link(&said), None);
}

#[test]
fn people_segments_and_keys_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let add = [
        "person",
        "add",
        "Lin Yating",
        "Lin@example.com",
        "--segments",
        "hr",
    ];
    let added = lines(&data, &add);
    let url = added.last().unwrap()["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("http://localhost:8600/sign-in#li_"),
        "{url}"
    );
    assert_eq!(exit(&data, &add), Some(2), "the address is taken");
    let (out, beside) = shown(&data, &["person", "link", "lin@example.com"]);
    assert!(
        out.len() == 1 && out[0].contains("/sign-in#li_") && !out[0].contains(' '),
        "{out:?}"
    );
    assert!(beside.contains("once"), "{beside}");
    assert_eq!(lines(&data, &["person", "list"])[0]["state"], "invited");
    let editor = [
        "person",
        "add",
        "Mia",
        "mia@example.com",
        "--roles",
        "agent,editor",
    ];
    lines(&data, &editor);
    lines(&data, &["segment", "add", "pilots", "mia@example.com"]);
    lines(&data, &["segment", "remove", "hr", "lin@example.com"]);
    let segments = lines(&data, &["segment", "list"]);
    assert_eq!(
        (&segments[0]["segment"], &segments[0]["members"]),
        (&"hr".into(), &0.into())
    );
    assert_eq!(
        lines(&data, &["segment", "list", "pilots"])[0]["name"],
        "Mia"
    );
    lines(&data, &["person", "end-sessions", "mia@example.com"]);
    lines(&data, &["person", "leave", "lin@example.com"]);
    assert_eq!(exit(&data, &["person", "link", "lin@example.com"]), Some(4));
    for wrong in [
        &["person", "add", "X", "nobody"][..],
        &["person", "add", "X", "x@example.com", "--roles", "king"],
        &[
            "person",
            "add",
            "X",
            "x@example.com",
            "--portals",
            "none",
            "--roles",
            "editor",
        ],
        &[
            "key",
            "create",
            "--name",
            "a",
            "--scopes",
            "read",
            "--expires",
            "999d",
        ],
        &["key", "revoke", "none"],
    ] {
        assert_eq!(exit(&data, wrong), Some(2), "{wrong:?}");
    }

    let (out, beside) = shown(
        &data,
        &["key", "create", "--name", "crm", "--scopes", "read"],
    );
    assert!(
        out.len() == 1 && out[0].starts_with("sk_") && out[0].len() == 67,
        "{out:?}"
    );
    assert!(beside.contains("only time"), "{beside}");
    let served = Served::start(&data);
    let first = out[0].clone();
    let me = |key: &str| served.get("/api/v1/me", Some(key)).0;
    assert_eq!(me(&first), 200);
    let id = lines(&data, &["key", "list"])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = lines(&data, &["key", "rotate", &id, "--overlap", "1h"]);
    let second = second.last().unwrap()["key"].as_str().unwrap().to_owned();
    assert_eq!((me(&first), me(&second)), (200, 200));
    lines(&data, &["key", "revoke", &id]);
    assert_eq!((me(&first), me(&second)), (401, 401));
}
