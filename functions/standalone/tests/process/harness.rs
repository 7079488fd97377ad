//! The program as a process, and a client that speaks to it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sidenote");

/// How many rounds a long proof goes: `SIDENOTE_TEST_ROUNDS`, or a few.
pub(crate) fn rounds(few: u64) -> u64 {
    kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS").map_or(few, |n| n.parse().unwrap())
}

pub(crate) fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg("--data")
        .arg(data)
        .arg("--json")
        .args(arguments)
        // A test writes more in a minute than any program should.
        .env("SIDENOTE_RATE_LIMITS", "off")
        .stderr(Stdio::null());
    command
}

pub(crate) fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

pub(crate) fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or("null")).unwrap()
}

/// A running `serve`, killed when dropped.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_as(data, &["serve", "--listen", "127.0.0.1:0"], environment).0
    }

    /// The server, and what it said before it was ready.
    pub(crate) fn start_as(
        data: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> (Self, Vec<Value>) {
        let mut command = command(data, arguments);
        command.envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// The server that this command starts, and what it said before it was ready.
    pub(crate) fn spawn(mut command: Command) -> (Self, Vec<Value>) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
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
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&str>,
        more: &str,
    ) -> (u16, String, Value) {
        try_ask(&self.address, method, path, key, body, more).unwrap()
    }

    /// Status, location and text of a page, as a reader who is not signed in gets it.
    pub(crate) fn page(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
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

    /// The head of a page's answer, asked for with more header lines.
    pub(crate) fn head(&self, path: &str, more: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split("\r\n\r\n").next().unwrap().to_owned()
    }

    pub(crate) fn get(&self, path: &str, key: Option<&str>) -> (u16, Value) {
        let (status, _, body) = self.ask("GET", path, key, None, "");
        (status, body)
    }

    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let (status, _, body) = self.ask("POST", path, Some(key), Some(&body.to_string()), "");
        (status, body)
    }
}

/// Status, ETag and JSON of an answer; `None` when the program is gone before the whole head of it is here.
pub(crate) fn try_ask(
    address: &str,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: Option<&str>,
    more: &str,
) -> Option<(u16, String, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let key = key.map_or(String::new(), |k| format!("Authorization: Bearer {k}\r\n"));
    let body = body.unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{key}{more}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
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
    let json = serde_json::from_str(&body).unwrap_or(Value::Null);
    Some((status, etag, json))
}

pub(crate) fn unchunk(body: &str) -> String {
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

pub(crate) fn key(data: &Path, scopes: &str) -> String {
    let output = run(
        data,
        &["key", "create", "--name", "test", "--scopes", scopes],
    );
    last_line(&output)["key"].as_str().unwrap().to_owned()
}

pub(crate) fn write_corpus(folder: &Path, count: usize) -> String {
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
