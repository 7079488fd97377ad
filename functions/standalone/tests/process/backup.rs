//! A backup of a data folder, made and brought back as the README says.

use crate::harness::*;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}

/// Ends a server as a supervisor does.
fn stop(mut served: Served) {
    let pid = served.child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.unwrap().success() && served.child.wait().unwrap().success());
}

/// What the base shows: everything that `export` writes, and what a search finds.
fn shown(data: &Path, key: &str) -> (String, Value) {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("export");
    let exported = run(data, &["export", target.to_str().unwrap()]);
    assert_eq!(exported.status.code(), Some(0), "{exported:?}");
    let listed = Command::new("sh")
        .args([
            "-c",
            "find . -type f ! -name sidenote-export.json -exec sha256sum {} + | sort -k2",
        ])
        .current_dir(&target)
        .output()
        .unwrap();
    let served = Served::start(data);
    let (status, found) = served.get("/api/v1/search?q=forgot", Some(key));
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["total"]["value"], 1, "{found}");
    let (status, ticket) = served.get("/api/v1/tickets/crm/1", Some(key));
    assert_eq!((status, &ticket["subject"]), (200, &json!("It burns")));
    stop(served);
    // An address names the port, and the export its own time.
    let found = found["hits"][0]["article"].clone();
    (String::from_utf8(listed.stdout).unwrap(), found)
}

#[test]
fn a_copy_of_the_folder_is_the_whole_base_with_and_without_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 3);
    run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let key = key(&data, "read,suggest");
    let served = Served::start(&data);
    let ticket = json!({"system": "crm", "id": "1", "subject": "It burns"});
    assert_eq!(served.post("/api/v1/tickets", &key, &ticket).0, 201);
    stop(served);
    let (backup, bare) = (folder.path().join("backup"), folder.path().join("bare"));
    copy(&data, &backup);
    let before = shown(&data, &key);

    // What happens afterwards is not in the backup.
    let later = folder.path().join("later.jsonl");
    let line = json!({"id": "later", "title": "You forgot later", "body": "Later."});
    std::fs::write(&later, line.to_string()).unwrap();
    run(
        &data,
        &["import", later.to_str().unwrap(), "--audience", "public"],
    );

    copy(&backup, &bare);
    std::fs::remove_dir_all(bare.join("index")).unwrap();
    for place in [&backup, &bare] {
        std::fs::remove_dir_all(&data).unwrap();
        copy(place, &data);
        let doctor = run(&data, &["doctor"]);
        assert_eq!(doctor.status.code(), Some(0), "{doctor:?}");
        assert_eq!(shown(&data, &key), before, "{}", place.display());
    }
}
