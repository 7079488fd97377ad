//! Rules of the house that a text search can hold.

use crate::shape::is_test;
use crate::tree::{File, files, top};

fn rust() -> Vec<File> {
    files(&[".rs"])
}

/// Lines of a file before its tests, without comments.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let tests = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
    file.text[..tests]
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Where a product file holds one of these words. `home` may.
fn elsewhere(words: &[&str], home: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust() {
        if is_test(&file.path) || home.iter().any(|h| file.path.starts_with(h)) {
            continue;
        }
        for (n, line) in code(&file) {
            if words.iter().any(|w| line.contains(w)) {
                found.push(format!("{}:{n}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

#[test]
fn status_codes_are_kb_https_affair() {
    let found = elsewhere(
        &["StatusCode", "http::status"],
        &["shared/kb-http/", "shared/kb-testkit/"],
    );
    assert_eq!(found, Vec::<String>::new(), "answer by kb_http instead");
}

#[test]
fn a_key_is_spelled_in_keys_rs_only() {
    let prefixes = [
        "\"ART#", "\"REV#", "\"BODY#", "\"TREE#", "\"SEC#", "\"EVT#", "\"DUE#", "\"TIX#", "\"SUG#",
        "\"SET#", "\"KEY#", "\"ADDR#", "\"EXT#", "\"USR#", "\"SES#", "\"GATE", "\"IMP#", "\"IDEM#",
        "\"STATE#", "\"HOST#", "\"CON#", "\"CONN", "\"REC#",
    ];
    let found = elsewhere(&prefixes, &["shared/kb-store/src/keys"]);
    assert_eq!(found, Vec::<String>::new(), "add a function to keys.rs");
}

/// Everything else prepares its rows with `Work` and says what happened; a verb that wrote past it would leave no event.
#[test]
fn a_transaction_is_committed_by_the_store_and_by_the_one_door_to_it() {
    let home = [
        "shared/kb-store/",
        "shared/kb-store-dynamodb/",
        "shared/kb-events/",
        // The feed of a stack keeps its own place, and what it gives up.
        "shared/kb-runtime/src/lambda/events.rs",
    ];
    let words = ["Transaction::new(", "table.commit(", "table().commit("];
    let found = elsewhere(&words, &home);
    assert_eq!(found, Vec::<String>::new(), "use kb_events::Work");
}

/// A vendor is a module of its own and data; the engine that reads it knows none. Texts of pages may name it.
#[test]
fn a_vendor_is_named_in_its_own_rooms_only() {
    let rooms = [
        "shared/kb-connectors/src/vendors/",
        "shared/kb-connectors/src/fakes/",
        // The help desk inside the demo is one of a kind.
        "functions/standalone/src/demo/",
    ];
    let mut found = Vec::new();
    for file in rust().iter().filter(|f| !is_test(&f.path)) {
        let is_room = rooms.iter().any(|room| file.path.starts_with(room));
        for (n, line) in code(file).filter(|_| !is_room) {
            // An account or an address that stands as an example.
            let line = line.to_lowercase().replace("zendesk:acme", "");
            let line = line.replace("https://acme.zendesk.com", "");
            if ["zendesk", "servicenow", "bamboohr", "confluence"]
                .iter()
                .any(|v| line.contains(v))
            {
                found.push(format!("{}:{n}: {}", file.path, line.trim()));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "say it in its Profile");
}

#[test]
fn nothing_waits_for_time_to_pass_in_a_test() {
    let waits = ["thread::sleep", "time::sleep"];
    let mut found = Vec::new();
    // The second spares a table that asks to be spared, the third one that cannot be written.
    let may = [
        "tests/tidy/house.rs",
        "shared/kb-store-dynamodb/src/read.rs",
        "functions/standalone/src/app.rs",
    ];
    for file in rust().iter().filter(|f| !may.contains(&f.path.as_str())) {
        for (n, line) in file.text.lines().enumerate() {
            if waits.iter().any(|w| line.contains(w)) {
                found.push(format!("{}:{}", file.path, n + 1));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "wait for the thing itself");
}

#[test]
fn every_crate_has_a_readme_that_is_its_root_document() {
    for file in files(&["Cargo.toml"])
        .iter()
        .filter(|f| f.path != "Cargo.toml")
    {
        let folder = top().join(&file.path).parent().unwrap().to_owned();
        let readme = std::fs::read_to_string(folder.join("README.md"))
            .unwrap_or_else(|_| panic!("{} has no README.md", folder.display()));
        assert!(readme.lines().count() <= 40, "{}", folder.display());
        let root = [folder.join("src/lib.rs"), folder.join("lib.rs")];
        let root = root.iter().find_map(|p| std::fs::read_to_string(p).ok());
        assert!(
            root.unwrap_or_default().contains("README.md\")"),
            "{}: its root document is its README.md",
            folder.display()
        );
    }
}

#[test]
fn no_test_is_skipped_without_saying_why() {
    for file in rust().iter().filter(|f| f.path != "tests/tidy/house.rs") {
        for (n, line) in file.text.lines().enumerate() {
            assert!(line.trim() != "#[ignore]", "{}:{}", file.path, n + 1);
        }
    }
}

#[test]
fn the_top_level_holds_what_was_agreed() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "functions",
        "shared",
        "infra",
        "tests",
        "samconfig.toml",
        "README.md",
        "README.zh-CN.md",
        "CHANGELOG.md",
        "LICENSE",
        "target",
    ];
    for entry in std::fs::read_dir(top()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || agreed.contains(&name.as_str()),
            "{name}"
        );
    }
}

#[test]
fn templates_hold_no_script_style_or_handler() {
    for file in files(&[".html"])
        .iter()
        .filter(|f| f.path.starts_with("shared/kb-pages/src/"))
    {
        let modules = file.text.replace("<script type=\"module\" src=\"{{", "");
        for banned in [
            "<script", "<style", " style=", " onclick", " onload", "|safe", "{% raw",
        ] {
            assert!(!modules.contains(banned), "{banned} in {}", file.path);
        }
    }
}

#[test]
fn every_text_of_the_interface_is_shown_somewhere() {
    let sources = files(&[".rs", ".html", ".ftl"]);
    let english = sources
        .iter()
        .find(|f| f.path.ends_with("locales/en.ftl"))
        .unwrap();
    let shown = |key: &str| {
        let quoted = format!("\"{key}\"");
        sources
            .iter()
            .any(|f| !is_test(&f.path) && f.text.contains(&quoted))
    };
    let keys = english
        .text
        .lines()
        .filter(|l| l.starts_with(char::is_alphabetic))
        .filter_map(|l| Some(l.split_once(" =")?.0));
    let unused: Vec<&str> = keys.filter(|key| !shown(key)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}
