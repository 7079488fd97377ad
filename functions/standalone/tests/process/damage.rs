//! A data folder that is damaged: what is only a help stops nothing, what cannot be made anew is named.

use crate::harness::*;
use serde_json::json;
use std::path::Path;

/// A base with a few articles, after a clean end.
fn base(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    let corpus = write_corpus(folder, 30);
    let import = ["import", &corpus, "--audience", "public", "--activate"];
    assert_eq!(run(&data, &import).status.code(), Some(0));
    data
}

/// How `doctor` ends, and everything it says.
fn doctor(data: &Path) -> (Option<i32>, String) {
    let output = run(data, &["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text)
}

#[test]
fn a_damaged_lexicon_is_named_and_made_anew_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = base(folder.path());
    assert_eq!(doctor(&data).0, Some(0));
    for name in ["parts", "public"] {
        let path = data.join("blobs/lexicon").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        for damage in [middle, 3] {
            // One bit in the middle, and then hardly anything left.
            if damage == middle {
                bytes[middle] ^= 1;
            } else {
                bytes.truncate(damage);
            }
            std::fs::write(&path, &bytes).unwrap();
            let (code, told) = doctor(&data);
            assert_eq!(code, Some(3), "{told}");
            assert!(
                told.contains("lexicon") && told.contains("reindex"),
                "{told}"
            );
            let served = Served::start(&data);
            let (status, found) = served.get("/api/v1/search?q=password", None);
            assert_eq!(
                (status, &found["total"]["value"]),
                (200, &json!(1)),
                "{found}"
            );
            drop(served);
            let (code, told) = doctor(&data);
            assert_eq!(code, Some(0), "{told}");
            bytes = std::fs::read(&path).unwrap();
        }
    }
    std::fs::write(data.join("blobs/lexicon/parts"), "x").unwrap();
    assert_eq!(run(&data, &["reindex"]).status.code(), Some(0));
    assert_eq!(doctor(&data).0, Some(0));
}

#[test]
fn a_store_that_is_gone_is_not_made_anew_beside_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let data = base(folder.path());
    let store = data.join("main.redb");
    let kept = std::fs::read(&store).unwrap();
    for gone in [true, false] {
        std::fs::remove_file(&store).unwrap();
        if !gone {
            std::fs::write(&store, "").unwrap();
        }
        for command in [&["doctor"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let output = run(&data, command);
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(3), "{told}");
            assert!(
                told.contains("main.redb") && told.contains("backup"),
                "{told}"
            );
        }
        std::fs::write(&store, &kept).unwrap();
    }
    assert_eq!(doctor(&data).0, Some(0));
}

#[test]
fn case_089_a_flipped_byte_of_a_text_is_named_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let data = base(folder.path());
    let store = data.join("main.redb");
    let mut bytes = std::fs::read(&store).unwrap();
    let word = b"Forgot password";
    let places: Vec<usize> = (0..bytes.len() - word.len())
        .filter(|at| &bytes[*at..at + word.len()] == word)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] = b'f';
    }
    std::fs::write(&store, &bytes).unwrap();
    let served = Served::start(&data);
    let (_, found) = served.get("/api/v1/search?q=password", None);
    let id = found["hits"][0]["article"].as_str().unwrap();
    let path = format!("/api/v1/articles/{id}/translations/en");
    let (status, told) = served.get(&path, None);
    assert_eq!(status, 500, "{told}");
    drop(served);
    // After a kill the store is looked through as it is opened, after a clean end it is trusted.
    for clean in [false, true] {
        if clean {
            std::fs::write(&store, &bytes).unwrap();
        }
        let (code, told) = doctor(&data);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("backup"), "{told}");
        assert_eq!(told.contains("main.redb"), clean, "{told}");
    }
}
