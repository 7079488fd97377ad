//! What a running command says, the same whether it runs here or in the process that owns the data.

use crate::exit::{Exit, Failure};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// One thing a command says. It travels as one line of JSON over the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// How far it is.
    Progress {
        /// Items done.
        done: u64,
        /// Items in all, where that is known.
        total: Option<u64>,
    },
    /// A fact of the report, for a person and for a program.
    Fact {
        /// For a person.
        text: String,
        /// For a program.
        json: serde_json::Value,
    },
    /// What became of one of many; a terminal shows the loud ones only, and not all of them.
    Item {
        /// For a person.
        text: String,
        /// For a program.
        json: serde_json::Value,
        /// Whether a person should look at it.
        loud: bool,
    },
    /// A sentence for a person alone, beside the output.
    Note(String),
    /// The end: how the process ends, and the summing-up.
    End {
        /// How the process ends.
        exit: Exit,
        /// For a person.
        text: String,
        /// For a program.
        json: serde_json::Value,
    },
    /// The end, without having done it.
    Failed(Failure),
}

/// Where a command's lines go while it runs.
#[derive(Clone, Debug)]
pub struct Lines(tokio::sync::mpsc::Sender<Line>);

/// Nobody listens any more: the command stops at the next item.
#[derive(Debug, PartialEq, Eq)]
pub struct Hungup;

impl From<Hungup> for Failure {
    fn from(Hungup: Hungup) -> Self {
        Self {
            exit: Exit::SomeFailed,
            sentence: "the caller went away; what was done stays".to_owned(),
        }
    }
}

impl Lines {
    /// A channel of lines that holds a few before the command waits.
    pub fn channel() -> (Self, tokio::sync::mpsc::Receiver<Line>) {
        let (sender, receiver) = tokio::sync::mpsc::channel(64);
        (Self(sender), receiver)
    }

    /// Says how far it is.
    pub async fn progress(&self, done: u64, total: Option<u64>) -> Result<(), Hungup> {
        self.say(Line::Progress { done, total }).await
    }

    /// Says a fact.
    pub async fn fact(
        &self,
        text: impl Into<String>,
        json: serde_json::Value,
    ) -> Result<(), Hungup> {
        self.say(Line::Fact {
            text: text.into(),
            json,
        })
        .await
    }

    /// Says how far it is, unless nobody has time to listen.
    pub fn try_progress(&self, done: u64, total: Option<u64>) {
        // What is missed here is said again a moment later.
        let _ = self.0.try_send(Line::Progress { done, total });
    }

    /// Says what became of one of many.
    pub async fn item(
        &self,
        text: String,
        json: serde_json::Value,
        loud: bool,
    ) -> Result<(), Hungup> {
        self.say(Line::Item { text, json, loud }).await
    }

    /// Says a line.
    pub async fn say(&self, line: Line) -> Result<(), Hungup> {
        self.0.send(line).await.map_err(|_| Hungup)
    }
}

/// Items that a terminal shows, so that they do not scroll away what was said before.
const LOUD_MAX: usize = 20;

/// Shows a command's lines to whoever started it.
pub struct Screen {
    json: bool,
    bar: Option<ProgressBar>,
    /// Whether a person looks at the lines as they come.
    watched: bool,
    /// How many loud items were shown.
    shown: usize,
    clock: Box<dyn Fn() -> Duration + Send>,
    last_plain: Option<Duration>,
}

impl Screen {
    /// A screen: JSON lines, or text with a progress bar on a terminal and a line every two seconds elsewhere.
    pub fn new(json: bool) -> Self {
        let bar = (!json && std::io::stderr().is_terminal()).then(|| {
            let style =
                ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {per_second} {eta}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
            let style = style.with_key(
                "per_second",
                |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    // A line that cannot be drawn is not drawn.
                    let _ = write!(out, "{:.0}/s", state.per_sec());
                },
            );
            ProgressBar::new(0).with_style(style)
        });
        Self {
            json,
            bar,
            watched: !json && std::io::stdout().is_terminal(),
            shown: 0,
            clock: Box::new(kb_runtime::system::monotonic()),
            last_plain: None,
        }
    }

    /// Shows lines until the end. Answers how the process ends. The lines ending without an end is a fault.
    pub async fn show(mut self, mut lines: tokio::sync::mpsc::Receiver<Line>) -> Exit {
        while let Some(line) = lines.recv().await {
            if let Some(exit) = self.line(line) {
                return exit;
            }
        }
        self.line(Line::Failed(Failure::environment(
            "the command ended without saying how; see the log",
        )))
        .unwrap_or(Exit::Environment)
    }

    fn line(&mut self, line: Line) -> Option<Exit> {
        match line {
            Line::Progress { done, total } => self.progress(done, total),
            Line::Fact { text, json } => self.print(&text, &json),
            Line::Item { text, json, loud } => {
                if !self.watched {
                    self.print(&text, &json);
                } else if loud && self.shown <= LOUD_MAX {
                    let more = "more are in the report, which is named at the end";
                    self.print(if self.shown < LOUD_MAX { &text } else { more }, &json);
                    self.shown += 1;
                }
            }
            Line::Note(text) => {
                if !self.json {
                    let _ = writeln!(std::io::stderr(), "{text}");
                }
            }
            Line::End { exit, text, json } => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
                self.print(&text, &json);
                return Some(exit);
            }
            Line::Failed(failure) => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
                if self.json {
                    self.print("", &serde_json::json!({ "error": failure.sentence, "exit": failure.exit.code() }));
                } else {
                    let _ = writeln!(std::io::stderr(), "sidenote: {failure}");
                }
                return Some(failure.exit);
            }
        }
        None
    }

    fn progress(&mut self, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
            return;
        }
        let now = (self.clock)();
        let due = self
            .last_plain
            .is_none_or(|last| now.saturating_sub(last) >= Duration::from_secs(2));
        if due && !self.json {
            self.last_plain = Some(now);
            let total = total.map_or_else(|| "?".to_owned(), |t| t.to_string());
            let _ = writeln!(std::io::stderr(), "{done}/{total}");
        }
    }

    fn print(&self, text: &str, json: &serde_json::Value) {
        let line = if self.json {
            json.to_string()
        } else {
            text.to_owned()
        };
        if line.is_empty() {
            return;
        }
        let write = || {
            // A closed pipe is the reader's wish, not a fault.
            let _ = writeln!(std::io::stdout(), "{line}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}
