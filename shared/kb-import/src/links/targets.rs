//! What the texts of a source may be called by those that link to them.

use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// A text of the source, as links see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its path in the source.
    pub path: String,
    /// The id of its article.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Addresses that it had.
    pub former: Vec<String>,
}

/// Every name of every text; a name that several have leads nowhere by itself.
#[derive(Debug, Default)]
pub struct Targets {
    /// Paths as they are, without the ending, and folders by their page.
    exact: HashMap<String, usize>,
    /// The same without case, dashes and numbers in front; `None` for a name of several texts.
    loose: HashMap<String, Option<usize>>,
    /// Titles and names of files, for links by name.
    names: HashMap<String, Vec<usize>>,
    texts: Vec<Known>,
}

/// Names of the page of a folder.
const INDEX: [&str; 5] = ["index", "readme", "_index", "default", "overview"];
const ENDINGS: [&str; 8] = [
    ".md",
    ".markdown",
    ".mdx",
    ".html",
    ".htm",
    ".txt",
    ".php",
    ".aspx",
];

impl Targets {
    /// Learns the texts of a source.
    pub fn new(texts: &[Known]) -> Self {
        let mut targets = Self {
            texts: texts.to_vec(),
            ..Self::default()
        };
        for (n, text) in texts.iter().enumerate() {
            let path = nfc(&text.path);
            let bare = stem(&path);
            let (folder, file) = bare.rsplit_once('/').unwrap_or(("", bare));
            targets.exact.insert(path.clone(), n);
            for name in [bare, &nfc(&text.id)] {
                targets.exact.entry(name.to_owned()).or_insert(n);
                targets.add_loose(name, n);
            }
            targets.add_loose(&path, n);
            if INDEX[..3].contains(&file.to_lowercase().as_str()) {
                targets.exact.entry(folder.to_owned()).or_insert(n);
                targets.add_loose(folder, n);
            }
            for former in &text.former {
                let former = nfc(former.trim_matches('/'));
                targets.exact.entry(former.clone()).or_insert(n);
                targets.add_loose(&former, n);
            }
            for name in [file, &text.title] {
                let named = targets.names.entry(loose(name)).or_default();
                if named.last() != Some(&n) {
                    named.push(n);
                }
            }
        }
        targets
    }

    fn add_loose(&mut self, name: &str, n: usize) {
        let id = |n: usize, all: &[Known]| all.get(n).map(|t| t.id.clone());
        let known = self.loose.entry(loose(name)).or_insert(Some(n));
        // All texts of one article are one target.
        if known.is_some_and(|other| other != n && id(other, &self.texts) != id(n, &self.texts)) {
            *known = None;
        }
    }

    /// The id that an address leads to, from where `from` stands.
    pub fn find(&self, href: &str, from: &Known) -> Option<&str> {
        let path = href.split('?').next().unwrap_or_default();
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let path = nfc(&path.replace('\\', "/"));
        let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = stem(&from.path);
        let mut candidates = Vec::new();
        if !path.starts_with('/') {
            candidates.extend(join(folder, &path));
            // As seen from an address that ends with a slash.
            candidates.extend(join(own, &path));
            // As seen from where the article stands, whatever folder of a language it was in.
            let home = from.id.rsplit_once('/').map_or("", |(folder, _)| folder);
            candidates.extend(join(home, &path));
        }
        candidates.extend(join("", &path));
        // Climbing out of the source ends at its top.
        candidates.push(path.trim_start_matches("../").trim_matches('/').to_owned());
        let rooted = path.starts_with('/') || path.starts_with("..");
        if let Some((_, below)) = path
            .trim_start_matches('/')
            .split_once('/')
            .filter(|_| rooted)
        {
            // A site below a path of its own: `/docs/guide/a` for `guide/a`.
            candidates.push(below.to_owned());
        }
        // And a source that is the folder of a larger site: `/guide/a` for `docs/guide/a`.
        let top = from
            .path
            .split('/')
            .next()
            .filter(|_| from.path.contains('/'));
        candidates.extend(top.and_then(|top| join(top, path.trim_start_matches('/'))));
        let exact = candidates.iter().find_map(|c| self.exactly(c));
        let found = exact.or_else(|| candidates.iter().find_map(|c| self.loosely(c)))?;
        Some(&self.texts[found].id)
    }

