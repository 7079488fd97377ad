//! `sidenote doctor` on a stack: what it says of engines that work, and of those that do not.

use crate::lambda::program;
use kb_search_opensearch::Keys;
use kb_search_opensearch::domain::client;
use serde_json::{Value, json};
use sidenote_tests::stack::{Stack, server};
use std::process::Command;

/// The program on a stack, with some of the environment added or set otherwise.
struct Program {
    stack: Stack,
    data: tempfile::TempDir,
}

impl Program {
    fn run(&self, arguments: &[&str], other: &[(&str, &str)]) -> (Option<i32>, Vec<Value>) {
        let output = Command::new(program("sidenote"))
            .env_clear()
            .envs(self.stack.environment.iter().map(|(n, v)| (n, v)))
            .env("SIDENOTE_DATA", self.data.path())
            .envs(other.iter().copied())
            .arg("--json")
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
        (output.status.code(), lines.collect())
    }

    /// What it says of each thing, and how it ends when all is well.
    fn healthy(&self, other: &[(&str, &str)]) -> Vec<Value> {
        let (exit, lines) = self.run(&["doctor"], other);
        assert_eq!(exit, Some(0), "{lines:#?}");
        lines
    }

    /// Its last sentence, when something is wrong.
    fn complaint(&self, other: &[(&str, &str)]) -> String {
        let (exit, lines) = self.run(&["doctor"], other);
        assert_eq!(exit, Some(3), "{lines:#?}");
        lines.last().unwrap()["error"].as_str().unwrap().to_owned()
    }

    fn named(&self, variable: &str) -> &str {
        let mut all = self.stack.environment.iter();
        &all.find(|(n, _)| *n == variable).unwrap().1
    }
}

fn value<'a>(lines: &'a [Value], key: &str) -> &'a str {
    let line = lines.iter().find(|line| line["key"] == key);
    let value = line.and_then(|line| line["value"].as_str());
    value.unwrap_or_else(|| panic!("nothing of {key} in {lines:#?}"))
}

fn says(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "{text:?} does not say {wanted:?}");
    }
}

async fn program_on_a_stack() -> Program {
    Program {
        stack: Stack::create().await,
        data: tempfile::tempdir().unwrap(),
    }
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn doctor_asks_every_engine_of_a_stack() {
    let program = program_on_a_stack().await;
    let unbuilt = program.complaint(&[]);
    says(
        &unbuilt,
        &["index: nothing has been built yet", "sidenote reindex"],
    );
    program.run(&["reindex"], &[]);
    let lines = program.healthy(&[]);
    for answering in [
        "SIDENOTE_TABLE_MAIN",
        "SIDENOTE_TABLE_LOG",
        "SIDENOTE_BUCKET",
    ] {
        assert_eq!(value(&lines, answering), "answers");
    }
    says(
        value(&lines, "SIDENOTE_OPENSEARCH"),
        &["the endpoint is given"],
    );
    says(value(&lines, "index"), &["built by analysis"]);
    assert_eq!(value(&lines, "health"), "green");
    says(value(&lines, "scores"), &["three fixed documents"]);
    let end =
        json!({"ok": true, "running": false, "parts": 0, "events": null, "connections_waiting": 0});
    assert_eq!(lines.last(), Some(&end));
    // What it measured on is gone.
    let opensearch = server("SIDENOTE_TEST_OPENSEARCH");
    let collection = program.named("SIDENOTE_OPENSEARCH_COLLECTION");
    let left = reqwest::get(format!("{opensearch}/{collection}-scratch-*/_alias")).await;
    assert_eq!(left.unwrap().json::<Value>().await.unwrap(), json!({}));
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn doctor_names_what_is_wrong_with_a_stack_and_what_to_do() {
    let program = program_on_a_stack().await;
    program.run(&["reindex"], &[]);
    let table = program.complaint(&[("SIDENOTE_TABLE_LOG", "of-nobody")]);
    says(
        &table,
        &["SIDENOTE_TABLE_LOG: ", "see that the table is there"],
    );
    let bucket = program.complaint(&[("SIDENOTE_BUCKET", "of-nobody")]);
    says(&bucket, &["SIDENOTE_BUCKET: ", "see that it is there"]);
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let silent = program.complaint(&[("SIDENOTE_OPENSEARCH", &address)]);
    says(
        &silent,
        &["index: ", "scores: ", "SIDENOTE_OPENSEARCH is its address"],
    );

    // As if an older program had built it.
    let opensearch = server("SIDENOTE_TEST_OPENSEARCH");
    let index = format!(
        "{opensearch}/{}/_mapping",
        program.named("SIDENOTE_OPENSEARCH_COLLECTION")
    );
    let older = json!({"_meta": {"analysis": 99}}).to_string();
    let put = reqwest::Client::new().put(index).body(older);
    let put = put
        .header("content-type", "application/json")
        .send()
        .await
        .unwrap();
    assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    let outdated = program.complaint(&[]);
    says(
        &outdated,
        &[
            "index: built by analysis 99, this program uses",
            "sidenote reindex",
        ],
    );
    program.run(&["reindex"], &[]);
    program.healthy(&[]);
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn doctor_finds_the_domain_that_the_environment_names() {
    let program = program_on_a_stack().await;
    program.run(&["reindex"], &[]);
    let moto = server("SIDENOTE_TEST_MOTO");
    let keys = Keys {
        id: "key".to_owned(),
        secret: "secret".to_owned(),
        session: None,
    };
    let domains = client("eu-central-1", &keys, Some(&moto));
    let name = "sidenote-doctor";
    // What an earlier run left.
    let _ = domains.delete_domain().domain_name(name).send().await;
    let named = [
        ("SIDENOTE_OPENSEARCH_DOMAIN", name),
        ("AWS_ENDPOINT_URL_OPENSEARCH", &moto),
    ];
    let none = program.complaint(&named);
    says(
        &none,
        &[
            "SIDENOTE_OPENSEARCH_DOMAIN: eu-central-1 has no domain sidenote-doctor",
            "unset it",
        ],
    );
    let made = domains.create_domain().domain_name(name);
    made.engine_version("OpenSearch_3.1").send().await.unwrap();
    let lines = program.healthy(&named);
    let told = value(&lines, "SIDENOTE_OPENSEARCH_DOMAIN");
    says(
        told,
        &[
            "sidenote-doctor is OpenSearch_3.1 at https://",
            "it is asked at another address",
        ],
    );
    domains
        .delete_domain()
        .domain_name(name)
        .send()
        .await
        .unwrap();
}
