//! What the folders of a file mean: language, category, sections, and the id by which a second run finds it again.

use kb_domain::Locale;

/// Where a file belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The language that a folder names, if one does.
    pub locale: Option<Locale>,
    /// Category and sections, as the folders are spelled; empty for a file at the root.
    pub folders: Vec<String>,
    /// The path without the language folder and the ending: the same in every language, and stable between runs.
    pub external_id: String,
}

/// The folder that all files have in common, when there is just one at the top and it names no language: the archive's
/// own wrapper, which is no category.
pub fn wrapper<'a>(paths: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut common: Option<&str> = None;
    for path in paths {
        let (top, _) = path.split_once('/')?;
        match common {
            None => common = Some(top),
            Some(first) if first == top => {}
            Some(_) => return None,
        }
    }
    common
        .filter(|top| locale_folder(top).is_none())
        .map(str::to_owned)
}

/// Where the file at `path` belongs. `wrapper` is a leading folder to leave out.
pub fn place(path: &str, wrapper: Option<&str>) -> Place {
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
    let (mut locale, mut id_prefix) = (None, None);
    if let Some((found, site)) = parts.first().and_then(|top| locale_folder(top)) {
        locale = Some(found);
        id_prefix = site;
        parts.remove(0);
    }
    let id: Vec<&str> = id_prefix
        .iter()
        .map(String::as_str)
        .chain(parts.iter().copied())
        .chain([stem])
        .collect();
    Place {
        locale,
        external_id: id.join("/"),
        folders: parts.iter().map(|p| (*p).to_owned()).collect(),
    }
}

/// The language of a folder such as `en`, `zh-Hans`, `zh_TW`, or `intl.en-US`, where the word before the dot is a site
/// of its own and stays part of the id. A bare `it` or `hr` is a department, not Italian or Croatian.
fn locale_folder(folder: &str) -> Option<(Locale, Option<String>)> {
    const BARE: [&str; 10] = ["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "ru", "vi"];
    let (site, tag) = match folder.rsplit_once('.') {
        Some((site, tag)) if tag.contains('-') => (Some(folder[..site.len()].to_owned()), tag),
        Some(_) => return None,
        None => (None, folder),
    };
    let explicit = tag.contains(['-', '_'])
        && tag
            .split(['-', '_'])
            .next()
            .is_some_and(|language| BARE.contains(&language.to_ascii_lowercase().as_str()));
    if !explicit && !BARE.contains(&tag) {
        return None;
    }
    tag.parse().ok().map(|locale| (locale, site))
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

    #[test]
    fn folders_name_language_category_and_sections() {
        let found = place("help/zh-CN/account/sign-in/reset.md", Some("help"));
        assert_eq!(found.locale.unwrap().as_str(), "zh-Hans");
        assert_eq!(found.folders, ["account", "sign-in"]);
        assert_eq!(found.external_id, "account/sign-in/reset");
    }

    #[test]
    fn one_article_has_one_id_in_all_languages_and_two_sites_have_two() {
        assert_eq!(
            place("en/a/b.md", None).external_id,
            place("zh_TW/a/b.md", None).external_id
        );
        assert_ne!(
            place("cn.zh-CN/a/b.md", None).external_id,
            place("intl.en-US/a/b.md", None).external_id
        );
        assert_eq!(place("intl.en-US/a/b.md", None).locale, Some(Locale::en()));
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
    fn a_wrapper_is_one_folder_that_names_no_language() {
        assert_eq!(
            wrapper(["pages/a.md", "pages/b/c.md"]).as_deref(),
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
