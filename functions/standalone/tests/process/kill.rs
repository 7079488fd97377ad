//! The process is killed while it imports; what was acknowledged is there.

use crate::harness::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

/// Kills the process at random moments of an import; what the report acknowledged is there, and `--resume` ends as if
/// nothing had happened. A kill loses nothing of what the kernel has, so this holds the order of acknowledgment and
/// commit; the switch that leaves commits non-durable makes it fail.
fn killed_imports(rounds: u64, corpus: &str, environment: &[(&str, &str)]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let import = ["import", corpus, "--audience", "public"];
    let whole = last_line(&run(&folder.path().join("whole"), &import));
    let articles = whole["created"].as_u64().unwrap();
    let healthy = last_line(&run(&folder.path().join("whole"), &["doctor"]));
    for round in 0..rounds {
        let data = folder.path().join(format!("data{round}"));
        let served = Served::start_with(&data, environment);
        let mut child = command(&data, &import)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        // Another moment in each round, anywhere in the import: after so many acknowledged items, while it goes on.
        let moment = 1 + round.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (articles * 9 / 10);
        let mut acknowledged = 0;
        let mut id = String::new();
        for line in lines.by_ref() {
            let line: Value = serde_json::from_str(&line).unwrap();
            id = line["import"].as_str().map_or(id, str::to_owned);
            acknowledged += u64::from(line["outcome"] == "created");
            if acknowledged >= moment {
                break;
            }
        }
        drop(served);
        // What was in the pipe had been acknowledged as well.
        acknowledged += lines.filter(|l| l.contains("\"created\"")).count() as u64;
        child.wait().unwrap();
        let served = Served::start(&data);
        let end = last_line(&run(&data, &["import", "--resume", &id]));
        if end["error"].is_string() {
            return Err(format!("round {round}: the import itself is lost: {end}"));
        }
        let (created, unchanged) = (
            end["created"].as_u64().unwrap(),
            end["unchanged"].as_u64().unwrap(),
        );
        if unchanged < acknowledged {
            return Err(format!(
                "round {round}: {acknowledged} acknowledged, {unchanged} found"
            ));
        }
        assert_eq!(
            (created + unchanged, &end["updated"]),
            (articles, &json!(0)),
            "{end}"
        );
        drop(served);
        // The end is the same as without a kill: nothing twice in the store, everything in the index, nothing waiting.
        let again = last_line(&run(&data, &import));
        assert_eq!(
            (&again["created"], again["unchanged"].as_u64()),
            (&json!(0), Some(articles))
        );
        assert_eq!(last_line(&run(&data, &["doctor"])), healthy);
        std::fs::remove_dir_all(&data).unwrap();
    }
    Ok(())
}

/// A corpus of our own, or the one that `SIDENOTE_TEST_CORPUS` names.
fn kill_corpus(folder: &Path) -> String {
    kb_runtime::system::environment("SIDENOTE_TEST_CORPUS")
        .unwrap_or_else(|| write_corpus(folder, 60))
}

/// Fifty rounds by `tests/long kills`.
#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    killed_imports(rounds(4), &kill_corpus(folder.path()), &[]).unwrap();
}

/// What somebody said of a suggestion is there, however soon the process is killed afterwards. Fifty rounds by `tests/long kills`.
#[test]
fn a_kill_loses_no_feedback_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 3);
    run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let key = key(&data, "read,suggest");
    let mut acted = Vec::new();
    for round in 0..rounds(4) {
        let served = Served::start(&data);
        let ticket =
            json!({"system": "crm", "id": round.to_string(), "subject": "I forgot my password"});
        let (status, made) = served.post("/api/v1/suggestions", &key, &json!({"ticket": ticket}));
        assert_eq!(status, 200, "{made}");
        let id = made["id"].as_str().unwrap().to_owned();
        let action = json!({"action": "helpful", "article": made["suggestions"][0]["article"]});
        let path = format!("/api/v1/suggestions/{id}/actions");
        assert_eq!(served.post(&path, &key, &action).0, 204);
        drop(served);
        acted.push(id);
        let home = kb_runtime::home::Home::open(&data, kb_store::Options::default()).unwrap();
        for id in &acted {
            let id: kb_domain::SuggestionId = id.parse().unwrap();
            let row = kb_store::keys::suggestion(id.made_at().unwrap(), id);
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let found = runtime.block_on(home.kb.store().get::<kb_store::repo::Suggestion>(&row));
            let found = found.unwrap().map(|s| s.value.actions.len());
            assert_eq!(found, Some(1), "round {round}");
        }
    }
}

#[test]
fn the_kill_test_fails_without_durable_commits() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = write_corpus(folder.path(), 60);
    assert!(killed_imports(6, &corpus, &[("SIDENOTE_TEST_NO_FSYNC", "1")]).is_err());
}
