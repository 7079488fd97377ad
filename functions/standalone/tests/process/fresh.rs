//! Case 99: a fresh installation is closed. Nothing is shown, no secret is known beforehand, and `doctor` says what is open.

use crate::harness::*;
use std::path::Path;

/// What people and programs try, and everything that looks like a secret in what we print of ourselves.
fn guesses(data: &Path) -> Vec<String> {
    let mut said = include_str!("../../../../README.md").to_owned();
    for command in ["serve", "key", "connect", "setup", "person"] {
        let help = run(data, &[command, "--help"]);
        said.push_str(&String::from_utf8_lossy(&help.stdout));
    }
    let words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut guesses: Vec<String> = words
        .filter(|word| word.find('_').is_some_and(|at| at < 4))
        .map(str::to_owned)
        .collect();
    for guess in ["admin", "sidenote", "demo", "changeme", "secret", "test"] {
        guesses.extend([
            guess.to_owned(),
            format!("ak_{guess}"),
            format!("se_{guess}"),
        ]);
    }
    guesses
}

#[test]
fn case_099_a_fresh_installation_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    let keys = run(&data, &["key", "list"]);
    assert_eq!(keys.status.code(), Some(0));
    assert_eq!(last_line(&keys)["keys"], 0, "{keys:?}");
    let guesses = guesses(&data);
    assert!(guesses.len() > 18, "{guesses:?}");
    for guess in &guesses {
        for path in ["/api/v1/me", "/api/v1/keys", "/api/v1/search?q=a"] {
            let (status, answer) = served.get(path, Some(guess));
            assert_eq!(status, 401, "{guess} at {path}: {answer}");
        }
    }
    for page in ["/agent/inbox", "/console/people", "/console/connections"] {
        let (status, location, _) = served.page(page);
        assert!(
            status == 401 || status == 303 && location.contains("/sign-in"),
            "{page}: {status} {location}"
        );
    }

    // Nothing comes in without a word of who reads it, and the portal of what does is not open.
    let texts = folder.path().join("texts");
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("pay.md"), "# Payroll\n\nSalaries by grade.\n").unwrap();
    let texts = texts.to_str().unwrap();
    let unsaid = run(&data, &["import", texts, "--portal", "hr"]);
    assert_eq!(unsaid.status.code(), Some(2), "{unsaid:?}");
    let said = ["import", texts, "--portal", "hr", "--audience", "public"];
    let imported = run(&data, &said);
    assert_eq!(last_line(&imported)["created"], 1, "{imported:?}");
    let (_, portals) = served.get("/api/v1/portals", None);
    assert_eq!(portals["items"], serde_json::json!([]), "{imported:?}");
    let (_, found) = served.get("/api/v1/search?q=payroll", None);
    assert_eq!(found["total"]["value"], 0);
    let (_, _, sitemap) = served.page("/sitemap.xml");
    assert!(!sitemap.contains("<loc>"), "{sitemap}");

    // Once something is open to everybody, whoever looks after it is told by name.
    let opened = run(&data, &[&said[..], &["--activate"]].concat());
    assert_eq!(opened.status.code(), Some(0), "{opened:?}");
    let told = run(&data, &["doctor"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let line = told.lines().find(|line| line.contains("portal hr"));
    assert!(line.is_some_and(|line| line.contains("public")), "{told}");
}
