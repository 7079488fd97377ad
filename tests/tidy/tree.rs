//! The files of the repository.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// A file with its path from the top, `/` between folders.
pub(crate) struct File {
    pub path: String,
    pub text: String,
}

/// Every text file with one of these endings, below the top; build output and hidden folders left out.
pub(crate) fn files(endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&top(), &mut |path| {
        let name = path.to_string_lossy();
        if endings.iter().any(|e| name.ends_with(e)) {
            let path = path.strip_prefix(top()).unwrap();
            found.push(File {
                text: std::fs::read_to_string(top().join(path)).unwrap(),
                path: path.to_string_lossy().replace('\\', "/"),
            });
        }
    });
    assert!(
        found.len() > 5,
        "the walk begins at the top of the repository"
    );
    found
}

fn walk(folder: &Path, found: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                walk(&path, found);
            }
        } else {
            found(&path);
        }
    }
}
