//! A data folder that an older program wrote: what `doctor` says of it, and that an import in it is taken back.

use crate::harness::*;
use std::path::Path;

pub(crate) fn unpacked(folder: &Path) {
    let archive = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/formats/69dbd54.tar.gz"
    );
    let archive = flate2::read::GzDecoder::new(std::fs::File::open(archive).unwrap());
    tar::Archive::new(archive).unpack(folder).unwrap();
}

fn closed(data: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(data, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// What `doctor` says of the format.
fn told(data: &Path) -> String {
    let output = run(data, &["doctor"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let line = lines.find(|l| l["key"] == "format").unwrap();
    line["value"].as_str().unwrap().to_owned()
}

#[test]
fn doctor_says_what_an_upgrade_did_and_an_import_of_an_older_program_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    unpacked(&data);
    // As wide as an older program made it, it is named until somebody closes it.
    let wide = run(&data, &["doctor"]);
    let named = String::from_utf8(wide.stdout).unwrap();
    assert!(named.contains("chmod 700"), "{named}");
    std::fs::remove_dir_all(&data).unwrap();
    unpacked(&data);
    closed(&data);
    let first = told(&data);
    assert!(first.contains("raised from 1 just now"), "{first}");
    for words in ["when they are next written", "refuses this folder"] {
        assert!(first.contains(words), "{first}");
    }
    let second = told(&data);
    assert!(!second.contains("raised"), "{second}");

    let import = "imp_01m8ky17y1e23tajthewpf4ztn";
    let output = run(&data, &["import", "--undo", import]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let end = last_line(&output);
    assert!(end["undone"].as_u64().unwrap() > 0, "{end}");
    let target = folder.path().join("export");
    let output = run(&data, &["export", target.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(last_line(&output)["articles"], 54, "{output:?}");
}
