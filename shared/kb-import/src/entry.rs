//! One file of a source, and the budget that keeps a hostile archive harmless.

use crate::manifest::{MANIFEST, RECORDS};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A file of a folder or archive, by its path inside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the source's root, `/` between folders, as the source spells it.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({} bytes)", self.path, self.bytes.len())
    }
}

/// A file that does not come in, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its path inside the source.
    pub path: String,
    /// A sentence with the remedy.
    pub reason: String,
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files that can become articles or name folders, in order of path.
    pub entries: Vec<Entry>,
    /// Everything else, each with its reason; a report names these too.
    pub refused: Vec<Refused>,
    /// What tells an export, and its records.
    pub export: Vec<Entry>,
    /// Files that give the order of others, in whatever format.
    pub navigation: Vec<Entry>,
}

/// What one source may hold. Bodies are at most 2 MB, so a larger file could not be an article anyhow.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Files and folders in one source.
    pub entries: usize,
    /// Bytes of one file after unpacking.
    pub entry_bytes: u64,
    /// Bytes of all files after unpacking.
    pub total_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: 200_000,
            entry_bytes: 4_000_000,
            total_bytes: 512_000_000,
        }
    }
}

/// Whether a path stays inside its source: relative, no `..`, no drive, no NUL.
pub fn is_inside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    !path.is_empty()
        && !path.starts_with(['/', '\\'])
        && !drive
        && !path.contains('\0')
        && !path.split(['/', '\\']).any(|part| part == "..")
}

/// Whether the name is one of a text that can become an article.
pub fn is_article(path: &str) -> bool {
    matches!(
        extension(path).as_str(),
        "md" | "markdown" | "mdx" | "html" | "htm" | "txt"
    )
}

/// Whether the name is one of a picture.
pub fn is_image(path: &str) -> bool {
    matches!(
        extension(path).as_str(),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "avif"
    )
}

/// Names of files that give the order of others, in lower case, the one that decides first.
pub const NAVIGATION: [&str; 14] = [
    "summary.md",
    "_sidebar.md",
    "mkdocs.yml",
    "mkdocs.yaml",
    "docs.json",
    "mint.json",
    "toc.yml",
    "_toc.yml",
    "toc.yaml",
    "sidebars.json",
    "navigation.yml",
    "nav.yml",
    "sidebar.yml",
    ".pages",
];

/// Whether a file gives the order of others, and is no text of its own.
pub fn is_navigation(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Only the spelling of those who read it: a text may be called a summary.
    name != "summary.md" && NAVIGATION.contains(&name.to_lowercase().as_str())
}

/// Whether the name is one of the two files that make a folder of texts an export; they may stand in one outer folder.
pub fn is_export_part(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    !folder.contains('/') && matches!(name, MANIFEST | RECORDS)
}

/// The lower-case ending of the last part, without its dot; empty when there is none.
pub fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.')
        .map(|(_, e)| e.to_ascii_lowercase())
        .unwrap_or_default()
}

impl Listing {
    /// Sorts by path and refuses a file whose name another one has: names are one that differ only in how an accent is composed.
    pub fn finish(mut self) -> Self {
        for entry in &mut self.entries {
            entry.path = entry.path.nfc().collect();
        }
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len());
        for entry in self.entries {
            if kept.last().is_some_and(|last| last.path == entry.path) {
                self.refused.push(Refused {
                    path: entry.path,
                    reason: "the source holds this name twice; the first one was taken".to_owned(),
                });
            } else {
                kept.push(entry);
            }
        }
        self.entries = kept;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_source_are_told_apart() {
        for good in ["a.md", "a/b.md", "a..b/c.md", "中文/文.md", "a/...md"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x.md",
            "a/../../x.md",
            "a\\..\\x.md",
            "C:\\x.md",
            "\\\\host\\x",
            "a\0.md",
        ] {
            assert!(!is_inside(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_and_names_of_another_case_are_others() {
        let entry = |path: &str| Entry {
            path: path.into(),
            bytes: vec![],
        };
        let twice = ["b.md", "A.md", "a.md", "b.md", "e\u{301}.md", "\u{e9}.md"];
        let listing = Listing {
            entries: twice.map(entry).into(),
            ..Listing::default()
        }
        .finish();
        let names: Vec<&str> = listing.entries.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(names, ["A.md", "a.md", "b.md", "\u{e9}.md"]);
        assert_eq!(listing.refused.len(), 2);
    }
}
