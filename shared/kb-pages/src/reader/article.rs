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
    /// The comments, where they are not off.
    pub comments: Option<Comments>,
    /// Whether it helped, for those who may vote.
    pub feedback: Option<Feedback>,
}

/// The comments on an article.
#[derive(Clone, Debug, Default)]
pub struct Comments {
    /// What is shown, oldest first.
    pub list: Vec<CommentLine>,
    /// Where a comment is sent; absent for those who are not signed in.
    pub post: Option<String>,
    /// The next page of them.
    pub more: Option<String>,
    /// Where those who moderate decide about them.
    pub moderate: Option<String>,
    /// A comment that was not taken, and why.
    pub refused: Option<(String, String)>,
    /// Whether a comment of the reader has just been sent and waits.
    pub sent: bool,
}

/// One comment.
#[derive(Clone, Debug)]
pub struct CommentLine {
    /// What its author is called.
    pub name: String,
    /// Whether its author works here.
    pub by_staff: bool,
    /// When: for machines and for people.
    pub at: (String, String),
    /// Its lines; a piece that is an address is a link.
    pub lines: Vec<Vec<(String, bool)>>,
    /// Whether only its author and moderators see it yet.
    pub waits: bool,
    /// Whether only moderators see it.
    pub hidden: bool,
    /// Whether it points out an error in the article.
    pub points_out_error: bool,
    /// Whether somebody has answered it.
    pub answered: bool,
    /// Whether its author has changed it.
    pub edited: bool,
    /// How its author changes it.
    pub own: Option<OwnComment>,
}

/// The form in which somebody changes their own comment.
#[derive(Clone, Debug)]
pub struct OwnComment {
    /// Where it is sent.
    pub url: String,
    /// The version that was read.
    pub version: u64,
    /// The text.
    pub text: String,
    /// Why a change was not taken.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(crate) fn comment_sample(marked: bool) -> CommentLine {
    use crate::samples::text;

    CommentLine {
        name: text(),
        by_staff: marked,
        at: ("2026-11-24".into(), "24 November 2026".into()),
        lines: vec![vec![
            (text(), false),
            ("https://example.com/?a=\"b\"".into(), true),
        ]],
        waits: marked,
        hidden: marked,
        points_out_error: marked,
        answered: marked,
        edited: marked,
        own: marked.then(|| OwnComment {
            url: "/x".into(),
            version: 7,
            text: text(),
            fault: Some(text()),
        }),
    }
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
    let comments = Comments {
        list: vec![comment_sample(false), comment_sample(true)],
        post: Some("/x".into()),
        more: Some("/x".into()),
        moderate: Some("/x".into()),
        refused: Some((text(), text())),
        sent: true,
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
        comments: Some(comments),
        feedback: Some(why),
    };
    let bare = ArticlePage {
        path: vec![],
        other_language: false,
        audience: None,
        summary: String::new(),
        outline: vec![],
        updated: None,
        comments: None,
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
