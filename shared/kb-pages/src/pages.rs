//! The contexts of the pages. Each renders by its template.

use crate::texts::Texts;
use askama::Template;
use std::fmt;

/// Markup that the sanitizer wrote; the only text that a template does not escape.
#[derive(Clone, Debug, Default)]
pub struct CleanHtml(pub String);

impl askama::filters::HtmlSafe for CleanHtml {}

impl fmt::Display for CleanHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name with its address.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// The name.
    pub name: String,
    /// The address.
    pub url: String,
}

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

/// What stands around every page.
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
            portal: "Sidenote".to_owned(),
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

/// The start page of a portal.
#[derive(Clone, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// Around it.
    pub shell: Shell,
    /// Categories, in order.
    pub categories: Vec<Card>,
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

/// The page of a category or section.
#[derive(Clone, Template)]
#[template(path = "node.html")]
pub struct NodePage {
    /// Around it.
    pub shell: Shell,
    /// From the category down, without the node itself.
    pub path: Vec<Crumb>,
    /// What it is about.
    pub description: String,
    /// Sections below it.
    pub sections: Vec<Card>,
    /// Articles in it.
    pub articles: Vec<Entry>,
    /// The next page of articles.
    pub more: Option<String>,
}

/// A heading in the table of contents.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The heading.
    pub text: String,
    /// Its anchor.
    pub anchor: String,
    /// Its level, 2 or 3.
    pub level: u8,
}

/// The page of an article.
#[derive(Clone, Template)]
#[template(path = "article.html")]
pub struct ArticlePage {
    /// Around it.
    pub shell: Shell,
    /// From the category down to the section.
    pub path: Vec<Crumb>,
    /// The language of the article.
    pub lang: String,
    /// Whether it is another language than the reader asked for.
    pub other_language: bool,
    /// Who may read it, for staff, when it is not public.
    pub audience: Option<String>,
    /// The summary.
    pub summary: String,
    /// The body.
    pub body: CleanHtml,
    /// Headings, when there are several.
    pub outline: Vec<Outline>,
    /// When it became live: for machines and for people.
    pub updated: Option<(String, String)>,
}

/// A stretch of a snippet.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it matched.
    pub marked: bool,
}

/// The page of search results.
#[derive(Clone, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// Around it.
    pub shell: Shell,
    /// How many articles match.
    pub total: u64,
    /// Whether there are no more than that.
    pub exact: bool,
    /// Hits: the article with its path, and the snippet.
    pub hits: Vec<(Entry, Vec<Piece>)>,
    /// The next page.
    pub more: Option<String>,
}

/// A page that says something: not found, an error, a problem explained.
#[derive(Clone, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// Around it.
    pub shell: Shell,
    /// What it says.
    pub text: String,
    /// The id of the request, where it matters.
    pub request: Option<String>,
}

#[cfg(test)]
mod tests;
