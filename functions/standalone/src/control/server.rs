//! The answering side of the control socket.

use super::{Request, dispatch};
use crate::app::App;
use crate::exit::Failure;
use crate::output::{Line, Lines};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// The longest question; a command's options are far below it.
const QUESTION_MAX_BYTES: u64 = 1_000_000;

/// Begins listening. The lock on the data says that no other owner lives, so a socket that is there is left over.
/// Errors: the folder does not take a socket.
pub fn bind(path: &Path) -> Result<UnixListener, Failure> {
    let cannot = |e: std::io::Error| {
        Failure::environment(format!("cannot listen at {}: {e}", path.display()))
    };
    if path.exists() {
        std::fs::remove_file(path).map_err(cannot)?;
    }
    let listener = UnixListener::bind(path).map_err(cannot)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(cannot)?;
    Ok(listener)
}

/// Answers until the task is dropped.
pub async fn run(listener: UnixListener, app: Arc<App>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(answer(stream, app.clone()));
            }
            Err(error) => tracing::warn!(%error, "control socket: a caller could not be taken"),
        }
    }
}

async fn answer(stream: UnixStream, app: Arc<App>) {
    let (reader, mut writer) = stream.into_split();
    let mut question = String::new();
    let read = BufReader::new(reader.take(QUESTION_MAX_BYTES))
        .read_line(&mut question)
        .await;
    let Ok(Ok(request)) = read.map(|_| serde_json::from_str::<Request>(&question)) else {
        return;
    };
    let (lines, mut receiver) = Lines::channel();
    let work = tokio::spawn(async move { dispatch::run(&app, request, &lines).await });
    while let Some(line) = receiver.recv().await {
        if send(&mut writer, &line).await.is_err() {
            return;
        }
    }
    let failure = match work.await {
        Ok(Ok(())) => return,
        Ok(Err(failure)) => failure,
        Err(error) => Failure::environment(format!("the command broke off: {error}")),
    };
    let _ = send(&mut writer, &Line::Failed(failure)).await;
}

async fn send(writer: &mut tokio::net::unix::OwnedWriteHalf, line: &Line) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    writer.write_all(&bytes).await
}
