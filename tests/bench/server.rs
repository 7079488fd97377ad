//! The real program and a client on one connection that stays open.

use crate::Fault;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The release program, which lies one folder above this executable.
pub(crate) fn program() -> Result<PathBuf, Fault> {
    let own = std::env::current_exe()?;
    let path = own
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join("sidenote"));
    path.filter(|p| p.is_file())
        .ok_or_else(|| "the program is not there: run `cargo build --release` first".into())
}

fn command(program: &Path, data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--data".as_ref(), data.as_os_str()])
        .args(["--json", "--log", "warn"])
        .args(arguments)
        .env("SIDENOTE_RATE_LIMITS", "off")
        .stderr(Stdio::null());
    command
}

/// Runs a command to its end; the JSON of its last line. Errors: it did not end well.
pub(crate) fn run(program: &Path, data: &Path, arguments: &[&str]) -> Result<Value, Fault> {
    let Output { status, stdout, .. } = command(program, data, arguments).output()?;
    let text = String::from_utf8_lossy(&stdout);
    let last = text.lines().last().unwrap_or("null");
    if !status.success() {
        return Err(format!(
            "sidenote {} ended with {status}: {last}",
            arguments.join(" ")
        )
        .into());
    }
    Ok(serde_json::from_str(last)?)
}

/// A running `serve`, killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts the program on a free port and waits until it says that it is ready.
    pub fn start(program: &Path, data: &Path) -> Result<Self, Fault> {
        let mut child = command(program, data, &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("serve has no output")?;
        for line in BufReader::new(out).lines() {
            let line: Value = serde_json::from_str(&line?)?;
            if let Some(url) = line["ready"].as_str() {
                let address = url.trim_start_matches("http://").to_owned();
                return Ok(Self { child, address });
            }
        }
        Err(format!("serve ended before it was ready: {}", child.wait()?).into())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection of its own.
    pub fn connect(&self) -> Result<Client, Fault> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        Ok(Client {
            reader: BufReader::with_capacity(64 * 1024, stream),
            key: None,
        })
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(mut self) -> Result<(), Fault> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
pub(crate) struct Answer {
    pub status: u16,
    pub etag: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Result<Value, Fault> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// A keep-alive connection.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
    pub key: Option<String>,
}

impl Client {
    /// Asks; any status is an answer.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        if_match: &str,
        body: &str,
    ) -> Result<Answer, Fault> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        if let Some(key) = &self.key {
            request.push_str(&format!("Authorization: Bearer {key}\r\n"));
        }
        if !if_match.is_empty() {
            request.push_str(&format!("If-Match: {if_match}\r\n"));
        }
        if !body.is_empty() {
            request.push_str("Content-Type: application/json\r\n");
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        self.reader.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// Asks for something that must be there.
    pub fn get(&mut self, path: &str) -> Result<Answer, Fault> {
        expect(self.ask("GET", path, "", "")?, path)
    }

    /// Sends something that must be accepted.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        if_match: &str,
        body: &str,
    ) -> Result<Answer, Fault> {
        expect(self.ask(method, path, if_match, body)?, path)
    }

    fn answer(&mut self) -> Result<Answer, Fault> {
        let (mut status, mut etag, mut length, mut line) = (0, String::new(), None, String::new());
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                return Err("the server closed the connection".into());
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).unwrap_or_default().parse()?;
            } else if let Some((name, value)) = text.split_once(": ") {
                match name {
                    "etag" => value.clone_into(&mut etag),
                    "content-length" => length = Some(value.parse::<usize>()?),
                    _ => {}
                }
            }
        }
        let mut body = vec![0; length.ok_or("an answer without a length")?];
        self.reader.read_exact(&mut body)?;
        Ok(Answer { status, etag, body })
    }
}

fn expect(answer: Answer, path: &str) -> Result<Answer, Fault> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("{path}: {} {body}", answer.status).into())
}

/// The address of a search.
pub(crate) fn search(question: &str, limit: usize) -> String {
    let spelled =
        percent_encoding::utf8_percent_encode(question, percent_encoding::NON_ALPHANUMERIC);
    format!("/api/v1/search?q={spelled}&limit={limit}")
}

/// Ids of the articles in the answer to a search, best first.
pub(crate) fn found(answer: &Answer) -> Result<Vec<String>, Fault> {
    let json = answer.json()?;
    let hits = json["hits"].as_array().ok_or("an answer without hits")?;
    Ok(hits
        .iter()
        .filter_map(|hit| hit["article"].as_str().map(str::to_owned))
        .collect())
}
