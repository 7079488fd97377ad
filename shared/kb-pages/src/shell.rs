//! What stands around a page: one shell for readers, one for staff.

use crate::texts::Texts;

/// The name that pages without a portal carry.
const PRODUCT: &str = "Sidenote";

/// A language that the page can be read in.
#[derive(Clone, Debug)]
pub struct Language {
    /// Its tag.
    pub tag: String,
    /// Its name in itself.
    pub name: String,
    /// The page in it.
    pub url: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// What stands around every page for readers.
#[derive(Clone)]
pub struct Shell {
    /// The interface.
    pub texts: Texts,
    /// Title of the page.
    pub title: String,
    /// Name of the portal.
    pub portal: String,
    /// Its start page.
    pub home: String,
    /// Where the search form goes.
    pub search: String,
    /// What was searched for.
    pub query: String,
    /// Languages of the page.
    pub languages: Vec<Language>,
    /// Who is signed in.
    pub person: Option<String>,
    /// Whether the page offers to sign in.
    pub door: bool,
}

impl Shell {
    /// Around a page that belongs to no portal.
    pub fn plain(texts: Texts, title: &str) -> Self {
        Self {
            texts,
            title: title.to_owned(),
            portal: PRODUCT.to_owned(),
            home: "/".to_owned(),
            search: "/search".to_owned(),
            query: String::new(),
            languages: Vec::new(),
            person: None,
            door: false,
        }
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }

    /// The page and the portal, once when they have one name.
    pub(crate) fn window_title(&self) -> String {
        if self.title == self.portal {
            return self.title.clone();
        }
        format!("{} · {}", self.title, self.portal)
    }
}

/// A page of the console, in its rail.
#[derive(Clone, Debug)]
pub struct RailLink {
    /// Its address.
    pub url: String,
    /// Its name.
    pub name: String,
    /// The name of its icon.
    pub icon: &'static str,
    /// Whether it is the one shown.
    pub current: bool,
}

/// What stands around every page for staff.
#[derive(Clone)]
pub struct StaffShell {
    /// The interface.
    pub texts: Texts,
    /// Title of the page.
    pub title: String,
    /// Who is signed in.
    pub person: Option<String>,
    /// Languages of the interface.
    pub languages: Vec<Language>,
    /// The pages of the console that they may see; nothing on pages outside of it.
    pub rail: Vec<RailLink>,
}

impl StaffShell {
    pub(crate) fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }

    pub(crate) fn window_title(&self) -> String {
        format!("{} · {PRODUCT}", self.title)
    }
}

/// The language that is shown, by its name; empty where there is no choice.
pub(crate) fn current(languages: &[Language]) -> &str {
    let found = languages.iter().find(|l| l.current);
    found.map_or("", |l| l.name.as_str())
}

/// One or two letters for the round picture of a person.
pub(crate) fn initials(name: &str) -> String {
    let words = name.split_whitespace();
    let first = words.filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let letters: Vec<char> = first.collect();
    match letters.as_slice() {
        [] => String::new(),
        [only] => only.to_uppercase().collect(),
        [first, .., last] => first.to_uppercase().chain(last.to_uppercase()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_first_letters_of_the_first_and_last_name() {
        for (name, expected) in [
            ("Mia Chen", "MC"),
            ("mia", "M"),
            ("蔡宜君", "蔡"),
            ("Ana Maria dos Santos", "AS"),
            ("\"><script>", "S"),
            (" ", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
