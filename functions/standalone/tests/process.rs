//! The real process: import beside a running `serve`, a ticket, a suggestion, an action, a restart, a kill.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sidenote");

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg("--data")
        .arg(data)
        .arg("--json")
        .args(arguments)
        .stderr(Stdio::null());
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or("null")).unwrap()
}

/// A running `serve`, killed when dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_as(data, &["serve", "--listen", "127.0.0.1:0"], environment).0
    }

    /// The server, and what it said before it was ready.
    fn start_as(
        data: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> (Self, Vec<Value>) {
        let mut command = command(data, arguments);
        let mut child = command
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if let Some(url) = line["ready"].as_str() {
                let address = url.trim_start_matches("http://").to_owned();
                return (Self { child, address }, said);
            }
            said.push(line);
        }
        let ended = child.wait();
        panic!("serve ended before it was ready ({ended:?}): {said:?}");
    }

    /// Status, ETag and JSON of an answer.
    fn ask(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&str>,
        more: &str,
    ) -> (u16, String, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let key = key.map_or(String::new(), |k| format!("Authorization: Bearer {k}\r\n"));
        let body = body.unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{key}{more}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head[9..12].parse().unwrap();
        let etag = head
            .lines()
            .find_map(|l| l.strip_prefix("etag: "))
            .unwrap_or_default()
            .to_owned();
        let body = if body.starts_with(['{', '[']) {
            body.to_owned()
        } else {
            unchunk(body)
        };
        (
            status,
            etag,
            serde_json::from_str(&body).unwrap_or(Value::Null),
        )
    }

    /// Status, location and text of a page, as a reader who is not signed in gets it.
    fn page(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let location = head
            .lines()
            .find_map(|l| l.strip_prefix("location: "))
            .unwrap_or_default();
        (
            head[9..12].parse().unwrap(),
            location.to_owned(),
            body.to_owned(),
        )
    }

    fn get(&self, path: &str, key: Option<&str>) -> (u16, Value) {
        let (status, _, body) = self.ask("GET", path, key, None, "");
        (status, body)
    }

    fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let (status, _, body) = self.ask("POST", path, Some(key), Some(&body.to_string()), "");
        (status, body)
    }
}

