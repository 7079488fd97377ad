//! The help desk inside the demo: its articles, and what it is like to call.

use crate::field::{Field, Pick};
use crate::shell::Shell;
use askama::Template;

/// An article of the desk, in its list.
#[derive(Clone, Debug)]
pub struct DeskLine {
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its section.
    pub section: String,
    /// Out of use.
    pub archived: bool,
}

/// The desk.
#[derive(Clone, Template)]
#[template(path = "console/desk.html")]
pub struct DeskPage {
    /// Around it.
    pub shell: Shell,
    /// Where its forms go, and where it lies.
    pub url: String,
    /// The connections of ours.
    pub connections: String,
    /// What it is like to call.
    pub weathers: Vec<Pick>,
    /// Good grants, as a number.
    pub grants: String,
    /// Its articles.
    pub articles: Vec<DeskLine>,
}

/// An article of the desk.
#[derive(Clone, Template)]
#[template(path = "console/desk_article.html")]
pub struct DeskArticlePage {
    /// Around it.
    pub shell: Shell,
    /// Where its forms go.
    pub url: String,
    /// The desk.
    pub back: String,
    /// The language of title and body.
    pub lang: String,
    /// Its title.
    pub title: Field,
    /// Its body, as HTML.
    pub body: String,
    /// The sections that it may stand in.
    pub sections: Vec<Pick>,
    /// Out of use.
    pub archived: bool,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::{stranger, text};

    let line = |archived| DeskLine {
        url: "/demo/desk/articles/1".into(),
        title: text(),
        section: text(),
        archived,
    };
    let desk = DeskPage {
        shell: stranger(tag),
        url: "/demo/desk".into(),
        connections: "/console/connections".into(),
        weathers: picks(),
        grants: text(),
        articles: vec![line(false), line(true)],
    };
    let article = DeskArticlePage {
        shell: stranger(tag),
        url: "/demo/desk/articles/1".into(),
        back: "/demo/desk".into(),
        lang: "en-us".into(),
        title: wrong(),
        body: text(),
        sections: picks(),
        archived: false,
    };
    let archived = DeskArticlePage {
        archived: true,
        title: Field::default(),
        ..article.clone()
    };
    vec![desk.render(), article.render(), archived.render()]
}
