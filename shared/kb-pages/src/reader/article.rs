//! An article.

use super::{Crumb, Feedback};
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
    /// Whether it helped, for those who may vote.
    pub feedback: Option<Feedback>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use super::FeedbackStep;
    use super::lists::samples::crumb;
    use crate::samples::{shell, text};
    use kb_domain::{VoteCounts, VoteReason};

    let heading = |level| Outline {
        text: text(),
        anchor: "a".into(),
        level,
    };
    let why = Feedback {
        step: FeedbackStep::Why,
        reason: Some(VoteReason::Other),
        text: text(),
        fault: Some(text()),
        counts: Some(VoteCounts {
            yes: 1,
            no: 1_234,
            reasons: [(VoteReason::Other, 7)].into(),
        }),
        ..Feedback::new("/help/en/articles/a/vote".into())
    };
    let thanked = Feedback {
        step: FeedbackStep::Done,
        ..why.clone()
    };
    let asked = Feedback::new(why.action.clone());
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
        feedback: Some(why),
    };
    let bare = ArticlePage {
        path: vec![],
        other_language: false,
        audience: None,
        summary: String::new(),
        outline: vec![],
        updated: None,
        feedback: None,
        ..full.clone()
    };
    let mut pages = vec![full.render(), bare.render()];
    for feedback in [asked, thanked] {
        let page = ArticlePage {
            feedback: Some(feedback),
            ..full.clone()
        };
        pages.push(page.render());
    }
    pages
}
