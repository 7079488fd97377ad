//! Logs: one line per event, to standard error. A line that cannot be written is lost, and nothing else is.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait to be written; what comes on top is lost.
const WAITING_MAX: usize = 4_096;
/// How long the end of the program waits for what was not written yet.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// Begins logging: readable lines on a terminal, one JSON object a line elsewhere, written where they arise. A second call changes
/// nothing.
pub fn start(filter: &str) {
    begin(filter, || Quiet(stderr()));
}

/// Begins logging as [`start`] does, but the lines are written by a thread of their own: whoever reads them slowly, or not at all,
/// stops nobody. A panic is a line like others. Keep what is returned until the program ends.
pub fn start_aside(filter: &str) -> Aside {
    let (lines, aside) = aside(stderr());
    begin(filter, lines);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let said = panic.payload_as_str().unwrap_or("it said nothing");
        tracing::error!(place, said, "a panic");
    }));
    aside
}

fn begin<W>(filter: &str, writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(writer);
    // A second start in one process (tests) keeps the first one's logging.
    let _ = if stderr().is_terminal() {
        builder.compact().with_target(false).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}

/// A writer that takes everything, whether it can be written or not.
struct Quiet<W>(W);

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // There is nowhere to tell that the log is gone.
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

enum Message {
    Line(Vec<u8>),
    /// All lines before it are written.
    Flush(Sender<()>),
}

/// Hands lines to the thread that writes them.
#[derive(Clone)]
struct Lines {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.queue.try_send(Message::Line(bytes.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Keeps the thread that writes the log. Its end waits a moment for what was not written yet.
#[must_use]
pub struct Aside(SyncSender<Message>);

impl Drop for Aside {
    fn drop(&mut self) {
        let (written, wait) = channel();
        if self.0.try_send(Message::Flush(written)).is_ok() {
            // Whoever reads the log has had long enough.
            let _ = wait.recv_timeout(FLUSH_MAX);
        }
    }
}

/// A thread that writes to `out`.
fn aside(out: impl Write + Send + 'static) -> (Lines, Aside) {
    let (queue, messages) = sync_channel(WAITING_MAX);
    let lost = Arc::new(AtomicU64::new(0));
    let lines = Lines {
        queue: queue.clone(),
        lost: lost.clone(),
    };
    let work = move || write_all(&messages, &mut Quiet(out), &lost);
    // Without a thread every line is lost, and the program goes on.
    let _ = std::thread::Builder::new()
        .name("log".to_owned())
        .spawn(work);
    (lines, Aside(queue))
}

fn write_all(messages: &Receiver<Message>, out: &mut impl Write, lost: &AtomicU64) {
    for message in messages {
        match message {
            Message::Line(line) => {
                let _ = out.write_all(&line);
            }
            // Whoever asked may have gone.
            Message::Flush(written) => drop(written.send(())),
        }
        let n = lost.swap(0, Ordering::Relaxed);
        if n > 0 {
            let told = serde_json::json!({"level": "WARN", "message": "lines of this log were lost", "lost": n});
            let _ = writeln!(out, "{told}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, Result};
    use std::sync::Mutex;

    /// Writes nothing until somebody says so.
    struct Stuck(Receiver<()>, Arc<Mutex<Vec<u8>>>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            let _ = self.0.recv();
            self.1.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> Result<usize> {
            Err(Error::other("no space left"))
        }

        fn flush(&mut self) -> Result<()> {
            Err(Error::other("no space left"))
        }
    }

    #[test]
    fn a_log_that_nobody_reads_stops_nobody_and_tells_later_what_was_lost() {
        let (go, wait) = channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let (mut lines, aside) = aside(Stuck(wait, written.clone()));
        let more = 1_000;
        // The thread holds one line and the queue is full.
        for n in 0..WAITING_MAX + 1 + more {
            lines.write_all(format!("line {n}\n").as_bytes()).unwrap();
        }
        let lost = lines.lost.load(Ordering::Relaxed);
        assert!(lost >= more as u64, "{lost}");
        drop(go);
        drop(lines);
        drop(aside);
        // The end waits until all is written.
        while !String::from_utf8_lossy(&written.lock().unwrap()).contains("\"lost\":") {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_log_that_cannot_be_written_is_no_fault() {
        Quiet(Full).write_all(b"line\n").unwrap();
        let (mut lines, aside) = aside(Full);
        lines.write_all(b"line\n").unwrap();
        drop(aside);
        lines.write_all(b"after the end\n").unwrap();
    }
}
