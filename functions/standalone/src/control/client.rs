//! The asking side of the control socket.

use super::Request;
use crate::exit::Failure;
use crate::output::{Line, Lines};
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// The owner of the data folder, if one is running. A socket that nobody answers is left over and counts as none.
pub async fn connect(socket: &Path) -> Option<UnixStream> {
    UnixStream::connect(socket).await.ok()
}

/// Hands `request` to the owner and passes its lines on. Errors: the owner went away before the end.
pub async fn run(stream: UnixStream, request: &Request, lines: &Lines) -> Result<(), Failure> {
    let gone = |_| {
        Failure::environment("the running sidenote went away before the end; run the command again")
    };
    let mut question = serde_json::to_vec(request).map_err(Failure::usage)?;
    question.push(b'\n');
    let (reader, mut writer) = stream.into_split();
    writer.write_all(&question).await.map_err(gone)?;
    let mut answers = BufReader::new(reader).lines();
    while let Some(answer) = answers.next_line().await.map_err(gone)? {
        let line: Line = serde_json::from_str(&answer).map_err(|_| {
            Failure::environment(
                "the running sidenote is of another version; stop it, or use its program",
            )
        })?;
        let last = matches!(line, Line::End { .. } | Line::Failed(_));
        if lines.say(line).await.is_err() || last {
            return Ok(());
        }
    }
    Err(Failure::environment(
        "the running sidenote went away before the end; run the command again",
    ))
}
