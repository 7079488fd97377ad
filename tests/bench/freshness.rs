//! How long after a publishing was acknowledged a search finds it, against add, commit and reload alone; and whether it is
//! found when the process is killed in between.

use crate::Fault;
use crate::bare::{Bare, BareWriter};
use crate::report::{Line, Times};
use crate::server::{self, Client, Server};
use kb_runtime::system::monotonic;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PUBLISHES: usize = 50;
/// A text that is not found after so long is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where new articles go, and who may read them: as an article that is there.
struct Like {
    home: Value,
    audience: Value,
}

impl Like {
    fn any(client: &mut Client, question: &str) -> Result<Self, Fault> {
        let found = server::found(&client.get(&server::search(question, 1))?)?;
        let id = found.first().ok_or("nothing to publish beside")?;
        let head = client.get(&format!("/api/v1/articles/{id}"))?.json()?;
        Ok(Self {
            home: json!({"portal": head["home"]["portal"], "section": head["home"]["section"]}),
            audience: head["audience"].clone(),
        })
    }

    /// Makes, saves and publishes an article with a word that stands in no other; returns when that is acknowledged.
    fn publish(&self, client: &mut Client, token: &str) -> Result<(), Fault> {
        let head = json!({"home": self.home, "audience": self.audience, "source_locale": "en"})
            .to_string();
        let made = client.send("POST", "/api/v1/articles", "", &head)?.json()?;
        let id = made["id"].as_str().ok_or("an article without an id")?;
        let path = format!("/api/v1/articles/{id}/translations/en");
        let source = format!("The new text says {token} and eighty other things. ").repeat(8);
        let draft = json!({"title": format!("News of {token}"), "body": {"format": "markdown", "source": source}});
        let saved = client.send("PUT", &path, "", &draft.to_string())?;
        client.send("POST", &format!("{path}/publish"), &saved.etag, "")?;
        Ok(())
    }
}

/// Whether the word is found before patience ends. Asks without pause.
fn appears(client: &mut Client, token: &str) -> Result<bool, Fault> {
    let (clock, path) = (monotonic(), server::search(token, 1));
    while clock() < PATIENCE {
        if !server::found(&client.get(&path)?)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does something while a reader asks for `path` without pause, as they do while ours is awaited.
fn beside<T>(
    reader: &mut Client,
    path: &str,
    work: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut answered = true;
            while answered && !over.load(Ordering::Relaxed) {
                answered = reader.get(path).is_ok();
            }
        });
        let done = work();
        over.store(true, Ordering::Relaxed);
        done
    })
}

/// Publishes beside a reader who looks all the time. `copy` is a folder for an index of the same size.
pub(crate) fn measure(
    server: &Server,
    key: &str,
    index: &Path,
    copy: &Path,
    question: &str,
) -> Result<Vec<Line>, Fault> {
    std::fs::create_dir(copy)?;
    for file in std::fs::read_dir(index)? {
        let file = file?;
        // A lock belongs to the process that took it.
        if !file.file_name().to_string_lossy().ends_with(".lock") {
            std::fs::copy(file.path(), copy.join(file.file_name()))?;
        }
    }
    let part = Bare::open(copy)?.parts()?.pop().ok_or("an empty index")?;
    let mut bare = BareWriter::open(copy)?;
    let (mut editor, mut reader) = (server.connect()?, server.connect()?);
    editor.key = Some(key.to_owned());
    let like = Like::any(&mut editor, question)?;
    let clock = monotonic();
    let (mut ours, mut reference, mut lost) = (Times::default(), Times::default(), 0);
    for n in 0..PUBLISHES {
        let token = format!("fresh{n:04}word");
        like.publish(&mut editor, &token)?;
        let start = clock();
        if !appears(&mut reader, &token)? {
            lost += 1;
        }
        ours.add(clock().saturating_sub(start));
        let document = bare.document(&part)?;
        let path = server::search(&token, 1);
        let span = beside(&mut reader, &path, || {
            let start = clock();
            bare.add(vec![document])?;
            bare.commit()?;
            Ok(clock().saturating_sub(start))
        })?;
        reference.add(span);
    }
    let void = (lost > 0).then(|| format!("{lost} of {PUBLISHES} were never found"));
    let line = |percent: f64, bar: f64| {
        let (ours, reference) = (ours.percentile(percent), reference.percentile(percent));
        let name = format!("publish to searchable, p{percent}");
        Line::less(name, "us", ours, reference)
            .bar(bar * 1.5)
            .void(void.clone())
    };
    Ok(vec![line(50.0, 1.0), line(99.0, 1.5)])
}

/// Kills the process right after the acknowledgement; the next one must find the text.
pub(crate) fn killed(
    server: Server,
    program: &Path,
    data: &Path,
    key: &str,
    question: &str,
) -> Result<Vec<Line>, Fault> {
    let mut editor = server.connect()?;
    editor.key = Some(key.to_owned());
    let token = "afterthekillword";
    Like::any(&mut editor, question)?.publish(&mut editor, token)?;
    server.kill()?;
    let server = Server::start(program, data)?;
    let there = appears(&mut server.connect()?, token)?;
    let line = Line::more(
        "found after kill -9 behind the acknowledgement",
        "",
        f64::from(u8::from(there)),
        1.0,
    );
    Ok(vec![line.bar(1.0).void((!there).then(|| {
        "an acknowledged publishing was lost".to_owned()
    }))])
}
