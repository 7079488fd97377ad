//! Our crates, as cargo knows them.

use crate::tree::top;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a cargo command prints.
pub fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(top())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A dependency of one of our crates on another of ours.
pub struct Arrow {
    /// Name of the crate that it points to.
    pub to: String,
    /// Whether only tests follow it.
    pub for_tests: bool,
}

/// One of our crates.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its folder from the top, for example `shared/kb-text`.
    pub folder: String,
    /// Its dependencies on other members.
    pub arrows: Vec<Arrow>,
    /// What `cargo metadata` says of it.
    pub manifest: Value,
}

impl Member {
    /// The Rust files below its `src`.
    pub fn sources(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&top().join(&self.folder).join("src"), &mut files);
        files
    }
}

/// Every crate of the workspace.
pub fn members() -> Vec<Member> {
    let told: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let packages = told["packages"].as_array().unwrap();
    assert!(packages.len() > 10, "cargo names the whole house");
    packages.iter().map(member).collect()
}

fn member(manifest: &Value) -> Member {
    let folder = Path::new(manifest["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap();
    let ours = manifest["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["path"].is_string());
    let arrows = ours.map(|d| Arrow {
        to: d["name"].as_str().unwrap().to_owned(),
        for_tests: d["kind"] == "dev",
    });
    Member {
        name: manifest["name"].as_str().unwrap().to_owned(),
        folder: folder.strip_prefix(top()).unwrap().display().to_string(),
        arrows: arrows.collect(),
        manifest: manifest.clone(),
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
