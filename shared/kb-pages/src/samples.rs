//! What samples of pages are made of: hostile text in every field that a person writes.

use crate::shell::{Language, RailLink, Shell, StaffShell};
use crate::texts::Texts;
use std::path::Path;

pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

pub(crate) fn text() -> String {
    HOSTILE.to_owned()
}

/// The shell that somebody sees who is signed in.
pub(crate) fn shell(tag: &str) -> Shell {
    Shell {
        texts: Texts::of(&tag.parse().unwrap()),
        title: text(),
        portal: text(),
        home: "/help/en/".into(),
        search: "/help/en/search".into(),
        query: text(),
        languages: languages(),
        person: Some(text()),
        door: true,
    }
}

/// The shell that anybody else sees.
pub(crate) fn stranger(tag: &str) -> Shell {
    Shell {
        person: None,
        ..shell(tag)
    }
}

pub(crate) fn staff(tag: &str) -> StaffShell {
    StaffShell {
        texts: Texts::of(&tag.parse().unwrap()),
        title: text(),
        person: Some(text()),
        languages: languages(),
        rail: vec![link(true), link(false)],
    }
}

fn link(current: bool) -> RailLink {
    RailLink {
        url: "/console/people".into(),
        name: text(),
        icon: "people",
        current,
    }
}

/// Every template: its path below `src`, and its text.
pub(crate) fn templates() -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "html") {
                let name = path.strip_prefix(&top).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

fn languages() -> Vec<Language> {
    let language = |tag: &str, current| Language {
        tag: tag.into(),
        name: text(),
        url: "/help/en/".into(),
        current,
    };
    vec![language("en", true), language("zh-Hans", false)]
}
