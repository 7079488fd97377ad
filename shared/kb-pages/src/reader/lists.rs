//! What several pages list.

/// A name with its address.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// The name.
    pub name: String,
    /// The address.
    pub url: String,
}

/// A category on the start page, or a section in a list.
#[derive(Clone, Debug)]
pub struct Card {
    /// The name.
    pub name: String,
    /// The address.
    pub url: String,
    /// What it is about.
    pub description: String,
    /// What stands below it.
    pub children: Vec<HomeSection>,
}

/// A section on the start page.
#[derive(Clone, Debug)]
pub struct HomeSection {
    /// The name.
    pub name: String,
    /// The address.
    pub url: String,
}

/// An article in a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The title.
    pub title: String,
    /// The address.
    pub url: String,
    /// The summary.
    pub summary: String,
    /// The language of the title.
    pub lang: String,
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::samples::text;

    pub(crate) fn crumb() -> Crumb {
        Crumb {
            name: text(),
            url: "/x".into(),
        }
    }

    pub(crate) fn card() -> Card {
        Card {
            name: text(),
            url: "/x".into(),
            description: text(),
            children: vec![HomeSection {
                name: text(),
                url: "/x".into(),
            }],
        }
    }

    pub(crate) fn entry() -> Entry {
        Entry {
            title: text(),
            url: "/x".into(),
            summary: text(),
            lang: "en".into(),
        }
    }
}