    fn exactly(&self, path: &str) -> Option<usize> {
        let bare = path.trim_end_matches('/');
        let page = |name: &str| self.exact.get(&format!("{bare}/{name}"));
        let found = self.exact.get(bare).or_else(|| self.exact.get(stem(bare)));
        let pages = ["index", "README", "_index", "readme"];
        found
            .or_else(|| pages.iter().find_map(|p| page(p)))
            .copied()
    }

    fn loosely(&self, path: &str) -> Option<usize> {
        let bare = path.trim_end_matches('/');
        let whole = self.loose.get(&loose(bare));
        let found = whole.or_else(|| self.loose.get(&loose(stem(bare))));
        if let Some(found) = found {
            return *found;
        }
        let folder = bare
            .rsplit_once('/')
            .filter(|(_, file)| INDEX.contains(&stem(file).to_lowercase().as_str()));
        folder.and_then(|(folder, _)| self.loose.get(&loose(folder)).copied().flatten())
    }

    /// The id and title of a text by its name, as `[[Name]]` has it; of several the nearest.
    pub fn named(&self, name: &str, from: &Known) -> Option<(&str, &str)> {
        let name = nfc(name.trim());
        let last = name.rsplit('/').next().unwrap_or(&name);
        let named = self.names.get(&loose(stem(last)))?;
        let beside = |text: &Known| {
            let common = text.path.split('/').zip(from.path.split('/'));
            let shared = common.take_while(|(a, b)| a == b).count();
            (
                text.path.to_lowercase().contains(&name.to_lowercase()),
                shared,
            )
        };
        let best = named
            .iter()
            .max_by_key(|n| (beside(&self.texts[**n]), usize::MAX - **n))?;
        let text = &self.texts[*best];
        Some((&text.id, &text.title))
    }
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// A path without the ending of a text.
pub(super) fn stem(path: &str) -> &str {
    let ending = ENDINGS.iter().find(|end| {
        let at = path.len().checked_sub(end.len());
        at.and_then(|at| path.get(at..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    });
    ending.map_or(path, |end| &path[..path.len() - end.len()])
}

/// A name without what site generators change in addresses: case, spaces, dashes, dots, numbers in front.
fn loose(name: &str) -> String {
    let parts = name.trim_matches('/').split('/').map(|part| {
        let number = part.find(|c: char| !c.is_ascii_digit());
        let bare = match number {
            Some(at @ 1..=3) if part[at..].starts_with(['-', '_', '.', ' ']) => &part[at + 1..],
            _ => part,
        };
        bare.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    });
    parts.collect::<Vec<_>>().join("/")
}

/// An address without what a site generator puts before it: `{{ site.baseurl }}/a`, `{{ '/a' | relative_url }}`, `{% link a.md %}`.
pub(super) fn without_base(path: &str) -> &str {
    let path = path.trim();
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        let Some(inner) = path.strip_prefix(open) else {
            continue;
        };
        let Some((tag, rest)) = inner.split_once(close) else {
            continue;
        };
        let quoted = tag.split(['"', '\'']).nth(1);
        if let Some(inside) = quoted.filter(|_| rest.trim().is_empty()) {
            return inside.trim();
        }
        return match rest.trim() {
            "" if open == "{{" => "/",
            "" => tag.split_whitespace().last().unwrap_or_default(),
            rest => rest,
        };
    }
    path
}

/// `target` as seen from `folder`; `None` when it climbs out of the source.
pub fn join(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
