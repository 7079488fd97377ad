//! A help desk of some size comes into the program at home, by the README's commands, and what that takes.

use crate::crm_outside::{Browser, Outside, PUBLIC, commands};
use crate::lambda::program;
use kb_runtime::system::{environment, monotonic};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How many articles there are: `SIDENOTE_TEST_ROUNDS`, or a few.
fn articles() -> u64 {
    environment("SIDENOTE_TEST_ROUNDS").map_or(40, |n| n.parse().unwrap())
}

/// Nothing takes longer at the vendor's limits.
const PATIENCE: Duration = Duration::from_mins(10);

/// The program at work.
struct Home {
    child: Child,
    address: String,
    data: TempDir,
}

impl Home {
    /// The program that `SIDENOTE_BIN` names, or the one that was built with the test.
    fn command(data: &Path, arguments: &[&str]) -> Command {
        let program =
            environment("SIDENOTE_BIN").map_or_else(|| program("sidenote"), PathBuf::from);
        let mut command = Command::new(program);
        command
            .arg("--data")
            .arg(data)
            .arg("--json")
            .args(arguments);
        command
    }

    fn start(outside: &Outside) -> Self {
        let data = tempfile::tempdir().unwrap();
        let serve = ["--log", "error", "serve", "--listen", "127.0.0.1:0"];
        let mut command = Self::command(data.path(), &serve);
        command.envs(outside.environment()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if let Some(address) = line["ready"].as_str() {
                let address = address.to_owned();
                return Self {
                    child,
                    address,
                    data,
                };
            }
        }
        panic!("serve ended: {:?}", child.wait());
    }

    /// The last line that a command prints.
    fn sidenote(&self, arguments: &[&str]) -> Value {
        let output = Self::command(self.data.path(), arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_str(said.lines().last().unwrap()).unwrap()
    }

    fn told(&self, command: &str) -> Value {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "sidenote");
        self.sidenote(&words[1..])
    }

    /// Waits until the connection is as `is` says.
    fn until(&self, what: &str, is: impl Fn(&Value) -> bool) {
        let since = monotonic();
        while since() < PATIENCE {
            let status = self.sidenote(&["connection", "zendesk:quillgo", "status"]);
            if is(&status) {
                return;
            }
        }
        panic!("{what} does not come");
    }

    async fn found(&self, word: &str) -> u64 {
        let url = format!("{}/api/v1/search?q={word}", self.address);
        let answer = reqwest::get(url).await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["total"]["value"].as_u64().unwrap()
    }

    /// The memory of the process in megabytes: now, and the most that it ever was.
    fn memory_mb(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kb = line.and_then(|line| line.split_whitespace().next());
            kb.unwrap().parse::<u64>().unwrap() / 1_024
        };
        (value("VmRSS:"), value("VmHWM:"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "listens at port 443, and needs libnss-wrapper"]
async fn row_s111_a_help_desk_comes_in_at_home_by_the_commands_of_the_readme() {
    let articles = articles();
    let outside = Outside::start("127.0.0.8", &["en-us", "zh-cn", "zh-tw"], articles).await;
    let home = Home::start(&outside);
    let texts = home.data.path().join("texts");
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("start.md"), "# Start\n\nWelcome.\n").unwrap();
    let import = ["import", texts.to_str().unwrap(), "--portal", "help"];
    home.sidenote(&[&import[..], &["--audience", "public", "--activate"]].concat());
    let person = ["person", "add", "Mia Chen", "mia@quillhaven.example"];
    let link = home.sidenote(&[&person[..], &["--roles", "admin", "--url", PUBLIC]].concat());
    let commands = commands();
    let made = home.told(&commands[0]);
    let mut browser = Browser::new(home.address.clone());
    let [link, url] = [&link, &made].map(|told| told["url"].as_str().unwrap());
    outside.consent(&mut browser, link, url).await;
    let before = home.memory_mb();
    home.told(&commands[1]);
    let path = url.strip_prefix(PUBLIC).unwrap().to_owned();
    let would = format!("Articles that would come in</th><td>{articles}<");
    let since = monotonic();
    while !browser.page(&path).await.2.contains(&would) {
        assert!(since() < PATIENCE, "the trial run does not end");
    }
    home.told(&commands[2]);
    let since = monotonic();
    home.told(&commands[3]);
    home.until("everything", |status| {
        status["written"] == articles && status["listing"].is_null()
    });
    let took = since();
    let written = home.memory_mb();
    for word in ["heron", "%E8%8B%8D%E9%B9%AD"] {
        let since = monotonic();
        while home.found(word).await != articles.min(1_000) {
            assert!(since() < PATIENCE, "{word} is not found");
        }
    }
    let last = home.told(&commands[4]);
    assert_eq!(
        (&last["connections"], &last["waiting"]),
        (&1.into(), &0.into())
    );
    println!(
        "{articles} articles in three languages: {:.1} s; {} MB before, {} MB at the peak, {} MB afterwards",
        took.as_secs_f64(),
        before.0,
        written.1,
        written.0
    );

    // A second look at everything writes nothing.
    let calls = outside.fake.calls();
    home.told("sidenote connection zendesk:quillgo reconcile");
    home.until("a second look", |status| {
        outside.fake.calls() > calls + articles / 100 && status["listing"].is_null()
    });
    let status = home.told("sidenote connection zendesk:quillgo status");
    assert_eq!(status["written"], articles);
}