fn unchunk(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || tail.len() < size {
            break;
        }
        whole.push_str(&tail[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    whole
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, or by the test's own hand.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn key(data: &Path, scopes: &str) -> String {
    let output = run(
        data,
        &["key", "create", "--name", "test", "--scopes", scopes],
    );
    last_line(&output)["key"].as_str().unwrap().to_owned()
}

fn write_corpus(folder: &Path, count: usize) -> String {
    let mut lines = vec![
        json!({"id": "reset", "title": "Reset your password", "body": "Open the sign-in page and choose Forgot password.\n\nA link is mailed to you.", "lang": "en"}),
        json!({"id": "reset-zh", "title": "重置密码", "body": "打开登录页，点击忘记密码。这是一个测试文档。知識庫裡有更多說明。", "lang": "zh-CN"}),
        json!({"id": "rules", "title": "Refund exceptions", "body": "Supervisors may waive the porcupine fee.", "audience": "agents"}),
    ];
    for n in 0..count {
        lines.push(json!({"id": format!("n{n}"), "title": format!("Note number {n}"), "body": format!("The quarterly unicorn{n} report is due.")}));
    }
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    let path = folder.join("corpus.jsonl");
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn a_ticket_gets_its_article_and_a_restart_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 20);
    let served = Served::start(&data);
    let output = run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let end = last_line(&output);
    assert_eq!(
        (end["created"].as_u64(), end["failed"].as_u64()),
        (Some(23), Some(0))
    );
    for (question, title) in [
        ("reset password", "Reset your password"),
        ("%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81", "重置密码"),
        ("%E7%9F%A5%E8%AF%86%E5%BA%93", "重置密码"),
        ("%E6%B5%8B%E8%AF%95", "重置密码"),
    ] {
        let (status, found) = served.get(
            &format!("/api/v1/search?q={}", question.replace(' ', "%20")),
            None,
        );
        assert_eq!(
            (status, found["hits"][0]["title"].as_str()),
            (200, Some(title)),
            "{question}: {found}"
        );
        assert!(found["hits"][0]["strength"].is_null());
    }
    // What only agents may read is absent for everybody else: no hit, no count, no facet.
    let (_, found) = served.get("/api/v1/search?q=porcupine", None);
    assert_eq!(
        (
            found["hits"].as_array().unwrap().len(),
            found["total"]["value"].as_u64(),
            found["facets"].as_object().unwrap().len()
        ),
        (0, Some(0), 0)
    );
    let agent = key(&data, "read,suggest");
    let (_, found) = served.get("/api/v1/search?q=porcupine", Some(&agent));
    assert_eq!(found["hits"][0]["title"], "Refund exceptions");
    let hidden = found["hits"][0]["article"].as_str().unwrap().to_owned();
    let absent = served.get("/api/v1/articles/art_00000000000000000000000000", None);
    assert_eq!(
        served.get(&format!("/api/v1/articles/{hidden}"), None),
        absent
    );
    assert_eq!(absent.0, 404);

    let ticket = json!({"system": "demo", "id": "1", "subject": "help!!", "description": "Hi, I forgot my password and need to reset it\n> old quote about unicorn3\nBest regards\nAda", "recipients": ["a@example.com"]});
    assert_eq!(served.post("/api/v1/tickets", &agent, &ticket).0, 201);
    let (status, answer) = served.post("/api/v1/suggestions", &agent, &json!({"ticket": ticket}));
    assert_eq!(
        (status, answer["suggestions"][0]["title"].as_str()),
        (200, Some("Reset your password")),
        "{answer}"
    );
    let action = json!({"action": "inserted", "mode": "link", "article": answer["suggestions"][0]["article"]});
    let path = format!(
        "/api/v1/suggestions/{}/actions",
        answer["id"].as_str().unwrap()
    );
    assert_eq!(served.post(&path, &agent, &action).0, 204);
    let (_, nothing) = served.post("/api/v1/suggestions", &agent, &json!({"ticket": {"system": "demo", "id": "2", "description": "Which horse wins the gymkhana dressage tournament on Saturday?"}}));
    assert_eq!(nothing["suggestions"], json!([]));

    let again = last_line(&run(&data, &["import", &corpus, "--audience", "public"]));
    assert_eq!(
        (again["created"].as_u64(), again["unchanged"].as_u64()),
        (Some(0), Some(23))
    );
    drop(served);
    let served = Served::start(&data);
    assert_eq!(
        served.get("/api/v1/search?q=forgot", None).1["hits"][0]["title"],
        "Reset your password"
    );
    assert_eq!(served.get("/api/v1/tickets/demo/1", Some(&agent)).0, 200);
}

#[test]
fn writes_over_http_obey_versions_and_archiving_hides_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 0);
    let served = Served::start(&data);
    run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let admin = key(&data, "admin");
    let id = served.get("/api/v1/search?q=forgot", None).1["hits"][0]["article"]
        .as_str()
        .unwrap()
        .to_owned();
    let translation = format!("/api/v1/articles/{id}/translations/en");
    let (_, etag, _) = served.ask("GET", &translation, Some(&admin), None, "");
    let draft = json!({"title": "Reset your password", "body": {"format": "markdown", "source": "Press the turquoise button.\n\n## Lost phone\n\nCall us."}}).to_string();
    assert_eq!(
        served
            .ask("PUT", &translation, Some(&admin), Some(&draft), "")
            .0,
        428
    );
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                Some(&admin),
                Some(&draft),
                "If-Match: \"7\"\r\n"
            )
            .0,
        412
    );
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                None,
                Some(&draft),
                &format!("If-Match: {etag}\r\n")
            )
            .0,
        401
    );
    let (status, saved, _) = served.ask(
        "PUT",
        &translation,
        Some(&admin),
        Some(&draft),
        &format!("If-Match: {etag}\r\n"),
    );
    assert_eq!(status, 200);
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                Some(&admin),
                Some(&draft),
                &format!("If-Match: {saved}\r\n")
            )
            .1,
        saved
    );
    // Readers keep what is live until it is published; then the old text is gone at once, though the index may lag.
    assert_eq!(served.get(&translation, None).1["body"]["format"], "text");
    assert_eq!(
        served
            .ask(
                "POST",
                &format!("{translation}/publish"),
                Some(&admin),
                None,
                &format!("If-Match: {saved}\r\n")
            )
            .0,
        200
    );
    assert_eq!(
        served.get("/api/v1/search?q=mailed", None).1["total"]["value"],
        0
    );
    while served.get("/api/v1/search?q=turquoise", None).1["total"]["value"] != 1 {}
    let (_, head, _) = served.ask(
        "GET",
        &format!("/api/v1/articles/{id}"),
        Some(&admin),
        None,
        "",
    );
    assert_eq!(
        served
            .ask(
                "POST",
                &format!("/api/v1/articles/{id}/archive"),
                Some(&admin),
                None,
                &format!("If-Match: {head}\r\n")
            )
            .0,
        200
    );
    assert_eq!(
        served.get("/api/v1/search?q=turquoise", None).1["total"]["value"],
        0
    );
    assert_eq!(served.get(&format!("/api/v1/articles/{id}"), None).0, 404);
}

