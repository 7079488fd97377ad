//! A function's own program, started as Lambda starts it.

use super::gateway::{self, Told};
use super::runtime_api::{Outcome, RuntimeApi};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tokio::sync::mpsc;

/// A running function. It is killed when dropped, as Lambda does it.
pub struct Function {
    name: String,
    child: Child,
    api: RuntimeApi,
    log: mpsc::UnboundedReceiver<String>,
    logged: Vec<String>,
}

impl Function {
    /// Starts it on a data folder, with the environment that Lambda gives and `more`.
    pub async fn start_with(name: &str, data: &Path, more: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start(name).await;
        let mut child = Command::new(program(name))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/25/[$LATEST]0")
            .env("AWS_REGION", "eu-central-1")
            .env("SIDENOTE_DATA", data)
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, log) = mpsc::unbounded_channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        // The channel closes with the function's standard error: that is how a test learns that it ended.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            name: name.to_owned(),
            child,
            api,
            log,
            logged: Vec::new(),
        }
    }

    /// Starts it on a data folder.
    pub async fn start(name: &str, data: &Path) -> Self {
        Self::start_with(name, data, &[]).await
    }

    /// Sends an event and waits for what the function makes of it.
    pub async fn invoke(&mut self, event: &Value) -> Outcome {
        let mut outcome = self.api.invoke(event);
        loop {
            tokio::select! {
                outcome = &mut outcome => {
                    assert_eq!(self.api.faults(), Vec::<String>::new(), "{}", self.name);
                    return outcome.unwrap();
                }
                line = self.log.recv() => match line {
                    Some(line) => self.logged.push(line),
                    None => panic!("{} ended: {:#?}", self.name, self.logged),
                }
            }
        }
    }

    /// Sends an event and reads the answer as API Gateway does.
    pub async fn ask(&mut self, event: &Value) -> Told {
        match self.invoke(event).await {
            Ok(answer) => gateway::told(&answer),
            Err(fault) => panic!("{} fails at {event}: {fault}", self.name),
        }
    }

    /// Waits until it ends by itself: exit code, what it told Lambda, and its log.
    pub async fn ended(mut self) -> (Option<i32>, Option<Value>, Vec<String>) {
        while let Some(line) = self.log.recv().await {
            self.logged.push(line);
        }
        let code = self.child.wait().unwrap().code();
        (code, self.api.no_start(), std::mem::take(&mut self.logged))
    }

    /// Ends it, and waits until it has let go of its data.
    pub fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Function {
    #[expect(
        clippy::print_stderr,
        reason = "what a function complained of explains a test that fails"
    )]
    fn drop(&mut self) {
        while let Ok(line) = self.log.try_recv() {
            self.logged.push(line);
        }
        let faults = self
            .logged
            .iter()
            .filter(|l| l.contains("WARN") || l.contains("ERROR"));
        for line in faults {
            eprintln!("{}: {line}", self.name);
        }
        // It may have ended by itself, or by the test's own hand.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, which lies beside the folder of the test itself.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join(name);
    assert!(
        program.exists(),
        "{name} is not built: run cargo build --workspace --all-features"
    );
    program
}
