//! The order that a file of navigation gives: `mkdocs.yml`, `docs.json`, `SUMMARY.md` and their like. Whatever its format, it names its
//! texts in the order that readers see them in.

use crate::entry::NAVIGATION;
use crate::links::{Known, Targets};
use std::collections::HashMap;

/// The place of each text that the files of navigation name, from 0; a text that several name stands where the first one has it.
pub(super) fn ranks(navigation: &[(String, String)], targets: &Targets) -> HashMap<String, u32> {
    let mut ranks = HashMap::new();
    let place = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        NAVIGATION.iter().position(|known| *known == name)
    };
    let mut files: Vec<_> = navigation.iter().collect();
    files.sort_by_key(|(path, _)| (path.matches('/').count(), place(path)));
    for (path, text) in files {
        let from = Known {
            path: path.clone(),
            id: path.clone(),
            ..Known::default()
        };
        for word in words(text) {
            if let Some(id) = targets.find(word, &from).filter(|_| word.len() > 1) {
                let next = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
                ranks.entry(id.to_owned()).or_insert(next);
            }
        }
    }
    ranks
}

/// What may be the address of a text: what stands in quotes, in parentheses, or behind a colon or dash up to the end of the line.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(['#', '/']) || line.contains("]("));
    lines.flat_map(|line| {
        let quoted = line.contains('"') || line.contains('\'');
        let pieces: Vec<&str> = if quoted {
            line.split(['"', '\'']).skip(1).step_by(2).collect()
        } else if line.contains("](") {
            let links = line.split("](").skip(1);
            links.filter_map(|rest| rest.split(')').next()).collect()
        } else {
            let bare = line.trim().trim_start_matches('-').trim();
            let value = bare.rsplit_once(": ").map_or(bare, |(_, value)| value);
            vec![value.trim()]
        };
        pieces
            .into_iter()
            .map(|piece| piece.trim_matches(['<', '>']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::is_navigation;

    #[test]
    fn every_form_of_navigation_gives_the_same_order() {
        let text = |path: &str| Known {
            path: path.into(),
            id: path.trim_end_matches(".md").into(),
            ..Known::default()
        };
        let targets = Targets::new(&[text("aa.md"), text("g/b.md"), text("g/c d.md")]);
        for (name, nav) in [
            (
                "mkdocs.yml",
                "site_name: A site\nnav:\n  - Start: g/b.md\n  - More:\n    - g/c d.md\n    - Last: aa.md\n",
            ),
            (
                "docs.json",
                "{\"navigation\": [{\"group\": \"G\", \"pages\": [\"g/b\", \"g/c d\", \"aa\"]}]}",
            ),
            (
                "SUMMARY.md",
                "# Summary\n\n- [Start](g/b.md)\n  - [More](<g/c d.md>)\n- [Last](aa.md)\n",
            ),
            (
                "_sidebar.md",
                "* [Start](/g/b)\n* [More](g/c%20d.md)\n* [Last](aa)\n",
            ),
            (
                "toc.yml",
                "- name: Start\n  href: g/b.md\n- name: More\n  href: g/c d.md\n- name: Last\n  href: aa.md\n",
            ),
        ] {
            let found = ranks(&[(name.to_owned(), nav.to_owned())], &targets);
            let rank = |id: &str| found.get(id).copied();
            assert_eq!(
                (rank("g/b"), rank("g/c d"), rank("aa")),
                (Some(0), Some(1), Some(2)),
                "{name}"
            );
        }
        assert!(
            is_navigation("x/SUMMARY.md")
                && is_navigation("mkdocs.yml")
                && !is_navigation("summary.md")
                && !is_navigation("a.md")
        );
    }
}