#[test]
fn bad_input_gets_its_problem() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let agent = key(&folder.path().join("data"), "suggest");
    let deep = "[".repeat(5_000);
    let long = "word ".repeat(10_000);
    for (body, status) in [
        (
            "{\"ticket\":{\"system\":\"a\",\"id\":\"1\",\"id\":\"2\"}}",
            400,
        ),
        ("{\"ticket\":{\"system\":\"a\",\"id\":\"\\ud800\"}}", 400),
        ("{\"ticket\":{\"system\":\"a\",\"id\":7}}", 400),
        ("{\"ticket\":{\"system\":\"\",\"id\":\"1\"}}", 422),
        ("{\"tickets\":{}}", 400),
        (deep.as_str(), 400),
        ("", 400),
    ] {
        let (found, _, problem) =
            served.ask("POST", "/api/v1/suggestions", Some(&agent), Some(body), "");
        assert_eq!(found, status, "{problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"));
    }
    let ticket = json!({"ticket": {"system": "a", "id": "1", "description": long}});
    assert_eq!(served.post("/api/v1/suggestions", &agent, &ticket).0, 200);
    assert_eq!(
        served
            .get(
                "/api/v1/search?q=title:%22a%22%20AND%20(b%20OR%20*)%5E9~",
                None
            )
            .0,
        200
    );
    assert_eq!(served.get("/api/v1/search?q=", None).0, 200);
    assert_eq!(served.get("/api/v1/search?locale=klingon-x", None).0, 400);
    assert_eq!(served.get("/api/v1/search?nonsense=1", None).0, 400);
    assert_eq!(served.get("/api/v1/articles/art_7", None).0, 404);
    assert_eq!(
        served.ask("DELETE", "/api/v1/search", None, None, "").0,
        405
    );
    let big = format!(
        "{{\"ticket\":{{\"system\":\"a\",\"id\":\"1\",\"description\":\"{}\"}}}}",
        "x".repeat(1_500_000)
    );
    assert_eq!(
        served
            .ask("POST", "/api/v1/suggestions", Some(&agent), Some(&big), "")
            .0,
        413
    );
}

