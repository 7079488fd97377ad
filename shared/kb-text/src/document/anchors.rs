//! The places of a page that links lead to: headings, under their own names and as other systems spell them, and whatever
//! else the author named.

use std::collections::{HashMap, HashSet};
use unicode_normalization::char::is_combining_mark;

/// Gives every heading of a page its anchor.
#[derive(Default)]
pub(super) struct Anchors {
    taken: HashSet<String>,
    /// How often a wanted anchor was there already.
    repeated: HashMap<String, usize>,
    /// The same for the spelling of GitHub, which counts on its own.
    repeated_there: HashMap<String, usize>,
    /// Names of places that stand in the page.
    names: HashSet<String>,
    /// Anchors by their letters and digits alone; the first of equal ones.
    loose: HashMap<String, String>,
}

impl Anchors {
    /// Notes a name that the author gave a place.
    pub fn name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// The anchor of a heading: what the author wants, or a slug of its text, with a number where it is there already.
    pub fn heading(&mut self, wanted: &str, text: &str) -> String {
        let mut anchor = wanted.to_owned();
        while !self.taken.insert(anchor.clone()) {
            // Counted on from the last repetition, so that many equal headings cost no more than many others.
            let n = self.repeated.entry(wanted.to_owned()).or_insert(0);
            *n += 1;
            anchor = format!("{wanted}-{n}");
        }
        for spelled in [&anchor, text] {
            let loose = letters(spelled);
            self.loose.entry(loose).or_insert_with(|| anchor.clone());
        }
        anchor
    }

    /// What GitHub, GitLab, Hugo and Docusaurus call a heading, where it differs from its anchor and is not taken.
    pub fn elsewhere(&mut self, text: &str, anchor: &str) -> Option<String> {
        let slug = github(text);
        if slug.is_empty() {
            return None;
        }
        let n = self.repeated_there.entry(slug.clone()).or_insert(0);
        let name = if *n == 0 { slug } else { format!("{slug}-{n}") };
        *n += 1;
        let fits = !name.is_empty() && name.len() <= NAME_MAX && name != anchor;
        (fits && self.names.insert(name.clone())).then_some(name)
    }

    /// Where a link within the page leads, as it is written there.
    pub fn target(&self, authored: &str) -> Option<String> {
        let plain = percent_encoding::percent_decode_str(authored).decode_utf8_lossy();
        for name in [authored, &plain] {
            if self.taken.contains(name) || self.names.contains(name) {
                return None;
            }
        }
        let explicit = format!("h-{plain}");
        if self.taken.contains(&explicit) {
            return Some(explicit);
        }
        self.loose.get(&letters(&plain)).cloned()
    }
}

/// A longer name is nobody's link.
const NAME_MAX: usize = 400;

/// The letters and digits of a name in lower case: what all spellings of a heading have in common.
fn letters(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A heading as GitHub names it: lower case, a dash for each space, all signs but `-` and `_` left out.
fn github(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            ' ' => slug.push('-'),
            '-' | '_' => slug.push(c),
            c if c.is_alphanumeric() || is_combining_mark(c) => slug.push(c),
            _ => {}
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::{Anchors, github};

    #[test]
    fn headings_are_named_as_on_github() {
        for (text, slug) in [
            ("Setup", "setup"),
            ("安装（Windows）", "安装windows"),
            ("🚀 Start", "-start"),
            ("Reset & restore", "reset--restore"),
            ("C++ / C#", "c--c"),
            ("What's new in 3.2?", "whats-new-in-32"),
            ("foo_bar-baz", "foo_bar-baz"),
        ] {
            assert_eq!(github(text), slug);
        }
    }

    #[test]
    fn a_link_finds_a_heading_however_other_systems_spell_it() {
        let mut anchors = Anchors::default();
        anchors.heading("what-s-new-in-3-2", "What's new in 3.2?");
        for spelled in [
            "whats-new-in-32",
            "what-s-new-in-3.2",
            "What%27s_new_in_3.2",
            "_whats_new_in_3_2",
        ] {
            let found = anchors.target(spelled);
            assert_eq!(found.as_deref(), Some("what-s-new-in-3-2"), "{spelled}");
        }
        assert_eq!(anchors.target("what-s-new-in-3-2"), None);
        assert_eq!(anchors.target("other"), None);
    }
}
