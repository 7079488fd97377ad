//! `import --undo`: what an import made is gone, what it changed is as it was, and what was changed since stays.

use crate::harness::*;
use serde_json::{Value, json};
use std::path::Path;

fn bring(data: &Path, folder: &Path, lines: &[Value]) -> Value {
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    let path = folder.join("corpus.jsonl");
    std::fs::write(&path, text).unwrap();
    let corpus = path.to_str().unwrap();
    let options = ["import", corpus, "--audience", "public", "--activate"];
    last_line(&run(data, &options))
}

fn undo(data: &Path, import: &Value) -> Value {
    let id = import["import"].as_str().unwrap();
    let output = run(data, &["import", "--undo", id]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let end = last_line(&output);
    json!([end["undone"], end["skipped"]])
}

#[test]
fn an_import_is_taken_back_but_for_what_was_changed_since() {
    let folder = tempfile::tempdir().unwrap();
    let (data, folder) = (&folder.path().join("data"), folder.path());
    let served = Served::start(data);
    let line =
        |id: &str, body: &str| json!({"id": id, "title": format!("About {id}"), "body": body});
    let found = |word: &str| {
        let (_, found) = served.get(&format!("/api/v1/search?q={word}"), None);
        let hits = found["hits"].as_array().unwrap().clone();
        let titles = hits.iter().map(|h| h["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    let nothing: [&str; 0] = [];
    let first = [
        line("heron", "The heron waits."),
        line("otter", "The otter dives."),
        line("stork", "The stork flies."),
    ];
    let made = bring(data, folder, &first);
    let changed = [
        line("heron", "The heron sleeps."),
        line("otter", "The otter dives."),
        line("stork", "The stork walks."),
        line("crane", "The crane dances."),
    ];
    let second = bring(data, folder, &changed);
    assert_eq!(
        (&second["created"], &second["updated"]),
        (&json!(1), &json!(2))
    );

    // Somebody goes on with one of the two that the second import changed.
    let admin = key(data, "admin");
    let (_, hit) = served.get("/api/v1/search?q=stork", None);
    let article = hit["hits"][0]["article"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/articles/{article}/translations/en");
    let (_, etag, _) = served.ask("GET", &path, Some(&admin), None, "");
    let draft =
        json!({"title": "About stork", "body": {"format": "text", "source": "The stork sings."}});
    let if_match = format!("If-Match: {etag}\r\n");
    let answer = served.ask(
        "PUT",
        &path,
        Some(&admin),
        Some(&draft.to_string()),
        &if_match,
    );
    assert_eq!(answer.0, 200);

    assert_eq!(undo(data, &second), json!([2, 1]));
    assert_eq!(found("crane"), nothing);
    assert_eq!(
        (found("sleeps"), found("waits")),
        (vec![], vec!["About heron".to_owned()])
    );
    assert_eq!(found("walks"), ["About stork"]);
    assert_eq!(
        undo(data, &second),
        json!([0, 1]),
        "a second time nothing is left"
    );

    // The first one made what the second one changed: that is left alone where it differs, and the rest goes.
    assert_eq!(undo(data, &made), json!([1, 2]));
    assert_eq!(found("otter"), nothing);

    // What was taken back comes in anew from its source.
    let again = bring(data, folder, &changed);
    assert_eq!(
        (&again["created"], &again["failed"]),
        (&json!(2), &json!(0)),
        "{again}"
    );
    assert_eq!(
        (found("dances"), found("dives")),
        (
            vec!["About crane".to_owned()],
            vec!["About otter".to_owned()]
        )
    );

    let output = run(
        data,
        &["import", "--undo", "imp_00000000000000000000000000"],
    );
    assert_eq!(output.status.code(), Some(4));
    let output = run(
        data,
        &["import", "--resume", made["import"].as_str().unwrap()],
    );
    assert_eq!(
        output.status.code(),
        Some(4),
        "what was taken back is not gone on with"
    );
}
