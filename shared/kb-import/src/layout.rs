//! What the folders of a file mean: language, category, sections, and the id by which a second run finds it again.

use super::access::names::hidden;
use super::language;
use kb_domain::Locale;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Where a file belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The language that a folder or the file's name names, if one does.
    pub locale: Option<Locale>,
    /// Category and sections, as the folders are spelled; empty for a file at the root.
    pub folders: Vec<String>,
    /// The name of the file without its ending and language.
    pub stem: String,
    /// The path without the language and the ending: the same in every language, and stable between runs.
    pub external_id: String,
    /// The same with the ending: what the article is called where a file of another ending has the plain id.
    pub with_ending: String,
    /// The whole path below the wrapper: what it is called where even that is taken.
    pub whole: String,
    /// What an earlier version of this program called it, where that differs.
    pub earlier: String,
}

/// How the folders of one source are read.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// A leading folder to leave out.
    wrapper: Option<String>,
    /// Folders that hold nothing but folders of languages, below the wrapper.
    multilingual: BTreeSet<String>,
    /// Every file without its ending, below the wrapper, to tell a language at the end of a name from a word.
    stems: HashSet<String>,
}

/// Files at the top of a source that are about the source, and no sign that its only folder is more than a wrapper.
const ABOUT: [&str; 7] = [
    "readme",
    "contributing",
    "changelog",
    "security",
    "code_of_conduct",
    "authors",
    "support",
];

/// The folder that all files have in common, when there is just one at the top and it names no language: the archive's
/// own wrapper, which is no category. What stands beside it about the source itself changes nothing.
pub fn wrapper<'a>(paths: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut common: Option<&str> = None;
    for path in paths {
        let Some((top, _)) = path.split_once('/') else {
            let stem = path.split('.').next().unwrap_or(path).to_lowercase();
            if ABOUT.contains(&stem.as_str()) {
                continue;
            }
            return None;
        };
        match common {
            None => common = Some(top),
            Some(first) if first == top => {}
            Some(_) => return None,
        }
    }
    common
        .filter(|top| language::of_folder(top).is_none())
        .map(str::to_owned)
}

/// Folders at the top of a source with some ids that their files have with and without that folder: by those that the base knows, an
/// earlier run tells whether it left the folder out.
pub fn samples(paths: &[&str]) -> BTreeMap<String, Vec<(String, String)>> {
    let mut samples: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in paths.iter().filter(|p| hidden(p).is_none()) {
        let Some((top, _)) = path.split_once('/') else {
            continue;
        };
        if language::of_folder(top).is_some() || (samples.len() >= 20 && !samples.contains_key(top))
        {
            continue;
        }
        let ids = samples.entry(top.to_owned()).or_default();
        if ids.len() < 20 {
            let id = |wrapper| earlier(path, wrapper);
            ids.push((id(Some(top)), id(None)));
        }
    }
    samples
}

impl Layout {
    /// Looks at all files of a source. `wrapper` is a leading folder to leave out.
    pub fn new(paths: &[&str], wrapper: Option<String>) -> Self {
        let mut layout = Self {
            wrapper,
            ..Self::default()
        };
        let mut languages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            let inner = layout.inner(path);
            let stem = inner.rsplit_once('.').map_or(inner, |(stem, _)| stem);
            layout.stems.insert(stem.to_owned());
            let parts: Vec<&str> = inner.split('/').collect();
            for depth in 1..parts.len().saturating_sub(1).min(4) {
                if language::of_folder(parts[depth]).is_some() {
                    let folder = parts[..depth].join("/");
                    languages
                        .entry(folder)
                        .or_default()
                        .insert(parts[depth].to_owned());
                }
            }
        }
        // One folder of a language alone may be about that language; several beside each other are translations.
        let several = languages.into_iter().filter(|(_, tags)| tags.len() > 1);
        layout.multilingual = several.map(|(folder, _)| folder).collect();
        layout
    }

    fn inner<'p>(&self, path: &'p str) -> &'p str {
        let wrapper = self.wrapper.as_deref();
        wrapper
            .and_then(|w| path.strip_prefix(w))
            .and_then(|p| p.strip_prefix('/'))
            .unwrap_or(path)
    }

    /// Where the file at `path` belongs.
    pub fn place(&self, path: &str) -> Place {
        let inner = self.inner(path);
        let mut parts: Vec<&str> = inner
            .split('/')
            .filter(|p| !p.is_empty() && *p != ".")
            .collect();
        let file = parts.pop().unwrap_or(inner);
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        let mut site = None;
        let mut locale = None;
        for depth in 0..parts.len().min(4) {
            let there = depth == 0 || self.multilingual.contains(&parts[..depth].join("/"));
            if let Some((found, of_site)) = language::of_folder(parts[depth]).filter(|_| there) {
                (locale, site) = (Some(found), of_site);
                parts.remove(depth);
                break;
            }
        }
        let folder = inner
            .rsplit_once('/')
            .map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let in_others = |before: &str| {
            let tags = [
                "", ".en", "_en", "_zh", "_cn", "_CN", "_TW", "_ja", "_de", "_fr", "_es",
            ];
            let other = |tag: &&str| format!("{folder}{before}{tag}");
            tags.iter().any(|tag| {
                other(tag) != format!("{folder}{stem}") && self.stems.contains(&other(tag))
            })
        };
        let (bare, by_name) = match language::of_stem(stem, in_others) {
            Some((bare, found)) => (bare, Some(found)),
            None => (stem, None),
        };
        let id: Vec<&str> = site
            .iter()
            .map(String::as_str)
            .chain(parts.iter().copied())
            .chain([bare])
            .collect();
        let external_id = id.join("/");
        Place {
            locale: by_name.or(locale),
            with_ending: format!("{external_id}.{ending}"),
            external_id,
            stem: bare.to_owned(),
            folders: parts.iter().map(|p| (*p).to_owned()).collect(),
            whole: inner.to_owned(),
            earlier: earlier(path, self.wrapper.as_deref()),
        }
    }
}

