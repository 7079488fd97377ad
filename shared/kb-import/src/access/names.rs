//! What the names of files and folders say: what a system keeps for itself, and what an author keeps back.

use super::words::is_strong;
use crate::fields::plain;

/// Folders and files that systems and editors make for themselves, in lower case.
const SYSTEM: [&str; 24] = [
    "__macosx",
    "node_modules",
    "bower_components",
    "lost+found",
    "$recycle.bin",
    "recycler",
    "system volume information",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "@eadir",
    "#recycle",
    "#snapshot",
    "__pycache__",
    "venv",
    "cvs",
    "resource.frk",
    "network trash folder",
    "temporary items",
    "trash-1000",
    "found.000",
    "pagefile.sys",
    "nohup.out",
];

/// Why a file does not come in at all, by its path in the source: hidden files and what systems and editors leave behind.
pub fn hidden(path: &str) -> Option<&'static str> {
    path.split('/').find_map(|part| {
        let name = part.to_lowercase();
        let left_behind = name.starts_with("~$")
            || name.starts_with(".#")
            || name.starts_with("._")
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#') && name.len() > 1)
            || [
                ".swp",
                ".swo",
                ".bak",
                ".orig",
                ".tmp",
                ".temp",
                ".lnk",
                ".crdownload",
                ".part",
            ]
            .iter()
            .any(|end| name.ends_with(end));
        let invisible = name.trim_start_matches(|c: char| {
            c.is_whitespace() || !c.is_ascii() && !c.is_alphanumeric()
        });
        // A platform that begins with a dot is no hidden folder.
        let platform = name.strip_prefix(".net").is_some_and(|rest| {
            !rest.starts_with(char::is_alphanumeric) || rest.starts_with("core")
        });
        if platform {
            None
        } else if name.starts_with('.') || (invisible.starts_with('.') && invisible.len() > 1) {
            Some("hidden")
        } else if SYSTEM.contains(&name.as_str()) || left_behind {
            Some("hidden: made by a system or an editor")
        } else {
            None
        }
    })
}

/// Folders whose name keeps their texts back, beside the words that forbid readers anywhere.
const KEPT_BACK: &str = "drafts draft unpublished private privat trash deleted bin recyclebin restricted confidential internal \
internalonly staffonly wip scratch 草稿 草稿箱 回收站 废纸篓 内部 內部 内部资料 机密 機密";

/// Why a file is kept as a draft by its name or by a folder that it stands in.
pub fn kept_back(path: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let is_kept = |name: &str| {
        let bare = plain(name);
        is_strong(name) || KEPT_BACK.split_whitespace().any(|word| word == bare)
    };
    if let Some(folder) = folders.split('/').find(|f| !f.is_empty() && is_kept(f)) {
        return Some(format!("it stands in a folder named {folder}"));
    }
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let marked = stem.starts_with('_') && !stem.starts_with("__");
    if marked
        && !matches!(
            plain(stem).as_str(),
            "index" | "readme" | "category" | "section"
        )
    {
        return Some(format!(
            "its name, {file}, begins with an underscore, as drafts and parts of pages do"
        ));
    }
    let pieces: Vec<&str> = stem
        .split(['.', '(', ')', '[', ']', '{', '}'])
        .filter(|piece| !piece.trim().is_empty())
        .collect();
    let says_so = pieces.len() > 1 && pieces.iter().any(|piece| is_strong(piece));
    let lower = stem.to_lowercase();
    let mut words = lower.split(['-', '_', ' ']);
    let begins_so = words
        .next()
        .is_some_and(|first| matches!(first, "draft" | "wip"));
    let ends_so = words
        .next_back()
        .is_some_and(|last| matches!(last, "draft" | "wip" | "private" | "internal"));
    let whole = matches!(
        plain(stem).as_str(),
        "drafts" | "unpublished" | "草稿" | "下書き"
    );
    (says_so || ends_so || begins_so || whole).then(|| format!("its name, {file}, says so"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_or_made_by_a_system_stays_outside_wherever_it_stands() {
        for path in [
            ".a.md",
            "x/.trash/a.md",
            ".netrc",
            ".network/a.md",
            ".obsidian/a.md",
            "x/.git/a.md",
            "__MACOSX/._a.md",
            "__MACOSX/a.md",
            "node_modules/x/README.md",
            "Thumbs.db",
            "x/~$a.docx",
            "~$a.md",
            "lost+found/a.md",
            "$RECYCLE.BIN/a.md",
            "x/a.md~",
            "#a.md#",
            ".#a.md",
            "System Volume Information/a.txt",
            "@eaDir/a.md",
            "desktop.ini",
            "x/a.md.bak",
            "\u{200b}.secret/a.md",
            " .secret/a.md",
        ] {
            assert!(hidden(path).is_some(), "{path}");
        }
        for path in [
            "a.md",
            "x/b c.md",
            "a...md",
            "中文/文.md",
            "_index.md",
            "x~y/a.md",
            "…/a.md",
            "C#/a.md",
            "SDK/.NET/a.md",
            ".NET.md",
            ".NET Core/a.md",
        ] {
            assert_eq!(hidden(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_kept_back_by_its_name_is_a_draft() {
        for path in [
            "_drafts/a.md",
            "x/Drafts/a.md",
            "draft/a.md",
            "internal/a.md",
            "草稿/a.md",
            "x/a.draft.md",
            "a (draft).md",
            "draft-plan.md",
            "plan_private.md",
            "x/_part.md",
            "DRAFT plan.md",
            "Private/a.md",
            "draft.md",
        ] {
            assert!(kept_back(path).is_some(), "{path}");
        }
        for path in [
            "a.md",
            "x/drafting.md",
            "_index.md",
            "internals/a.md",
            "secret.md",
            "how-to-draft-letters.md",
        ] {
            assert_eq!(kept_back(path), None, "{path}");
        }
    }
}