#[test]
fn a_reader_browses_from_the_start_page_to_an_article() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let docs = folder.path().join("docs/account/sign-in");
    std::fs::create_dir_all(&docs).unwrap();
    let reset = "---\ntitle: Reset your password\nredirect_from: [/old/reset]\n---\n## Steps\n\n**注意：**您 see [codes](codes.md#lost) and [gone](gone.md).\n<script>alert(1)</script>\n";
    std::fs::write(docs.join("reset.md"), reset).unwrap();
    std::fs::write(
        docs.join("codes.md"),
        "# Codes\n\n## Lost {#lost}\n\nCall us.\n",
    )
    .unwrap();
    std::fs::write(
        docs.join("secret.md"),
        "---\ntitle: Porcupine fees\naudience: agents\n---\nThe porcupine pays.\n",
    )
    .unwrap();
    let served = Served::start(&data);
    run(
        &data,
        &[
            "import",
            folder.path().join("docs").to_str().unwrap(),
            "--audience",
            "public",
            "--activate",
        ],
    );
    let page = |path: &str| served.page(path);
    let link = |html: &str, part: &str| {
        html.split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .find(|url| url.contains(part))
            .unwrap_or_else(|| panic!("no link to {part} in {html}"))
    };
    let (status, _, home) = page("/help/en/");
    assert_eq!(status, 200);
    let (_, _, section) = page(&link(&home, "/sections/"));
    assert!(section.contains("Reset your password") && !section.contains("Porcupine"));
    let url = link(&section, "reset-your-password");
    let (status, _, article) = page(&url);
    assert_eq!(status, 200);
    assert!(
        article.contains("<strong>注意：</strong>您")
            && !article.contains("<script")
            && !article.contains(".md")
    );
    assert!(page(&link(&article, "-codes")).2.contains("id=\"h-lost\""));
    // A wrong slug, an alias of the language and an old address lead to the one address.
    let public = &url.rsplit('/').next().unwrap()[..8];
    for other in [
        format!("/help/en/articles/{public}-wrong"),
        format!("/help/en-US/articles/{public}-reset-your-password"),
        "/old/reset".to_owned(),
    ] {
        let (status, location, _) = page(&other);
        assert_eq!((status, location.as_str()), (301, url.as_str()), "{other}");
    }
    assert!(
        page("/help/zh-TW/search?q=porcupine")
            .1
            .ends_with("/help/zh-Hant/search?q=porcupine")
    );
    let (_, _, found) = page("/help/zh-Hant/search?q=porcupine");
    assert!(found.contains("找不到結果") && !found.contains("Porcupine"));
    // What one may not see reads like what never was.
    let admin = key(&data, "admin");
    let hidden = served.get("/api/v1/search?q=porcupine", Some(&admin)).1["hits"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let absent = page("/help/en/articles/00000000-x");
    assert_eq!((page(&hidden).0, page(&hidden).2), (404, absent.2));
}