/// The id that a file had when only a folder at the top could name a language, in lower case.
fn earlier(path: &str, wrapper: Option<&str>) -> String {
    const BARE: [&str; 10] = ["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "ru", "vi"];
    let inner = wrapper
        .and_then(|w| path.strip_prefix(w))
        .and_then(|p| p.strip_prefix('/'))
        .unwrap_or(path);
    let mut parts: Vec<&str> = inner
        .split('/')
        .filter(|p| !p.is_empty() && *p != ".")
        .collect();
    let file = parts.pop().unwrap_or(inner);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut prefix = None;
    if let Some(top) = parts.first() {
        let (site, tag) = match top.rsplit_once('.') {
            Some((site, tag)) if tag.contains('-') => (Some(site), tag),
            Some(_) => (None, ""),
            None => (None, *top),
        };
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        let explicit =
            tag.contains(['-', '_']) && BARE.contains(&language.to_ascii_lowercase().as_str());
        if (explicit || BARE.contains(&tag)) && tag.parse::<Locale>().is_ok() {
            prefix = site;
            parts.remove(0);
        }
    }
    let id: Vec<&str> = prefix.into_iter().chain(parts).chain([stem]).collect();
    id.join("/")
}

/// A folder or file name as a person would write it: dashes and underscores become spaces, the first letter is large.
/// A name with Han text or spaces is left as it is.
pub fn display_name(name: &str) -> String {
    let one_line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.contains(' ') || !one_line.is_ascii() {
        return one_line;
    }
    let spaced = one_line.replace(['-', '_'], " ");
    let spaced = spaced.trim();
    let mut chars = spaced.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, wrapper: Option<&str>) -> Place {
        Layout::new(&[path], wrapper.map(str::to_owned)).place(path)
    }

    #[test]
    fn folders_name_language_category_and_sections() {
        let found = place("help/zh-CN/account/sign-in/reset.md", Some("help"));
        assert_eq!(found.locale.unwrap().as_str(), "zh-Hans");
        assert_eq!(found.folders, ["account", "sign-in"]);
        assert_eq!(found.external_id, "account/sign-in/reset");
    }

    #[test]
    fn one_article_has_one_id_in_all_languages_and_two_sites_have_two() {
        let id = |path| place(path, None).external_id;
        for other in [
            "zh_TW/a/b.md",
            "EN/a/b.md",
            "ZH/a/b.md",
            "简体中文/a/b.md",
            "a/b.zh-CN.md",
            "a/b.en.md",
            "a/b.md",
        ] {
            assert_eq!(id("en/a/b.md"), id(other), "{other}");
        }
        assert_ne!(id("cn.zh-CN/a/b.md"), id("intl.en-US/a/b.md"));
        assert_eq!(place("intl.en-US/a/b.md", None).locale, Some(Locale::en()));
    }

    #[test]
    fn languages_further_down_stand_beside_each_other() {
        let paths = [
            "x/en/a.md",
            "x/zh-CN/a.md",
            "tools/vi/a.md",
            "k/a_en.md",
            "k/a_zh.md",
            "k/b_en.md",
        ];
        let layout = Layout::new(&paths, None);
        assert_eq!(layout.place(paths[0]).external_id, "x/a");
        assert_eq!(layout.place(paths[1]).locale.unwrap().as_str(), "zh-Hans");
        assert_eq!(layout.place(paths[2]).external_id, "tools/vi/a");
        assert_eq!(layout.place(paths[4]).external_id, "k/a");
        assert_eq!(layout.place(paths[5]).external_id, "k/b_en");
    }

    #[test]
    fn departments_are_not_languages() {
        for path in [
            "hr/leave/days.md",
            "it/vpn.md",
            "v1.2/x.md",
            "18f/x.md",
            "no-reply/x.md",
        ] {
            assert_eq!(place(path, None).locale, None, "{path}");
        }
    }

    #[test]
    fn what_an_earlier_version_called_a_file_is_known() {
        for (path, wrapper, id) in [
            ("help/zh-CN/a/b.md", Some("help"), "a/b"),
            ("EN/a/b.md", None, "EN/a/b"),
            ("x/en/a.md", None, "x/en/a"),
            ("cn.zh-CN/a.md", None, "cn/a"),
            ("a/b.zh-CN.md", None, "a/b.zh-CN"),
        ] {
            assert_eq!(place(path, wrapper).earlier, id, "{path}");
        }
    }

    #[test]
    fn a_wrapper_is_one_folder_that_names_no_language() {
        assert_eq!(
            wrapper(["pages/a.md", "pages/b/c.md"]).as_deref(),
            Some("pages")
        );
        assert_eq!(
            wrapper(["pages/a.md", "README.md"]).as_deref(),
            Some("pages")
        );
        assert_eq!(wrapper(["en/a.md", "en/b.md"]), None);
        assert_eq!(wrapper(["a.md", "pages/b.md"]), None);
    }

    #[test]
    fn names_read_as_a_person_would_write_them() {
        assert_eq!(display_name("travel-and-leave"), "Travel and leave");
        assert_eq!(display_name("API 参考"), "API 参考");
        assert_eq!(display_name("a\n  b"), "a b");
    }
}
