//! Memory that belongs to the process alone, with nothing in it and after mixed work on the corpus; pages of files apart.

use crate::Fault;
use crate::bare::{Bare, Errand};
use crate::report::Line;
use crate::server::{self, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What the reference process is called with.
pub(crate) const ERRAND: &str = "--errand";
/// What the corpus may cost on top of the reference, in MB.
const ALLOWANCE_MB: f64 = 24.0;

/// Anonymous memory and pages of files, in MB.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    anonymous: f64,
    file: f64,
}

/// Of a process, from what the kernel says about it.
pub(crate) fn memory_of(process: &str) -> Result<Memory, Fault> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = |name: &str| -> Result<f64, Fault> {
        let line = status.lines().find_map(|l| l.strip_prefix(name));
        let kb = line.and_then(|l| l.split_whitespace().next());
        Ok(kb.ok_or("the kernel does not say it")?.parse::<f64>()? / 1024.0)
    };
    Ok(Memory {
        anonymous: value("RssAnon:")?,
        file: value("RssFile:")?,
    })
}

/// The reference process: opens the index, runs the queries, says what it takes.
pub(crate) fn errand(file: &Path) -> Result<Value, Fault> {
    let errand: Errand = serde_json::from_slice(&std::fs::read(file)?)?;
    let bare = Bare::open(&errand.index)?;
    let mut bytes = 0;
    for query in &errand.queries {
        bytes += bare.titles(query)?;
    }
    let memory = memory_of("self")?;
    Ok(json!({"anonymous": memory.anonymous, "file": memory.file, "bytes": bytes}))
}

fn reference(folder: &Path, errand: &Errand) -> Result<Memory, Fault> {
    let file = folder.join("errand.json");
    std::fs::write(&file, serde_json::to_vec(errand)?)?;
    let output = Command::new(std::env::current_exe()?)
        .arg(ERRAND)
        .arg(&file)
        .output()?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let value = |name: &str| said[name].as_f64().ok_or("the reference said nothing");
    Ok(Memory {
        anonymous: value("anonymous")?,
        file: value("file")?,
    })
}

/// The empty program, which is stopped again, against an empty index.
pub(crate) fn empty(program: &Path, folder: &Path) -> Result<Vec<Line>, Fault> {
    let data = folder.join("empty");
    let server = Server::start(program, &data)?;
    let ours = memory_of(&server.pid().to_string())?;
    drop(server);
    let errand = Errand {
        index: super::import::index(&data),
        queries: Vec::new(),
    };
    let bare = reference(folder, &errand)?;
    Ok(vec![
        Line::less("memory, empty", "MB", ours.anonymous, bare.anonymous).bar(3.0 * 1.5),
    ])
}

/// Of `server` after mixed work: eight searches of ten, an article, a ticket.
pub(crate) fn loaded(
    server: &Server,
    key: &str,
    folder: &Path,
    index: &Path,
    questions: &[String],
) -> Result<Vec<Line>, Fault> {
    let mut client = server.connect()?;
    client.key = Some(key.to_owned());
    let mut article = String::new();
    for (n, question) in questions.iter().enumerate() {
        match n % 10 {
            3 if !article.is_empty() => {
                client.get(&article)?;
            }
            7 => {
                let ticket = json!({"ticket": {"system": "bench", "id": n.to_string(), "subject": "help", "description": question}});
                client.send("POST", "/api/v1/suggestions", "", &ticket.to_string())?;
            }
            _ => {
                let answer = client.get(&server::search(question, 10))?;
                if let Some(first) = server::found(&answer)?.first() {
                    article = format!("/api/v1/articles/{first}");
                }
            }
        }
    }
    let ours = memory_of(&server.pid().to_string())?;
    let queries = questions.iter().map(|q| crate::bare::clauses(q)).collect();
    let errand = Errand {
        index: index.to_owned(),
        queries,
    };
    let bare = reference(folder, &errand)?;
    let allowed = bare.anonymous + ALLOWANCE_MB;
    Ok(vec![
        Line::less(
            "memory, corpus (reference: bare + 24 MB)",
            "MB",
            ours.anonymous,
            allowed,
        )
        .bar(1.5),
        Line::less("  pages of files", "MB", ours.file, bare.file),
    ])
}
