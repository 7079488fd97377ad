//! Which crate may know which, and what keeps the cloud out of the default program.

use crate::crates::{Member, cargo, members};
use std::fs;
use std::path::PathBuf;

/// Every shared crate that exists, or that the design names, from the top down. An arrow points to a later line.
const SHARED: [&str; 15] = [
    "kb-runtime",
    "kb-connectors",
    "kb-http",
    "kb-import",
    "kb-actions",
    "kb-identity",
    "kb-pages",
    "kb-fetch",
    "kb-search-opensearch",
    "kb-store-dynamodb",
    "kb-events",
    "kb-search",
    "kb-store",
    "kb-text",
    "kb-domain",
];
/// It stands beside the list: tests alone use it, and it may use everything.
const TESTKIT: &str = "kb-testkit";
/// The engines and other things of one home only.
const ADAPTERS: [&str; 7] = [
    "Embedded",
    "FolderBlobs",
    "MemoryBlobs",
    "TantivyIndex",
    "OpenSearchIndex",
    "SystemClock",
    "SystemIds",
];
/// The crates that make the adapters, the one that chooses among them, and the one that builds worlds for tests.
const MAY_NAME_ADAPTERS: [&str; 5] = [
    "kb-store",
    "kb-search",
    "kb-search-opensearch",
    "kb-runtime",
    TESTKIT,
];
/// How the names of crates begin that only the home on AWS needs. `aws-lc-rs` is none of them: it is the cryptography of both homes.
const CLOUD: [&str; 12] = [
    "aws-config",
    "aws-credential-types",
    "aws-runtime",
    "aws-sdk",
    "aws-sigv4",
    "aws-smithy",
    "aws-types",
    "aws_",
    "lambda_",
    "opensearch",
    "kb-search-opensearch",
    "kb-store-dynamodb",
];
const MAIN_MAX_LINES: usize = 25;

fn is_function(member: &Member) -> bool {
    member.folder.starts_with("functions/")
}

fn is_shared(member: &Member) -> bool {
    member.folder.starts_with("shared/")
}

#[test]
fn arrows_between_shared_crates_point_down() {
    for member in members()
        .iter()
        .filter(|m| is_shared(m) && m.name != TESTKIT)
    {
        let place = |name: &str| SHARED.iter().position(|s| *s == name);
        let own = place(&member.name);
        assert!(
            own.is_some(),
            "{} has no place in the list of shared crates",
            member.name
        );
        for arrow in member.arrows.iter().filter(|a| a.to != TESTKIT) {
            assert!(
                place(&arrow.to) > own,
                "{} must not know {}",
                member.name,
                arrow.to
            );
        }
    }
}

#[test]
fn functions_know_only_what_is_shared() {
    let members = members();
    for member in &members {
        let composes = ["sidenote", "fn-jobs"].contains(&member.name.as_str());
        for arrow in &member.arrows {
            let to = members.iter().find(|m| m.name == arrow.to).unwrap();
            let allowed =
                is_shared(to) || is_function(to) && (composes || member.folder == "tests");
            assert!(allowed, "{} must not know {}", member.name, arrow.to);
        }
    }
}

#[test]
fn the_test_kit_is_for_tests_and_never_below_itself() {
    for member in members().iter().filter(|m| m.name != TESTKIT) {
        for arrow in member.arrows.iter().filter(|a| a.to == TESTKIT) {
            assert!(arrow.for_tests, "{} ships {TESTKIT}", member.name);
            let below = ["kb-domain", "kb-text"].contains(&member.name.as_str());
            assert!(!below, "{} must not test with {TESTKIT}", member.name);
        }
    }
}

#[test]
fn only_the_runtime_names_an_adapter() {
    for member in members() {
        let may = MAY_NAME_ADAPTERS.contains(&member.name.as_str());
        if may || member.folder == "tests" {
            continue;
        }
        let sources = member.sources();
        let is_test =
            |f: &&PathBuf| f.ends_with("tests.rs") || f.iter().any(|part| part == "tests");
        for file in sources.iter().filter(|f| !is_test(f)) {
            let text = fs::read_to_string(file).unwrap();
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            let named: Vec<&str> = words.filter(|word| ADAPTERS.contains(word)).collect();
            assert_eq!(named, Vec::<&str>::new(), "{}", file.display());
        }
    }
}

#[test]
fn a_main_boots_and_does_nothing_else() {
    let mut mains = 0;
    for member in members().iter().filter(|m| is_function(m)) {
        for file in member
            .sources()
            .iter()
            .filter(|f| f.ends_with("src/main.rs"))
        {
            mains += 1;
            let lines = fs::read_to_string(file).unwrap().lines().count();
            assert!(
                lines <= MAIN_MAX_LINES,
                "{} has {lines} lines",
                file.display()
            );
        }
    }
    assert!(mains >= 5, "the functions have mains");
}

#[test]
fn the_default_program_holds_nothing_of_the_cloud() {
    let tree = cargo(&["tree", "-p", "sidenote", "-e", "normal", "--prefix", "none"]);
    assert!(
        tree.contains("redb") && tree.contains("fn-search"),
        "{tree}"
    );
    for line in tree.lines() {
        assert!(!CLOUD.iter().any(|c| line.starts_with(c)), "{line}");
        // A second cryptography would be a second one to keep up to date.
        assert!(!line.starts_with("ring v"), "{line}");
    }
}

#[test]
fn a_function_on_lambda_carries_no_engine_of_one_machine() {
    for member in members()
        .iter()
        .filter(|m| is_function(m) && m.name != "sidenote")
    {
        let asked = ["tree", "-p", &member.name, "--features", "lambda"];
        let tree = cargo(&[&asked[..], &["-e", "normal", "--prefix", "none"]].concat());
        assert!(tree.contains("lambda_http"), "{tree}");
        for line in tree.lines() {
            let heavy = ["redb", "tantivy"].iter().any(|h| line.starts_with(h));
            assert!(!heavy, "{} carries {line}", member.name);
        }
    }
}

#[test]
fn a_function_is_a_lambda_only_when_asked() {
    for member in members()
        .iter()
        .filter(|m| is_function(m) && m.name != "sidenote")
    {
        let features = &member.manifest["features"];
        assert!(
            features["default"].is_null(),
            "{} switches features on",
            member.name
        );
        let targets = member.manifest["targets"].as_array().unwrap();
        for target in targets.iter().filter(|t| t["kind"][0] == "bin") {
            assert_eq!(target["name"], member.name.as_str());
            assert_eq!(target["required-features"][0], "lambda", "{}", member.name);
        }
    }
}