/// Every GET route of the document, asked by those who may not see an article: nothing of it is in any answer. A new route
/// is covered as soon as it is in the document.
#[test]
fn what_one_may_not_see_is_in_no_answer_of_any_route() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 3);
    let served = Served::start(&data);
    run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let (admin, reader) = (key(&data, "admin"), key(&data, "read"));
    let hidden = served.get("/api/v1/search?q=porcupine", Some(&admin)).1["hits"][0].clone();
    let article = hidden["article"].as_str().unwrap();
    let head = served
        .get(&format!("/api/v1/articles/{article}"), Some(&admin))
        .1;
    let (portal, section) = (
        head["home"]["portal"].as_str().unwrap(),
        head["home"]["section"].as_str().unwrap(),
    );
    let (_, document) = served.get("/api/v1/openapi.json", None);
    let mut asked = 0;
    for (path, methods) in document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, methods)| methods["get"].is_object())
    {
        let values = [
            ("{article}", article),
            ("{portal}", portal),
            ("{section}", section),
            ("{locale}", "en"),
            ("{system}", "demo"),
            ("{id}", "1"),
        ];
        let filled = values
            .iter()
            .fold(path.clone(), |p, (name, value)| p.replace(name, value));
        assert!(
            !filled.contains('{'),
            "{path} has a parameter that this test cannot fill"
        );
        let takes = |name: &str| {
            methods["get"]["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .any(|p| p["name"] == name)
        };
        let questions = if takes("q") {
            vec![
                "?q=porcupine",
                "?q=refund+exceptions",
                "?q=",
                "?q=waive&limit=100",
            ]
        } else {
            vec![""]
        };
        for question in questions {
            for caller in [None, Some(reader.as_str())] {
                let (status, answer) = served.get(&format!("{filled}{question}"), caller);
                let text = answer.to_string();
                assert!(status < 500, "{path}: {answer}");
                for secret in [article, "Refund exceptions", "porcupine", "waive"] {
                    assert!(
                        !text.contains(secret),
                        "{path}{question} tells {secret}: {text}"
                    );
                }
                if question.contains("porcupine") {
                    assert_eq!(answer["total"]["value"], 0);
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 16, "only {asked} questions were asked");
}

#[test]
fn a_second_owner_and_newer_data_are_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    assert_eq!(
        command(&data, &["serve", "--listen", "127.0.0.1:0"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(3)
    );
    let other = folder.path().join("other");
    assert_eq!(
        command(&other, &["serve", "--listen", &served.address])
            .output()
            .unwrap()
            .status
            .code(),
        Some(3)
    );
    drop(served);
    std::fs::write(data.join("FORMAT"), "99\n").unwrap();
    let output = run(&data, &["doctor"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(last_line(&output)["error"].as_str().unwrap().contains("99"));
    assert_eq!(
        run(&data, &["import", "/nowhere", "--audience", "public"])
            .status
            .code(),
        Some(2)
    );
}

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
        head["home"]["position"],
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

#[test]
fn an_export_beside_a_running_serve_comes_back_into_an_empty_base() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let admin = varied_base(folder.path(), &served, &data);
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
    // Readers find it, old address included; the empty category is there in both languages.
    assert_eq!(
        other.get("/api/v1/search?q=reset", None).1["hits"][0]["title"],
        "Reset your password"
    );
    assert_eq!(other.page("/old/reset").0, 301);
    assert_eq!(
        other.get("/api/v1/search?q=porcupine", None).1["total"]["value"],
        0
    );
    let portal = other.get("/api/v1/portals", None).1["items"][0]["portal"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tree = other
        .get(&format!("/api/v1/portals/{portal}/sections"), None)
        .1
        .to_string();
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

/// Kills the process at random moments of an import; what the report acknowledged is there, and `--resume` ends as if
/// nothing had happened. A kill loses nothing of what the kernel has, so this holds the order of acknowledgment and
/// commit; the switch that leaves commits non-durable makes it fail.
fn killed_imports(rounds: u64, corpus: &str, environment: &[(&str, &str)]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let import = ["import", corpus, "--audience", "public"];
    let whole = last_line(&run(&folder.path().join("whole"), &import));
    let articles = whole["created"].as_u64().unwrap();
    let healthy = last_line(&run(&folder.path().join("whole"), &["doctor"]));
    for round in 0..rounds {
        let data = folder.path().join(format!("data{round}"));
        let served = Served::start_with(&data, environment);
        let mut child = command(&data, &import)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        // Another moment in each round, anywhere in the import: after so many acknowledged items, while it goes on.
        let moment = 1 + round.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (articles * 9 / 10);
        let mut acknowledged = 0;
        let mut id = String::new();
        for line in lines.by_ref() {
            let line: Value = serde_json::from_str(&line).unwrap();
            id = line["import"].as_str().map_or(id, str::to_owned);
            acknowledged += u64::from(line["outcome"] == "created");
            if acknowledged >= moment {
                break;
            }
        }
        drop(served);
        // What was in the pipe had been acknowledged as well.
        acknowledged += lines.filter(|l| l.contains("\"created\"")).count() as u64;
        child.wait().unwrap();
        let served = Served::start(&data);
        let end = last_line(&run(&data, &["import", "--resume", &id]));
        if end["error"].is_string() {
            return Err(format!("round {round}: the import itself is lost: {end}"));
        }
        let (created, unchanged) = (
            end["created"].as_u64().unwrap(),
            end["unchanged"].as_u64().unwrap(),
        );
        if unchanged < acknowledged {
            return Err(format!(
                "round {round}: {acknowledged} acknowledged, {unchanged} found"
            ));
        }
        assert_eq!(
            (created + unchanged, &end["updated"]),
            (articles, &json!(0)),
            "{end}"
        );
        // The end is the same as without a kill: nothing twice in the store, everything in the index, nothing waiting.
        let again = last_line(&run(&data, &import));
        assert_eq!(
            (&again["created"], again["unchanged"].as_u64()),
            (&json!(0), Some(articles))
        );
        drop(served);
        assert_eq!(last_line(&run(&data, &["doctor"])), healthy);
        std::fs::remove_dir_all(&data).unwrap();
    }
    Ok(())
}

/// A corpus of our own, or the one that `SIDENOTE_TEST_CORPUS` names.
fn kill_corpus(folder: &Path) -> String {
    kb_runtime::system::environment("SIDENOTE_TEST_CORPUS")
        .unwrap_or_else(|| write_corpus(folder, 60))
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    killed_imports(4, &write_corpus(folder.path(), 60), &[]).unwrap();
}

#[test]
#[ignore = "fifty kills take minutes; .ci/run asks for it"]
fn fifty_kills_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    killed_imports(50, &kill_corpus(folder.path()), &[]).unwrap();
}

#[test]
fn the_kill_test_fails_without_durable_commits() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = write_corpus(folder.path(), 60);
    assert!(killed_imports(6, &corpus, &[("SIDENOTE_TEST_NO_FSYNC", "1")]).is_err());
}

const DEMO: [&str; 4] = ["serve", "--demo", "--listen", "127.0.0.1:0"];

#[test]
fn the_demo_puts_the_right_article_first_and_keeps_what_is_edited() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (served, said) = Served::start_as(&data, &DEMO, &[]);
    let roles: Vec<&str> = said.iter().filter_map(|l| l["sign_in"].as_str()).collect();
    assert_eq!(
        roles,
        ["agent", "editor", "employee", "HR employee", "customer"]
    );
    let admin = key(&data, "admin,suggest");
    let (mut right, mut tickets) = (0, 0);
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/tickets")).unwrap();
    for file in files {
        let file: Value =
            serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        let path = format!(
            "/api/v1/tickets/demo/{}",
            file["ticket"]["id"].as_str().unwrap()
        );
        assert_eq!(served.get(&path, Some(&admin)).0, 200, "{path}");
        let (_, answer) = served.post(
            "/api/v1/suggestions",
            &admin,
            &json!({"ticket": file["ticket"]}),
        );
        tickets += 1;
        let first = answer["suggestions"][0]["article"].as_str();
        let found = first.map(|article| {
            let (_, article) = served.get(&format!("/api/v1/articles/{article}"), Some(&admin));
            let source = article["external"]["source"]
                .as_str()
                .unwrap()
                .replace("import:", "");
            format!("{source}/{}", article["external"]["id"].as_str().unwrap())
        });
        if found.as_deref() == file["right"].as_str() {
            right += 1;
        }
    }
    assert_eq!(tickets, 12);
    assert!(
        right >= 10,
        "{right} of {tickets} tickets have the right article first"
    );

    // What is edited stays, whatever is started again.
    let id = served
        .get("/api/v1/search?q=password&lang=en", Some(&admin))
        .1["hits"][0]["article"]
        .as_str()
        .unwrap()
        .to_owned();
    let translation = format!("/api/v1/articles/{id}/translations/en");
    let (_, etag, _) = served.ask("GET", &translation, Some(&admin), None, "");
    let draft =
        json!({"title": "Edited", "body": {"format": "markdown", "source": "Edited by hand."}})
            .to_string();
    let version = format!("If-Match: {etag}\r\n");
    assert_eq!(
        served
            .ask("PUT", &translation, Some(&admin), Some(&draft), &version)
            .0,
        200
    );
    drop(served);
    let (served, said) = Served::start_as(&data, &DEMO, &[]);
    assert!(said.iter().all(|l| l["demo"].is_null()), "{said:?}");
    let (_, kept) = served.get(&format!("{translation}?revision=working"), Some(&admin));
    assert_eq!(kept["title"], "Edited");
    drop(served);

    let refused = run(&data, &["serve", "--demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(4));
}
