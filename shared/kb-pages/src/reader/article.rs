//! An article.

use super::Crumb;
use crate::clean_html::CleanHtml;
use crate::shell::Shell;
use askama::Template;

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
#[template(path = "reader/article.html")]
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

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use super::lists::samples::crumb;
    use crate::samples::{shell, text};

    let heading = |level| Outline {
        text: text(),
        anchor: "a".into(),
        level,
    };
    let full = ArticlePage {
        shell: shell(tag),
        path: vec![crumb()],
        lang: "en".into(),
        other_language: true,
        audience: Some(text()),
        summary: text(),
        body: CleanHtml("<h2 id=\"a\">A</h2><p>b</p>".into()),
        outline: vec![heading(2), heading(3)],
        updated: Some(("2026-11-24".into(), "24 November 2026".into())),
    };
    let bare = ArticlePage {
        path: vec![],
        other_language: false,
        audience: None,
        summary: String::new(),
        outline: vec![],
        updated: None,
        ..full.clone()
    };
    vec![full.render(), bare.render()]
}
